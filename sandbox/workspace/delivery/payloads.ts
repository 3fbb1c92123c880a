import { commandTeams, eventTeams, interactionTeams } from '../grid.js';
import type { Channel, Json, Person } from '../protocol.js';
import type { StoredMessage, StoredView, WorkspaceState } from '../state.js';
import type { Fields } from '../validation/problems.js';
import { apiMessage } from '../web-api/shapes.js';

/** Older apps check it in place of a signature, so it is a secret. */
export const VERIFICATION_TOKEN = 'local-verification-token';

/** Payload of a slash command; every field is a string. */
export function commandPayload(
  state: WorkspaceState,
  given: {
    user: Person;
    channel: Channel;
    command: string;
    text: string;
    triggerId: string;
    responseUrl: string;
  },
): Fields {
  const { app } = state.data;
  return {
    token: VERIFICATION_TOKEN,
    ...commandTeams(state, given.user),
    channel_id: given.channel.id,
    channel_name: channelName(given.channel),
    user_id: given.user.id,
    user_name: given.user.name,
    command: given.command,
    text: given.text,
    api_app_id: app.id,
    response_url: given.responseUrl,
    trigger_id: given.triggerId,
  };
}

/** Payload of a click in a message. */
export function messageActionPayload(
  state: WorkspaceState,
  given: {
    user: Person;
    channel: Channel;
    message: StoredMessage;
    action: Fields;
    values: Json;
    triggerId: string;
    responseUrl: string;
  },
): Fields {
  const { message, channel } = given;
  const threadTs = message.threadTs ?? (message.replyCount > 0 ? message.ts : undefined);
  return {
    ...interaction(state, 'block_actions', given.user, given.triggerId),
    container: {
      type: 'message',
      message_ts: message.ts,
      channel_id: channel.id,
      is_ephemeral: message.onlyFor !== undefined,
      ...(threadTs && { thread_ts: threadTs }),
    },
    channel: { id: channel.id, name: channelName(channel) },
    ...(message.onlyFor === undefined && { message: apiMessage(state, message, true) }),
    state: { values: given.values },
    response_url: given.responseUrl,
    actions: [given.action],
  };
}

/** Payload of a click in a modal or App Home. */
export function viewActionPayload(
  state: WorkspaceState,
  given: { user: Person; view: StoredView; action: Fields; triggerId: string },
): Fields {
  return {
    ...interaction(state, 'block_actions', given.user, given.triggerId),
    container: { type: 'view', view_id: given.view.id },
    view: given.view,
    actions: [given.action],
  };
}

export function submissionPayload(
  state: WorkspaceState,
  given: { user: Person; view: StoredView; triggerId: string },
): Fields {
  return {
    ...interaction(state, 'view_submission', given.user, given.triggerId),
    view: given.view,
    response_urls: [],
  };
}

export function closedPayload(state: WorkspaceState, given: { user: Person; view: StoredView }): Fields {
  const { trigger_id: _, ...rest } = interaction(state, 'view_closed', given.user, '');
  return { ...rest, view: given.view, is_cleared: false };
}

/** Payload of an event, in Slack's envelope. */
export function eventPayload(state: WorkspaceState, event: Fields): Fields {
  return {
    token: VERIFICATION_TOKEN,
    ...eventTeams(state, event),
    api_app_id: state.data.app.id,
    event,
    type: 'event_callback',
    event_id: state.newId('Ev'),
    event_time: Math.floor(Date.now() / 1000),
    event_context: state.newId('4-'),
  };
}

function interaction(state: WorkspaceState, type: string, user: Person, triggerId: string): Fields {
  const { app } = state.data;
  return {
    type,
    ...interactionTeams(state, user, type),
    api_app_id: app.id,
    token: VERIFICATION_TOKEN,
    trigger_id: triggerId,
  };
}

function channelName({ kind, name }: Channel): string {
  if (kind === 'im') return 'directmessage';
  return kind === 'private' ? 'privategroup' : name;
}

import type { StoredMessage, WorkspaceState } from '../state.js';
import type { Fields } from '../validation/problems.js';
import { apiMessage } from '../web-api/shapes.js';

/**
 * The event of a message in one of the app's direct messages, or of a change of it; undefined elsewhere. Slack sends these of the app's own
 * messages, too.
 */
export function directMessageEvent(
  state: WorkspaceState,
  message: StoredMessage,
  change?: Fields,
): Fields | undefined {
  const channel = state.channel(message.channel);
  if (channel?.kind !== 'im' || !channel.members.includes(state.data.app.botUser)) return undefined;
  const ts = change ? state.newTs() : message.ts;
  const about = change ? { ...change, hidden: true, ts } : apiMessage(state, message);
  return { ...about, type: 'message', channel: channel.id, channel_type: 'im', event_ts: ts };
}

/** Runs a change of a message, and returns its event. */
export function changeDirectMessage(
  state: WorkspaceState,
  message: StoredMessage,
  change: () => void,
): Fields | undefined {
  const previous_message = apiMessage(state, message);
  change();
  if (!state.message(message.channel, message.ts)) {
    const deleted = { subtype: 'message_deleted', deleted_ts: message.ts, previous_message };
    return directMessageEvent(state, message, deleted);
  }
  const changed = { subtype: 'message_changed', message: apiMessage(state, message), previous_message };
  return directMessageEvent(state, message, changed);
}

import type { Message } from './protocol.js';
import type { WorkspaceState } from './state.js';

/**
 * Records which messages notify whom, as they were posted: a new one in a direct message, and one that mentions a member of its channel. An edit
 * notifies nobody (jenkinsci/slack-plugin#706), nor does a mention of somebody who isn't in the channel (Slack's "Use mentions in Slack").
 */
export function recordNotifications(state: WorkspaceState): (user: string) => Message[] {
  const idOf = ({ channel, ts }: Message) => `${channel} ${ts}`;
  const known = new Set(state.data.messages.map(idOf));
  const notified: { user: string; message: Message }[] = [];
  state.events.on('change', (event) => {
    if (event.type !== 'message' || known.has(idOf(event.message))) return;
    const { message } = event;
    known.add(idOf(message));
    if (message.onlyFor !== undefined) return;
    const { kind, members = [] } = state.channel(message.channel) ?? {};
    const isDirect = (kind === 'im' || kind === 'mpim') && !message.threadTs;
    const mentioned = mentionsIn(message);
    for (const user of members) {
      const isOwn = user === message.user;
      if (!isOwn && (isDirect || mentioned.has(user)))
        notified.push({ user, message: structuredClone(message) });
    }
  });
  return (user) => notified.filter((each) => each.user === user).map(({ message }) => message);
}

/** People whom a message mentions. Small type is left out: nobody documents that a mention there notifies. */
function mentionsIn({ text, blocks }: Message): Set<string> {
  const shown = (blocks ?? []).filter(({ type }) => type !== 'context');
  const json = blocks ? JSON.stringify(shown) : text;
  return new Set(
    [...json.matchAll(/<@(\w+)>|"user_id":"(\w+)"/g)].map(([, one, other]) => one ?? other ?? ''),
  );
}

import type { RunInput } from './input.js';

/** Slack's session of a run in a thread: Slack shows there whether the agent works, waits for a person, or is done. */
export interface AgentSession {
  channel: string;
  /** The `ts` of the thread's root. */
  thread: string;
  /** Title of the session in people's lists. */
  title: string;
  /** User who asked. */
  user: string;
}

/** Limit for a title, in code points. Slack's limit is 200 characters; an emoji may count as two. */
const TITLE_LIMIT = 100;

/** The session of a run that was started in a thread; none for another run. Its fields go to the activities that work. */
export function sessionOf({
  channel,
  thread,
  goal,
  requester,
}: Pick<RunInput, 'channel' | 'thread' | 'goal' | 'requester'>): { session?: AgentSession } {
  if (thread === undefined) return {};
  const title = [...goal].slice(0, TITLE_LIMIT).join('');
  return { session: { channel, thread, title, user: requester.user } };
}

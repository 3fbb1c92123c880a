import type { AgentSession } from '../run/agent-session.js';
import type { AgentSessions } from './ports.js';

/**
 * Times after which the words are shown again, in milliseconds. The answer to the goal, which is posted meanwhile, takes them away, and Slack does so
 * after two minutes.
 */
const AGAIN_MS = { first: 3_000, next: 90_000 };

/**
 * Shows in Slack that the agent works, while it does. Without a session nothing is shown. The next step shows the next status; work that failed or
 * was cancelled ends this one.
 *
 * @param doing Words after the app's name, such as `is researching…`.
 */
export async function inSession<T>(
  sessions: AgentSessions,
  session: AgentSession | undefined,
  doing: string,
  work: () => Promise<T>,
): Promise<T> {
  if (!session) return await work();
  let shown = sessions.show(session, { status: 'processing', doing });
  let timer: NodeJS.Timeout | undefined;
  const showAgainAfter = (ms: number) => {
    timer = setTimeout(() => {
      shown = sessions.show(session, { status: 'processing', doing, again: true });
      showAgainAfter(AGAIN_MS.next);
    }, ms);
  };
  showAgainAfter(AGAIN_MS.first);
  try {
    const result = await work();
    clearTimeout(timer);
    // It takes two seconds at most. Otherwise it might come after the next status.
    await shown;
    return result;
  } catch (error) {
    void sessions.show(session, { status: 'active', doing: '' });
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

import type { AgentSession } from '../run/agent-session.js';
import type { AgentSessions } from './ports.js';

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
  const shown = sessions.show(session, { status: 'processing', doing });
  try {
    const result = await work();
    // It takes two seconds at most. Otherwise it might come after the next status.
    await shown;
    return result;
  } catch (error) {
    void sessions.show(session, { status: 'active', doing: '' });
    throw error;
  }
}

import type { WebClient } from '@slack/web-api';
import type { AgentSessions, Messenger, SessionStatus } from '../../activities/ports.js';
import { RemoteError } from '../../platform/errors.js';
import type { Logger } from '../../platform/log.js';
import { withTimeout } from '../../platform/with-timeout.js';
import type { AgentSession } from '../../run/agent-session.js';
import { isOver } from '../../run/card.js';
import type { MessageRef } from '../../run/message.js';
import { warnOf } from '../../telemetry/warnings.js';

/** Longest wait for Slack to show a status, in milliseconds. */
const SHOWN_WITHIN_MS = 2_000;
/** Pause before a status is shown again in its thread, in milliseconds. Slack takes some 50 such calls a minute. */
const SAME_MS = 60_000;
/** Number of threads whose last status is remembered. */
const MAX_THREADS = 1_000;

/** Slack's errors where it knows no agent sessions, or the app is not declared as an agent. */
const NO_AGENT = new Set([
  'not_authorized',
  'feature_disabled',
  'unknown_method',
  'missing_scope',
  'not_allowed_token_type',
]);

type Thread = Pick<AgentSession, 'channel' | 'thread'> & Partial<AgentSession>;

/**
 * Shows the status of agents in threads. Best effort: it never throws. Two methods are called, since only the older one takes words, and only the
 * newer one takes all statuses. A method that Slack doesn't offer to this app is named in the log, and not called again.
 */
export function createAgentSessions(client: WebClient, log: Pick<Logger, 'warn'>): AgentSessions {
  const last = new Map<string, { shown: string; at: number; sent: Promise<void> }>();
  const missing = new Set<string>();

  const call = async (method: string, ask: () => Promise<unknown>): Promise<void> => {
    if (missing.has(method)) return;
    try {
      await ask();
    } catch (error) {
      const isMissing = error instanceof RemoteError && NO_AGENT.has(error.code);
      if (!isMissing) return warnOf('agent-status', error, 'The status of a thread could not be shown');
      missing.add(method);
      log.warn(`${error.message}. ${NOT_AN_AGENT}`);
    }
  };

  const send = async ({ channel, thread, title, user }: Thread, { status, doing, again }: SessionStatus) => {
    const place = { channel_id: channel, thread_ts: thread };
    const about = { ...(title && { title }), ...(user && { initiator_user_id: user }) };
    const { sessions } = client.agents;
    const show = () => sessions.setStatus({ ...place, status, ...about });
    if (!again) await call('agents.sessions.setStatus', show);
    // Slack takes the words away with the app's next post, or after two minutes.
    if (doing === undefined) return;
    const { threads } = client.assistant;
    await call('assistant.threads.setStatus', () => threads.setStatus({ ...place, status: doing }));
  };

  return {
    async show(thread, status) {
      const key = `${thread.channel}/${thread.thread}`;
      const shown = JSON.stringify([status.status, status.doing]);
      const before = last.get(key);
      const isSame = !status.again && before?.shown === shown && Date.now() - before.at < SAME_MS;
      // A status must not reach Slack after a later one.
      const sent = isSame
        ? before.sent
        : (before?.sent ?? Promise.resolve()).then(() => send(thread, status));
      if (!isSame) {
        last.delete(key);
        last.set(key, { shown, at: Date.now(), sent });
      }
      const [oldest] = last.keys();
      if (last.size > MAX_THREADS && oldest !== undefined) last.delete(oldest);
      await withTimeout(
        SHOWN_WITHIN_MS,
        () => sent,
        () => undefined,
      );
    },
  };
}

const NOT_AN_AGENT =
  "Threads show no status of the agent; everything else works. To have it, take manifest.yml over into the app's settings, install the app again, and restart.";

/** Shows, beside the messages of runs that were started in a thread, that they wait for people or are over. */
export function withSessions<M extends Messenger>(messenger: M, sessions: AgentSessions): M {
  const show = ({ channel, thread }: MessageRef, status: SessionStatus['status'] | undefined) => {
    if (thread && status) void sessions.show({ channel, thread }, { status });
  };
  return {
    ...messenger,
    async postCard(input, once) {
      const card = await messenger.postCard(input, once);
      show(card, isOver(input.card.state) ? 'active' : 'suspended');
      return card;
    },
    async updateCard(input, signal) {
      await messenger.updateCard(input, signal);
      const { state } = input.card;
      show(input.ref, isOver(state) || state.kind === 'gone' ? 'active' : undefined);
    },
    async postInThread(input, once) {
      const message = await messenger.postInThread(input, once);
      show(input.thread, input.message.kind === 'request' ? 'suspended' : undefined);
      return message;
    },
  };
}

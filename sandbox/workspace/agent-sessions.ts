import type { AgentSession, Suggestions } from './protocol.js';
import type { WorkspaceState } from './state.js';

/** Time after which Slack takes the words of a status away, in milliseconds. Source: Slack's `assistant.threads.setStatus`. */
const WORDS_MS = 2 * 60_000;
/** Time after which Slack ends the status `processing`, in milliseconds. Source: Slack's "Agent sessions". */
const PROCESSING_MS = 3_600_000;

/** Threads in which the app works as an agent, and the prompts that it suggests. A restart forgets them. */
export class AgentSessions {
  readonly #sessions = new Map<string, AgentSession>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  /** Prompts that the app set, by person. */
  readonly suggestions: Record<string, Suggestions> = {};

  constructor(readonly state: WorkspaceState) {}

  all(): AgentSession[] {
    return [...this.#sessions.values()];
  }

  find(channel: string, thread: string): AgentSession | undefined {
    return this.#sessions.get(`${channel}:${thread}`);
  }

  /** Sets the status. A title counts only for a new session. */
  setStatus(channel: string, thread: string, status: AgentSession['status'], title?: string): AgentSession {
    const before = this.find(channel, thread) ?? { channel, thread, ...(title && { title }) };
    const { words, ...known }: Omit<AgentSession, 'status'> = before;
    const session = { ...known, status, ...(words && status === 'processing' && { words }) };
    this.#after(`${channel}:${thread}`, status === 'processing' ? PROCESSING_MS : 0, () =>
      this.setStatus(channel, thread, 'active'),
    );
    return this.#set(session);
  }

  /** Sets the words of a status; none take them away. `isAgent`: the words decide the session's status too. */
  setWords(channel: string, thread: string, words: string, { isAgent }: { isAgent: boolean }): void {
    const status = words === '' ? 'active' : 'processing';
    const { words: _, ...known } = this.find(channel, thread) ?? { channel, thread, status };
    this.#after(`${channel}:${thread} words`, words === '' ? 0 : WORDS_MS, () =>
      this.clearWords(channel, thread),
    );
    this.#set({ ...known, ...(isAgent && { status }), ...(words !== '' && { words }) });
  }

  /** A post of the app takes the words away. The session's status stays. */
  clearWords(channel: string, thread: string): void {
    const { words, ...session } = this.find(channel, thread) ?? {};
    if (words !== undefined) this.#set(session as AgentSession);
  }

  suggest(user: string, suggestions: Suggestions): void {
    this.suggestions[user] = suggestions;
    this.state.events.emit('change', { type: 'suggestions', for: user, suggestions });
  }

  #set(session: AgentSession): AgentSession {
    this.#sessions.set(`${session.channel}:${session.thread}`, session);
    this.state.events.emit('change', { type: 'session', session });
    return session;
  }

  #after(key: string, ms: number, work: () => void): void {
    clearTimeout(this.#timers.get(key));
    if (ms > 0) this.#timers.set(key, setTimeout(work, ms).unref());
  }
}

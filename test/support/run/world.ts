import type {
  AdmitRun,
  AgentSessions,
  AskPeople,
  Directory,
  Ledger,
  Messenger,
  Model,
  ReadThread,
  SessionStatus,
  Toolbox,
} from '../../../src/activities/ports.js';
import type { Person } from '../../../src/approval/person.js';
import { type ApprovalPolicy, DEFAULT_POLICY } from '../../../src/approval/policy.js';
import { RemoteError } from '../../../src/platform/errors.js';
import { untilAborted } from '../../../src/platform/with-timeout.js';
import type { RunAdmission } from '../../../src/run/admission.js';
import type { Card } from '../../../src/run/card.js';
import type { Checkpoint, LedgerHead } from '../../../src/run/event.js';
import type { Exchange, ModelCall, Turn, TurnRequest } from '../../../src/run/execution/conversation.js';
import type { ContentBlock, ToolResult, ToolSpec } from '../../../src/run/execution/tools.js';
import type {
  DecisionMessage,
  MessageRef,
  PrivateMessage,
  ResultReport,
  ThreadMessage,
} from '../../../src/run/message.js';
import type { Research } from '../../../src/run/plan.js';
import type { ThreadContext } from '../../../src/run/thread.js';
import { plan } from '../samples.js';

/** Errors of the next attempts of a step, which succeeds without one. */
type Failures = Record<
  | 'read'
  | 'search'
  | 'plan'
  | 'turn'
  | 'postCard'
  | 'updateCard'
  | 'postResult'
  | 'postInThread'
  | 'lookUp'
  | 'append',
  Error[]
>;

/** A turn as a test writes it down: its calls, or (without any) its text. */
export interface ScriptedTurn {
  text?: string;
  calls?: ModelCall[];
  end?: Turn['end'];
  usage?: Partial<Turn['usage']>;
  /** Other facts of the turn. */
  own?: Pick<
    Partial<Turn>,
    'edits' | 'container' | 'useFallback' | 'notes' | 'refusal' | 'refused' | 'refusedTools'
  >;
}

/** A request for a turn, as tests look at it. */
export interface AskedTurn extends Pick<TurnRequest, 'exchanges' | 'refused' | 'container' | 'useFallback'> {
  tools: string[];
  serverTools: string[];
}

export const transient = (retryAfterMs = 1) =>
  new RemoteError('overloaded_error', 'Overloaded', { retryable: true, retryAfterMs });
/** The model takes no request now. */
export const overloaded = (retryAfterMs?: number) =>
  new RemoteError('Overloaded', 'The model’s API is not available: Overloaded', {
    retryable: true,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
export const permanent = (code = 'InvalidRequestError') =>
  new RemoteError(code, 'Refused for good', { retryable: false });

/** The edge of the world, in memory: it records what the workflow asks of the model, of Slack and of the ledger. */
export function createWorld() {
  const failures: Failures = {
    read: [],
    search: [],
    plan: [],
    turn: [],
    postCard: [],
    updateCard: [],
    postResult: [],
    postInThread: [],
    lookUp: [],
    append: [],
  };
  const calls: {
    search: number;
    plan: { feedback?: string }[];
    execute: { note: string; by: string; title: string }[];
  } = {
    search: 0,
    plan: [],
    execute: [],
  };
  const cards = new Map<
    string,
    { ref: MessageRef; key: string; channel: string; thread: string | undefined; states: Card[] }
  >();
  const results: { thread: MessageRef; text: string }[] = [];
  const reports: ResultReport[] = [];
  const privately: { to: Person; message: PrivateMessage }[] = [];
  const told: { key: string; state: string; at: MessageRef | undefined; thread: MessageRef | undefined }[] =
    [];
  const news: { revision: number | undefined; kind: string; by: string }[] = [];
  const entries: Checkpoint[] = [];
  const reminders: {
    purpose: string;
    thread: MessageRef;
    message: DecisionMessage;
    mentioned: string[];
    at: number;
  }[] = [];
  const notices: { ref: MessageRef; states: string[] }[] = [];
  const lookUps: { group: string; fresh: boolean }[] = [];
  const groups: Record<string, string[] | undefined> = { SREVIEW: ['UBEN', 'UCHLOE'] };
  const strangers = new Set<string>();
  const guests = new Set<string>();
  const teams: Record<string, string[]> = {};
  const gone = new Set<string>();
  const changes: { from: number; to: number }[] = [];
  /** `room`: progress waits for it before it is sent; `progress`: Slack takes it only then. */
  const slow: Partial<Record<'postCard' | 'postRequest' | 'room' | 'progress', Promise<void>>> = {};
  /** The model's next turns in an execution; without any left it is done. */
  const turns: (ScriptedTurn | ((exchanges: Exchange[]) => ScriptedTurn))[] = [];
  const asked: AskedTurn[] = [];
  /** Threads in Slack, by their mention's `ts`; readings of them; and what the model got of them, call by call. */
  const threads = new Map<string, ThreadContext>();
  const readings: MessageRef[] = [];
  const material: { call: string; thread: ThreadContext | undefined }[] = [];
  const tools: ToolSpec[] = [];
  const toolCalls: { name: string; input: Record<string, unknown> }[] = [];
  const answers = new Map<
    string,
    (input: Record<string, unknown>, signal?: AbortSignal, ask?: AskPeople) => Promise<ToolResult>
  >();
  const thread = new Map<
    string,
    { ref: MessageRef; key: string; under: MessageRef; states: ThreadMessage[] }
  >();
  const watchers = new Set<() => void>();
  /** Differences in what the research finds. */
  const found: Partial<Research> = {};
  let count = 0;

  const changed = () => {
    for (const watcher of watchers) watcher();
  };
  const step = (name: keyof Failures) => {
    const failure = failures[name].shift();
    changed();
    if (failure) throw failure;
  };
  const usage = { inputTokens: 10, outputTokens: 20 };

  const model: Model = {
    async searchWeb(_goal, _signal, thread) {
      calls.search += 1;
      material.push({ call: 'search', thread });
      step('search');
      return { research: { summary: 'What matters', sources: plan.sources, ...found }, usage };
    },
    async writePlan({ previous, thread }) {
      material.push({ call: 'plan', thread });
      calls.plan.push(previous ? { feedback: previous.feedback } : {});
      step('plan');
      return { plan: previous ? { ...plan, summary: `${plan.summary} ${previous.feedback}` } : plan, usage };
    },
    async takeTurn({ plan: approved, approval, exchanges, thread, tools: offered, serverTools, ...kept }) {
      const { refused, container, useFallback } = kept;
      material.push({ call: 'turn', thread });
      if (exchanges.length === 0) calls.execute.push({ ...approval, title: approved.title });
      asked.push({
        exchanges: structuredClone(exchanges),
        ...(refused && { refused }),
        tools: offered.map(({ name }) => name),
        serverTools,
        ...(container && { container }),
        ...(useFallback && { useFallback }),
      });
      step('turn');
      const next = turns.shift() ?? { text: 'The result' };
      return turnOf(typeof next === 'function' ? next(exchanges) : next);
    },
  };

  /** Statuses of the agent that threads showed, in order. */
  const statuses: ({ thread: string } & SessionStatus)[] = [];
  const sessions: AgentSessions = {
    async show({ thread }, status) {
      statuses.push({ thread, ...status });
    },
  };

  const toolbox: Toolbox = {
    async list() {
      return tools;
    },
    leaveOut(tool) {
      tools.splice(tools.indexOf(tool), 1);
    },
    async findInputProblem(_name, input) {
      return input.title === 'no title' ? 'title is missing' : undefined;
    },
    async call(name, input, { signal, definition, ask } = {}) {
      const tool = tools.find((known) => known.name === name);
      if (tool && tool.definition !== definition)
        throw new RemoteError('ToolChanged', `The MCP server has changed ${name}, so it was not called.`);
      toolCalls.push({ name, input });
      changed();
      const answer = answers.get(name);
      return answer
        ? await answer(input, signal, ask)
        : { content: [text(`${name} did it`)], isError: false };
    },
  };

  /** Place of a message in a thread: the channel where the thread's root is gone. */
  const landIn = ({ channel, ts: root, thread: own = root }: MessageRef, ts: string): MessageRef => ({
    ...{ channel, ts },
    ...(!gone.has(own) && { thread: own }),
  });

  const messenger: Messenger = {
    async postCard({ channel, thread: inThread, card, previous, superseded, news: own }, { key }) {
      step('postCard');
      if (own) news.push({ revision: card.planned?.revision, kind: own.kind, by: own.by.user });
      if (previous && card.planned) changes.push({ from: previous.revision, to: card.planned.revision });
      count += 1;
      const isGone = inThread !== undefined && gone.has(inThread);
      const ref = { channel, ts: `${count}.0`, ...(inThread && !isGone && { thread: inThread }) };
      cards.set(ref.ts, { ref, key, channel, thread: inThread, states: [card] });
      if (superseded) cards.get(superseded.ref.ts)?.states.push({ ...superseded.card, next: ref });
      changed();
      await slow.postCard;
      return ref;
    },
    async updateCard({ ref, card }) {
      step('updateCard');
      cards.get(ref.ts)?.states.push(card);
      changed();
    },
    async tellRequester({ card, at, thread }, { key }) {
      told.push({ key, state: card.state.kind, at, thread });
      changed();
    },
    async postResult({ thread, text, report }) {
      step('postResult');
      results.push({ thread, text });
      if (report) reports.push(report);
      changed();
      return { channel: thread.channel, ts: `${thread.ts}1` };
    },
    async remindApprovers({ purpose, thread, message }) {
      const mentioned = policyOf(message)?.approvers ?? [];
      reminders.push({ purpose, thread, message, mentioned, at: Date.now() });
      changed();
      return { mentioned, posted: landIn(thread, `${thread.ts}9`) };
    },
    async notifyApprovers({ message, sent }) {
      const fresh = (policyOf(message)?.approvers ?? [])
        .filter((who) => /^[US]/.test(who))
        .map((who) => ({ channel: `D${who}`, ts: `${who}.1` }))
        .filter((ref) => !sent.some(({ channel }) => channel === ref.channel));
      notices.push(...fresh.map((ref) => ({ ref, states: [stateOf(message)] })));
      changed();
      return fresh;
    },
    async updateNotices({ message, notices: refs }) {
      for (const notice of notices) {
        if (refs.some(({ channel }) => channel === notice.ref.channel)) notice.states.push(stateOf(message));
      }
      changed();
    },
    async postInThread({ thread: under, message }, { key, lookSince }) {
      step('postInThread');
      const found = lookSince && [...thread.values()].find((posted) => posted.key === key);
      if (found) return found.ref;
      count += 1;
      const ref = landIn(under, `${count}.5`);
      thread.set(ref.ts, { ref, key, under, states: [message] });
      changed();
      if (message.kind === 'request') await slow.postRequest;
      return ref;
    },
    async updateInThread({ ref, message }, signal) {
      if (message.kind === 'progress' && message.state === 'working') {
        if (slow.room && signal) await untilAborted(slow.room, signal);
        await slow.progress;
      }
      thread.get(ref.ts)?.states.push(message);
      changed();
      return true;
    },
    async sendPrivately({ to, message }) {
      privately.push({ to, message });
      changed();
    },
  };

  const policyFile: { now?: ApprovalPolicy } = {};

  const directory: Directory = {
    async members(group, { fresh }) {
      step('lookUp');
      lookUps.push({ group, fresh });
      return groups[group];
    },
    async person({ user, team }) {
      if (!user.startsWith('U') || strangers.has(user)) return 'unknown';
      return { teams: teams[user] ?? [team], ...(guests.has(user) && { isGuest: true }) };
    },
  };

  /** Answers to runs that ask whether they may begin; without any left they may. */
  const admissions: (RunAdmission | Error)[] = [];
  const admitRun: AdmitRun = async ({ origin }) => {
    const next = admissions.shift();
    changed();
    if (next instanceof Error) throw next;
    return next ?? { kind: 'admitted', channel: origin.channel, policy: DEFAULT_POLICY };
  };

  const readThread: ReadThread = async (mention) => {
    readings.push(mention);
    step('read');
    return (
      threads.get(mention.ts) ?? { messages: 0, older: 0, transcript: '', files: [], unread: [], digest: '' }
    );
  };

  const ledger: Ledger = {
    async append(more) {
      step('append');
      const heads = new Map<string, LedgerHead>();
      for (const entry of more) {
        const { shortId } = entry;
        if (!entries.some((known) => known.shortId === shortId && known.key === entry.key))
          entries.push(entry);
        const sequence = entries.filter((known) => known.shortId === shortId).length;
        heads.set(shortId, { sequence, hash: String(sequence).padStart(64, '0') });
      }
      changed();
      return heads;
    },
  };

  return {
    model,
    messenger,
    directory,
    sessions,
    statuses,
    ledger,
    toolbox,
    /** The channel's policy by the policy file of now; unset: each run's own. */
    policyFile,
    policyFor: () => policyFile.now,
    admitRun,
    readThread,
    threads,
    found,
    readings,
    material,
    admissions,
    failures,
    turns,
    /** Requests to the model, turn by turn. */
    asked,
    /** The tools that there are, the calls that were made, and what each tool answers. */
    tools,
    toolCalls,
    answers,
    /** The messages in the thread, each with all the states it was shown in. */
    thread: () => [...thread.values()],
    /** Slack's user groups; undefined: Slack can't say. */
    groups,
    /** User ids that Slack doesn't know, and those of guests. */
    strangers,
    guests,
    /** The teams of people, by user id, where they aren't those of the click. */
    teams,
    lookUps,
    /** Which revisions were compared in a thread. */
    changes,
    reminders,
    /** Roots of threads that are gone: Slack posts into the channel where somebody posts there. */
    gone,
    notices,
    /** Posts that Slack shows at once, and answers only after this. */
    slow,
    calls,
    results,
    /** Reports in the results' footers. */
    reports,
    privately,
    /** Lines for the requester about an end, and news of revisions. */
    told,
    news,
    entries,
    /** The cards so far, each with all the states it was shown in. */
    cards: () => [...cards.values()],
    waitFor<T>(probe: () => T | undefined | false, what: string, timeoutMs = 20_000): Promise<T> {
      return new Promise((resolve, reject) => {
        const look = () => {
          const found = probe();
          if (found === undefined || found === false) return;
          clearTimeout(late);
          watchers.delete(look);
          resolve(found);
        };
        const late = setTimeout(() => {
          watchers.delete(look);
          reject(new Error(`Waited ${timeoutMs} ms for ${what}`));
        }, timeoutMs);
        watchers.add(look);
        look();
      });
    },
  };
}

export type World = ReturnType<typeof createWorld>;

const text = (words: string): ContentBlock => ({ type: 'text', text: words });

function policyOf(message: DecisionMessage) {
  return itemOf(message)?.policy;
}

function itemOf(message: DecisionMessage) {
  if ('item' in message) return message.item;
  return message.state.kind === 'waiting' ? message.state.item : undefined;
}

/** State of a card, or outcome of an item; `waiting` while it has none. */
function stateOf(message: DecisionMessage): string {
  return 'item' in message ? (message.item.outcome?.kind ?? 'waiting') : message.state.kind;
}

function turnOf({
  text: words = '',
  calls = [],
  end,
  usage = {},
  own = {},
}: ScriptedTurn): Awaited<ReturnType<Model['takeTurn']>> {
  return {
    content: [
      ...(words === '' ? [] : [text(words)]),
      ...calls.map(({ id, name, input }) => ({ type: 'tool_use', id, name, input })),
    ],
    text: words,
    calls,
    end: end ?? (calls.length > 0 ? 'calls' : 'done'),
    sources: [],
    usage: { inputTokens: 10, outputTokens: 20, ...usage },
    ...own,
  };
}

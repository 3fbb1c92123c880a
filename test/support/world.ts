import type { Ledger, Messenger, Model } from '../../src/activities/ports.js';
import type { PrivateWord } from '../../src/activities/types.js';
import type { Card } from '../../src/core/card.js';
import { RemoteError } from '../../src/core/errors.js';
import type { Person } from '../../src/core/person.js';
import type { Checkpoint, MessageRef } from '../../src/core/run.js';
import { plan } from './samples.js';

/** What a step does next: throw this, or (without one) succeed. */
type Failures = Record<'search' | 'plan' | 'execute' | 'postCard' | 'updateCard' | 'postResult', Error[]>;

export const transient = (retryAfterMs = 1) =>
  new RemoteError('overloaded_error', 'Overloaded', { retryable: true, retryAfterMs });
export const permanent = (code = 'InvalidRequestError') =>
  new RemoteError(code, 'Refused for good', { retryable: false });

/** The edge of the world, in memory: it records what the workflow asks of the model, of Slack and of the ledger. */
export function createWorld() {
  const failures: Failures = {
    search: [],
    plan: [],
    execute: [],
    postCard: [],
    updateCard: [],
    postResult: [],
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
  const cards = new Map<string, { ref: MessageRef; key: string; channel: string; states: Card[] }>();
  const results: { thread: MessageRef; text: string }[] = [];
  const words: { to: Person; word: PrivateWord }[] = [];
  const entries: Checkpoint[] = [];
  const slow: { postCard?: Promise<void> } = {};
  const watchers = new Set<() => void>();
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
    async searchWeb() {
      calls.search += 1;
      step('search');
      return { research: { summary: 'What matters', sources: plan.sources }, usage };
    },
    async writePlan({ previous }) {
      calls.plan.push(previous ? { feedback: previous.feedback } : {});
      step('plan');
      return { plan: previous ? { ...plan, summary: `${plan.summary} ${previous.feedback}` } : plan, usage };
    },
    async carryOut({ plan: approved, approval }) {
      calls.execute.push({ ...approval, title: approved.title });
      step('execute');
      return { text: 'The result', usage };
    },
  };

  const messenger: Messenger = {
    async postCard(channel, card, { key }) {
      step('postCard');
      count += 1;
      const ref = { channel, ts: `${count}.0` };
      cards.set(ref.ts, { ref, key, channel, states: [card] });
      changed();
      await slow.postCard;
      return ref;
    },
    async updateCard(ref, card) {
      step('updateCard');
      cards.get(ref.ts)?.states.push(card);
      changed();
    },
    async postResult(thread, { text }) {
      step('postResult');
      results.push({ thread, text });
      changed();
      return { channel: thread.channel, ts: `${thread.ts}1` };
    },
    async tellPerson(to, _runId, _origin, word) {
      words.push({ to, word });
      changed();
    },
  };

  const ledger: Ledger = {
    async append(more) {
      for (const entry of more) {
        if (!entries.some((known) => known.runId === entry.runId && known.key === entry.key))
          entries.push(entry);
      }
      changed();
    },
  };

  return {
    model,
    messenger,
    ledger,
    failures,
    /** What Slack shows already, but answers only after this. */
    slow,
    calls,
    results,
    words,
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

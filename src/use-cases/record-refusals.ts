import { createHash } from 'node:crypto';
import type { Decision } from '../approval/decision.js';
import type { Refusal } from '../approval/judge.js';
import type { Person } from '../approval/person.js';
import { isReported, oftenIn } from '../approval/refusals.js';
import type { Ledger } from '../ledger/index.js';
import { checkpoint, type EventData, startedEvent, startedKey } from '../run/event.js';
import type { RunInput } from '../run/input.js';
import type { RunEnd } from '../run/state.js';
import { warnAnd } from '../telemetry/warnings.js';

/** A request that a person has no right to. */
export interface RefusedRequest {
  by: Person;
  reason: Extract<EventData['refused'], { by: unknown }>['reason'];
  /** Id of the request; redeliveries by Slack share it. */
  once: string;
}

/** A person's decisions about a run that reach it in a minute. Temporal takes 10,000 signals in an execution, a few hundred a second. */
const MOST_A_MINUTE = 60;

/** Refusals are counted for so many people, requests and reasons; the oldest count is dropped. */
const MOST_COUNTED = 10_000;

export type Refusals = ReturnType<typeof createRefusals>;

/**
 * Records in the background events that no workflow can write, or not as early. Refusals of runs that the ledger doesn't know are dropped, and many of
 * one person are only counted.
 */
export function createRefusals(ledger: Pick<Ledger, 'view' | 'append'>) {
  const writing = new Set<Promise<void>>();

  const write = (shortId: string, work: () => Promise<unknown>): void => {
    const done: Promise<void> = work()
      .then(() => {})
      .catch(warnAnd('ledger-write', 'An event could not be recorded', undefined, { run: shortId }))
      .finally(() => writing.delete(done));
    writing.add(done);
  };

  const counts = new Map<string, number>();
  /** Decisions of the current minute, by run and person. */
  const recent = new Map<string, { since: number; times: number }>();

  const countRefusal = (shortId: string, { user }: Person, about: string): number => {
    const key = [shortId, user, about].join('/');
    const times = (counts.get(key) ?? 0) + 1;
    counts.delete(key);
    keep(counts, key, times);
    return times;
  };

  const writeRefusal = (
    shortId: string,
    key: string,
    refused: (end: RunEnd['state']) => EventData['refused'],
  ): void =>
    write(shortId, async () => {
      const view = await ledger.view(shortId);
      if (!view) return;
      // Without an end in the ledger Temporal ended the run, and the reconciler hasn't recorded that yet.
      const data = refused(view.end ?? 'gone');
      await ledger.append([checkpoint({ kind: 'refused', data }, { shortId, key })]);
    });

  return {
    /** Records the start of a run. A run that the ledger knows is skipped, because this execution may be a later one. */
    started(input: RunInput, executionId: string): void {
      const { shortId } = input;
      const event = checkpoint(startedEvent(input), { shortId, key: startedKey(executionId) });
      write(shortId, async () => (await ledger.view(shortId)) ?? (await ledger.append([event])));
    },
    /** Records that a failed run was retried. The ledger then says that it goes on, so nobody erases it before a worker is there. */
    retried(input: RunInput, executionId: string): void {
      const { shortId } = input;
      const event = checkpoint(startedEvent(input), { shortId, key: startedKey(executionId) });
      write(shortId, () => ledger.append([event]));
    },
    /** Records a decision about a finished run. */
    late(shortId: string, decision: Decision): void {
      const { by, request } = decision;
      const times = countRefusal(shortId, by, `late/${request}`);
      if (!isReported(times)) return;
      const key = `late/${keyOf(decision)}`;
      writeRefusal(shortId, key, (state) => ({
        decision,
        refusal: { reason: 'over', state },
        ...oftenIn(times),
      }));
    },
    /** True if a person decides about a run faster than anybody clicks. */
    isTooOften(shortId: string, { user }: Person): boolean {
      const now = Date.now();
      const key = `${shortId}/${user}`;
      const last = recent.get(key);
      const current = last && now - last.since < 60_000 ? last : { since: now, times: 0 };
      current.times += 1;
      recent.delete(key);
      keep(recent, key, current);
      return current.times > MOST_A_MINUTE;
    },
    /** Records a decision that was refused before it reached the run. Returns true if the person is to be told. */
    early(shortId: string, decision: Decision, refusal: Refusal): boolean {
      const times = countRefusal(shortId, decision.by, `${decision.request}/${refusal.reason}`);
      if (!isReported(times)) return false;
      const key = `refused/${keyOf(decision)}`;
      writeRefusal(shortId, key, () => ({ decision, refusal, ...oftenIn(times) }));
      return true;
    },
    refused(shortId: string, { by, reason, once }: RefusedRequest): void {
      const times = countRefusal(shortId, by, reason);
      if (!isReported(times)) return;
      const key = `refused/${digestOf(by.team, by.user, reason, once)}`;
      writeRefusal(shortId, key, () => ({ by, reason, ...oftenIn(times) }));
    },
    /** Resolves once everything is written. */
    async written(): Promise<void> {
      await Promise.all(writing);
    },
  };
}

/** Redeliveries of a decision share its key. */
function keyOf({ by, kind, request, slackAt, at }: Decision): string {
  return digestOf(by.team, by.user, kind, request, slackAt ?? at);
}

/** Keys of entries outlive the erasure of a run, so they name nobody. */
function digestOf(...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

/** Sets a key of a map that keeps its newest keys. */
function keep<T>(map: Map<string, T>, key: string, value: T): void {
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > MOST_COUNTED && oldest !== undefined) map.delete(oldest);
}

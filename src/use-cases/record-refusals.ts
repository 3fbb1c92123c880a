import type { Decision } from '../approval/decision.js';
import type { Person } from '../approval/person.js';
import type { Ledger } from '../ledger/index.js';
import type { Logger } from '../platform/log.js';
import { checkpoint, type EventData, startedEvent, startedKey } from '../run/event.js';
import type { RunInput } from '../run/input.js';
import type { RunEnd } from '../run/state.js';

/** Something that a person asked of a run and may not have. */
export interface RefusedRequest {
  by: Person;
  reason: Extract<EventData['refused'], { by: unknown }>['reason'];
  /** Tells it apart from their other ones; the same for every delivery by Slack. */
  once: string;
}

export type Refusals = ReturnType<typeof createRefusals>;

/** Puts on record what no workflow could, or not as soon: it is written beside what people wait for. Refusals only of runs that the ledger knows. */
export function createRefusals(ledger: Pick<Ledger, 'view' | 'append'>, log: Logger) {
  const writing = new Set<Promise<void>>();

  const write = (shortId: string, work: () => Promise<unknown>): void => {
    const done: Promise<void> = work()
      .then(() => {})
      .catch((err: unknown) => log.warn({ run: shortId, err }, 'An event could not be put on record'))
      .finally(() => writing.delete(done));
    writing.add(done);
  };

  const writeRefusal = (
    shortId: string,
    key: string,
    refused: (end: RunEnd['state']) => EventData['refused'],
  ): void =>
    write(shortId, async () => {
      const view = await ledger.view(shortId);
      if (!view) return;
      // Without an end Temporal ended it, and the reconciler hasn't said so yet.
      const data = refused(view.end ?? 'gone');
      await ledger.append([checkpoint({ kind: 'refused', data }, { shortId, key })]);
    });

  return {
    /** A run that was just started. One that the ledger knows has begun already: its execution may be a later one. */
    started(input: RunInput, executionId: string): void {
      const { shortId } = input;
      const event = checkpoint(startedEvent(input), { shortId, key: startedKey(executionId) });
      write(shortId, async () => (await ledger.view(shortId)) ?? (await ledger.append([event])));
    },
    /** A decision that came when its run was over. */
    late(shortId: string, decision: Decision): void {
      const { by, kind, request, slackAt, at } = decision;
      const key = `late/${by.team}/${by.user}/${kind}/${request}/${slackAt ?? at}`;
      writeRefusal(shortId, key, (state) => ({ decision, refusal: { reason: 'over', state } }));
    },
    refused(shortId: string, { by, reason, once }: RefusedRequest): void {
      writeRefusal(shortId, `refused/${by.team}/${by.user}/${reason}/${once}`, () => ({ by, reason }));
    },
    /** Resolves once all of it is written. */
    async written(): Promise<void> {
      await Promise.all(writing);
    },
  };
}

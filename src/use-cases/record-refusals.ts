import type { Decision } from '../approval/decision.js';
import type { Person } from '../approval/person.js';
import type { Ledger } from '../ledger/index.js';
import type { Logger } from '../platform/log.js';
import { checkpoint, type EventData, startedEvent, startedKey } from '../run/event.js';
import type { RunInput } from '../run/input.js';
import type { RunEnd } from '../run/state.js';

/** A request that a person has no right to. */
export interface RefusedRequest {
  by: Person;
  reason: Extract<EventData['refused'], { by: unknown }>['reason'];
  /** Id of the request; redeliveries by Slack share it. */
  once: string;
}

export type Refusals = ReturnType<typeof createRefusals>;

/** Records in the background events that no workflow can write, or not as early. Refusals of runs that the ledger doesn't know are dropped. */
export function createRefusals(ledger: Pick<Ledger, 'view' | 'append'>, log: Logger) {
  const writing = new Set<Promise<void>>();

  const write = (shortId: string, work: () => Promise<unknown>): void => {
    const done: Promise<void> = work()
      .then(() => {})
      .catch((err: unknown) => log.warn({ run: shortId, err }, 'An event could not be recorded'))
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
    /** Records a decision about a finished run. */
    late(shortId: string, decision: Decision): void {
      const { by, kind, request, slackAt, at } = decision;
      const key = `late/${by.team}/${by.user}/${kind}/${request}/${slackAt ?? at}`;
      writeRefusal(shortId, key, (state) => ({ decision, refusal: { reason: 'over', state } }));
    },
    refused(shortId: string, { by, reason, once }: RefusedRequest): void {
      writeRefusal(shortId, `refused/${by.team}/${by.user}/${reason}/${once}`, () => ({ by, reason }));
    },
    /** Resolves once everything is written. */
    async written(): Promise<void> {
      await Promise.all(writing);
    },
  };
}

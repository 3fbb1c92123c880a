import type { Decision } from '../approval/decision.js';
import type { Person } from '../approval/person.js';
import type { Ledger } from '../ledger/index.js';
import type { Logger } from '../log.js';
import { checkpoint, type EventData } from '../run/event.js';
import type { RunEnd } from '../run/state.js';

/** Something that a person asked of a run and may not have. */
export interface RefusedRequest {
  by: Person;
  reason: Extract<EventData['refused'], { by: unknown }>['reason'];
  /** Tells it apart from their other ones; the same for every delivery by Slack. */
  once: string;
}

/** Refusals that no workflow could put on record. They are written beside what people wait for. */
export interface Refusals {
  /** A decision that came when its run was over. */
  late(runId: string, decision: Decision): void;
  refused(runId: string, request: RefusedRequest): void;
  /** Resolves once all of it is written. */
  written(): Promise<void>;
}

export function createRefusals(ledger: Pick<Ledger, 'view' | 'append'>, log: Logger): Refusals {
  const writing = new Set<Promise<void>>();

  /** Nothing is written of a run that the ledger doesn't know. */
  const write = (
    runId: string,
    key: string,
    refused: (end: RunEnd['state']) => EventData['refused'],
  ): void => {
    const work = async () => {
      const view = await ledger.view(runId);
      if (!view) return;
      // Without an end Temporal ended it, and the reconciler hasn't said so yet.
      const data = refused(view.end ?? 'gone');
      await ledger.append([checkpoint({ kind: 'refused', data }, { runId, key })]);
    };
    const done = work()
      .catch((err: unknown) => log.warn({ run: runId, err }, 'A refusal could not be put on record'))
      .finally(() => writing.delete(done));
    writing.add(done);
  };

  return {
    late(runId, decision) {
      const { by, kind, request, slackAt, at } = decision;
      const key = `late/${by.team}/${by.user}/${kind}/${request}/${slackAt ?? at}`;
      write(runId, key, (state) => ({ decision, refusal: { reason: 'over', state } }));
    },
    refused(runId, { by, reason, once }) {
      write(runId, `refused/${by.team}/${by.user}/${reason}/${once}`, () => ({ by, reason }));
    },
    async written() {
      await Promise.all(writing);
    },
  };
}

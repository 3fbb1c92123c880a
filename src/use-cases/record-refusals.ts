import type { Decision } from '../approval/judge.js';
import type { Ledger } from '../ledger/index.js';
import type { Logger } from '../log.js';
import type { Checkpoint } from '../run/run.js';
import type { Answer } from '../run/thread.js';
import type { RefusedRequest } from '../slack/listeners/context.js';

/** What is refused where no workflow could put it on record. It is written beside what people wait for. */
export interface Refusals {
  /** A click, or an answer, that came when its run was over. */
  late(runId: string, said: Decision | Answer): void;
  /** What a person asked of a run and may not have. */
  refused(runId: string, asked: RefusedRequest): void;
  /** Resolves once all of it is written. */
  written(): Promise<void>;
}

export function createRefusals(ledger: Pick<Ledger, 'read' | 'append'>, log: Logger): Refusals {
  const writing = new Set<Promise<void>>();

  /** Nothing is written of a run that the ledger doesn't know. */
  const write = (runId: string, entry: (state: string) => Pick<Checkpoint, 'key' | 'data'>): void => {
    const work = async () => {
      const entries = await ledger.read(runId);
      if (entries.length === 0) return;
      const ended = entries.findLast(({ kind }) => kind === 'ended')?.data as { state: string } | undefined;
      // Temporal ended it, and the reconciling step hasn't said so yet.
      const { key, data } = entry(ended?.state ?? 'gone');
      await ledger.append([{ runId, key, kind: 'refused', at: new Date().toISOString(), data }]);
    };
    const done = work()
      .catch((err: unknown) => log.warn({ run: runId, err }, 'A refusal could not be put on record'))
      .finally(() => writing.delete(done));
    writing.add(done);
  };

  return {
    late: (runId, said) =>
      write(runId, (state) => {
        const refusal = { reason: 'over', state };
        const { team, user } = said.by;
        if ('question' in said) {
          return {
            key: `late/${team}/${user}/answer/${said.question}/${said.at}`,
            data: { answer: said, refusal },
          };
        }
        const key = `late/${team}/${user}/${said.kind}/${said.slackAt ?? said.at}`;
        return { key, data: { decision: said, refusal } };
      }),
    refused: (runId, { by, reason, once }) =>
      write(runId, () => ({
        key: `refused/${by.team}/${by.user}/${reason}/${once}`,
        data: { by, reason },
      })),
    async written() {
      await Promise.all(writing);
    },
  };
}

import type { Ledger } from './ports.js';
import { runActivity } from './run-activity.js';
import type { Activities } from './types.js';

export function createPersistCheckpoint(ledger: Ledger): Activities['persistCheckpoint'] {
  return (entries) =>
    runActivity(async () => {
      const heads = await ledger.append(entries);
      const head = heads.get(entries[0]?.runId ?? '');
      if (!head) throw new Error('A checkpoint has entries of one run');
      return head;
    });
}

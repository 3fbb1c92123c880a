import type { Ledger } from './ports.js';
import { runActivity } from './run-activity.js';
import type { Activities } from './types.js';

export function createPersistCheckpoint(ledger: Ledger): Activities['persistCheckpoint'] {
  return (entries) =>
    runActivity(async () => {
      const heads = await ledger.append(entries);
      return heads.get(entries[0]?.runId ?? '');
    });
}

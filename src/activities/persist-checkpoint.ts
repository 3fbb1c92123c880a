import { beating } from './beat.js';
import type { Ledger } from './ports.js';
import type { Activities } from './types.js';

export function createPersistCheckpoint(ledger: Ledger): Activities['persistCheckpoint'] {
  return (entries) =>
    beating(async () => {
      const heads = await ledger.append(entries);
      return heads.get(entries[0]?.runId ?? '');
    });
}

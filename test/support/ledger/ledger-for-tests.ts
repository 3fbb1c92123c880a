import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { type Ledger, openLedger } from '../../../src/ledger/index.js';

/** Opens a ledger of its own for the tests of a suite or file, before they begin, and closes it after them. */
export function ledgerForTests(use: (ledger: Ledger) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  let ledger: Ledger;
  before(async () => {
    ledger = await openLedger(`file:${join(folder, 'ledger.db')}`);
    use(ledger);
  });
  after(async () => {
    await ledger.close();
    rmSync(folder, { recursive: true });
  });
}

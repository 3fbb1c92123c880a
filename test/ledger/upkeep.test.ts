import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { readVariable } from '../../src/config/environment.js';
import type { Ledger } from '../../src/ledger/index.js';
import { createUpkeep } from '../../src/ledger/upkeep/upkeep.js';
import { ConfigError } from '../../src/platform/errors.js';
import { completed } from '../support/ledger/end-events.js';
import { eventsOf, started } from '../support/ledger/events.js';
import { ledgerForTests } from '../support/ledger/ledger-for-tests.js';

const DAY_MS = 86_400_000;

describe('a service with LEDGER_RETENTION', () => {
  let ledger: Ledger;
  ledgerForTests((own) => {
    ledger = own;
  });

  it('erases runs once they have been over for so long, and none without the setting', async () => {
    const young = '2026-11-25T10:00:00.000Z';
    await ledger.append([
      ...eventsOf('old', started(), completed),
      ...eventsOf('young', started(), completed).map((event) => ({ ...event, at: young })),
    ]);
    const lines: string[] = [];
    const log = { info: (_about: object, text: string) => void lines.push(text), warn: assert.fail };
    const keep = createUpkeep({ ledger, log });
    keep.start();
    await delay(0);
    await keep.stop();
    assert.deepEqual([(await ledger.read('old')).length, lines], [2, []]);
    // The events of tests are of November 2026.
    const age = Date.now() - Date.parse('2026-11-24T12:00:00.000Z');
    const upkeep = createUpkeep({ ledger, retentionMs: age, log });
    upkeep.start();
    for (let tries = 0; lines.length === 0 && tries < 200; tries += 1) await delay(25);
    await upkeep.stop();
    assert.match(lines.join(), /^Runs were erased/);
    assert.deepEqual(await ledger.read('old'), []);
    assert.equal((await ledger.read('young')).length, 2);
  });

  it('is told of a duration that is none', () => {
    const read = (LEDGER_RETENTION: string) => readVariable({ LEDGER_RETENTION }, 'LEDGER_RETENTION');
    assert.equal(read('90d'), 90 * DAY_MS);
    assert.equal(read('90 days'), 90 * DAY_MS);
    assert.equal(read(''), undefined);
    for (const [text, words] of [
      ['soon', /^LEDGER_RETENTION is no duration\. Use one such as 90d/],
      ['1h', /^LEDGER_RETENTION is shorter than a day\./],
    ] as const)
      assert.throws(
        () => read(text),
        (error) => error instanceof ConfigError && words.test(error.message),
      );
  });
});

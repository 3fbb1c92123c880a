import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { createClient } from '@libsql/client';
import { createActivities } from '../../src/activities/index.js';
import { verifyRuns } from '../../src/cli/ledger/ledger.js';
import { headInHistory, listHeads } from '../../src/temporal/heads.js';
import { createRuns } from '../../src/temporal/runs.js';
import { eventsOf, started } from '../support/ledger/events.js';
import { voted } from '../support/ledger/request-events.js';
import { workersAt } from '../support/run/test-runs.js';
import { cardOf, decisionOn } from '../support/run/votes.js';
import { createWorld } from '../support/run/world.js';
import { ana, runInput } from '../support/samples.js';
import { quietRuntime } from '../support/temporal/quiet-runtime.js';
import { devServerForTests } from '../support/temporal/suites.js';
import { withWorkers } from '../support/temporal/workers.js';

quietRuntime();

const RUNS = 100;
/** Number of runs that are under way at once. */
const AT_ONCE = 10;

describe('ledger verify, after a hundred quick runs', () => {
  const dev = devServerForTests({ withLedger: true });
  const shortIds = Array.from({ length: RUNS }, (_, index) => `quick${100 + index}`);

  async function verify(): Promise<{ holds: boolean; lines: string[] }> {
    const { client, ledger } = dev;
    const lines: string[] = [];
    const heads = {
      listed: await listHeads(client),
      exact: (shortId: string) => headInHistory(client, shortId),
    };
    const holds = await verifyRuns(ledger, { shortId: undefined, heads }, (line) => lines.push(line));
    return { holds, lines };
  }

  it('finds nothing wrong, however soon it looks', async () => {
    const world = createWorld();
    const taskQueue = randomUUID();
    const runs = createRuns(dev.client, taskQueue);
    const activities = createActivities({ ...world, ledger: dev.ledger });
    await withWorkers({ ...workersAt(dev), taskQueue, activities }, async () => {
      const waiting = [...shortIds];
      const through = async () => {
        for (let shortId = waiting.shift(); shortId !== undefined; shortId = waiting.shift()) {
          await runs.start(runInput({ shortId }));
          await runs.decide(shortId, decisionOn(await cardOf(world, shortId), 'approve', ana));
          await dev.client.workflow.getHandle(`agent-${shortId}`).result();
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, through));
    });
    const { holds, lines } = await verify();
    assert.ok(holds, lines.join('\n'));
    assert.equal(lines.length, 1, lines.join('\n'));
    assert.match(lines[0] ?? '', /^100 runs, \d+ entries: every chain holds; 100 compared/);
  });

  it('finds each tampering still', async () => {
    const [cut = '', rewritten = '', gone = '', forged = ''] = shortIds;
    const database = createClient({ url: dev.ledgerUrl });
    for (const verb of ['update', 'delete']) {
      await database.execute(`DROP TRIGGER IF EXISTS entries_no_${verb}`);
    }
    const chain = await dev.ledger.read(rewritten);
    const last = `(SELECT MAX(sequence) FROM entries WHERE run_id = '${cut}')`;
    await database.execute(`DELETE FROM entries WHERE run_id = '${cut}' AND sequence = ${last}`);
    await database.execute(`DELETE FROM entries WHERE run_id IN ('${rewritten}', '${gone}')`);
    database.close();
    await dev.ledger.append(eventsOf(rewritten, ...chain.map(() => started())));
    await dev.ledger.append(eventsOf(forged, [voted(), 'forged']));

    const { holds, lines } = await verify();
    assert.ok(!holds);
    const flaws = lines.slice(0, -1).toSorted();
    assert.equal(flaws.length, 4, lines.join('\n'));
    assert.match(flaws.join('\n'), new RegExp(`Run ${cut}: the tail is cut`));
    assert.match(flaws.join('\n'), new RegExp(`Run ${rewritten}: the chain was rewritten`));
    assert.match(flaws.join('\n'), new RegExp(`Run ${gone}: the ledger has nothing of it`));
    assert.match(flaws.join('\n'), new RegExp(`Run ${forged}: .* does not belong there`));
  });
});

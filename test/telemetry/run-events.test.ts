import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type Ledger, openLedger } from '../../src/ledger/index.js';
import type { RunEvent } from '../../src/run/event.js';
import { ledgerCounter } from '../../src/service/telemetry.js';
import { oldestWait, reportWaitingRuns } from '../../src/telemetry/leader-gauges.js';
import { eventsOf, PLAN, started } from '../support/ledger/events.js';
import { asksPlan } from '../support/ledger/request-events.js';
import { toolCall } from '../support/requests.js';
import { ana, verdict } from '../support/samples.js';
import { recordMetrics } from '../support/telemetry/meter.js';

const decided: RunEvent = { kind: 'decided', data: { ...PLAN, outcome: verdict({ kind: 'approve' }) } };
const called = (name: string): RunEvent => {
  const { input: _, ...call } = toolCall({ name });
  return { kind: 'tool-called', data: { call, outcome: 'done', text: '' } };
};
const ended: RunEvent = { kind: 'ended', data: { state: 'expired' } };

describe('counts of runs', () => {
  const recorded = recordMetrics();
  const folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  let ledger: Ledger;
  before(async () => {
    ledger = await openLedger(`file:${join(folder, 'ledger.db')}`, ledgerCounter([{ name: 'To-do list' }]));
  });
  after(async () => {
    await ledger.close();
    rmSync(folder, { recursive: true });
  });
  const times = (name: string, labels: Record<string, string>) => recorded.values(name, labels).length;

  it('count an event once, however often an activity is tried again and whoever else writes it', async () => {
    const entries = eventsOf('aaaa2345', started(), asksPlan(), decided, called('To-do_list__add'), ended);
    await ledger.append(entries.slice(0, 3));
    await ledger.append(entries);
    await ledger.append(entries);
    assert.equal(times('countersign.runs.started', { trigger: 'person' }), 1);
    assert.equal(times('countersign.runs.ended', { outcome: 'expired' }), 1);
    assert.equal(times('countersign.tool.calls', { server: 'To-do list', outcome: 'done' }), 1);
    assert.deepEqual(
      recorded.values('countersign.approval.wait', { subject: 'plan', outcome: 'approve' }),
      [1],
    );
  });

  it('tell a retry and a schedule from a command', async () => {
    await ledger.append(
      eventsOf('bbbb2345', started({ schedule: 's1' }), ended, [started({ retriedBy: ana }), 'again']),
    );
    assert.equal(times('countersign.runs.started', { trigger: 'schedule' }), 1);
    assert.equal(times('countersign.runs.started', { trigger: 'retry' }), 1);
  });

  it('have no label that a model or a server made up', async () => {
    await ledger.append(
      eventsOf(
        'cccc2345',
        started(),
        called('evil-1__x'),
        [called('evil-2__x'), 'x'],
        [called('made_up'), 'y'],
      ),
    );
    assert.equal(times('countersign.tool.calls', { server: 'unknown', outcome: 'done' }), 2);
    assert.equal(times('countersign.tool.calls', { server: 'built-in', outcome: 'done' }), 1);
    assert.ok(recorded.all().every((key) => !key.includes('evil') && !key.includes('made_up')));
  });

  it('measure appends to the ledger', () => {
    assert.ok(times('countersign.ledger.append.duration', { outcome: 'ok' }) >= 3);
  });

  it('say how many runs wait and since when, from the leader alone', async () => {
    await ledger.append(eventsOf('dddd2345', started(), asksPlan()));
    const leader = reportWaitingRuns(ledger);
    while (recorded.values('countersign.runs.waiting').length === 0) await delay(10);
    assert.equal(recorded.values('countersign.runs.waiting').at(-1), 1);
    assert.equal(recorded.values('countersign.leader').at(-1), 1);
    await leader.stop();
    const [{ open } = { open: [] }] = await ledger.waiting();
    assert.equal(oldestWait([{ open }], Date.parse('2026-11-24T11:00:01.000Z')), 3600);
    assert.equal(oldestWait([], 0), 0);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULT_POLICY, type PolicyBook } from '../../src/approval/policy.js';
import type { Ledger } from '../../src/ledger/index.js';
import type { RunInput } from '../../src/run/input.js';
import { onceCron } from '../../src/schedule/once.js';
import { retryReply } from '../../src/slack/messages/refusals/refused-click.js';
import { retryRun } from '../../src/use-cases/act-on-run.js';
import type { UseCasePorts } from '../../src/use-cases/ports.js';
import { saveSchedule } from '../../src/use-cases/schedule-runs.js';
import { findStartAgain } from '../../src/use-cases/start-again.js';
import { ended } from '../support/ledger/end-events.js';
import { eventsOf, started } from '../support/ledger/events.js';
import { ledgerForTests } from '../support/ledger/ledger-for-tests.js';
import { ana, runInput } from '../support/samples.js';

/** A service under a policy file, in a workspace whose full members are known. */
function portsWith(own: Partial<PolicyBook>, { members = [ana.user], input = runInput() } = {}) {
  const counted: string[] = [];
  const retried: { channel: string; approvers: string[] }[] = [];
  const refused: string[] = [];
  const saved: string[] = [];
  const ports = {
    policies: { default: DEFAULT_POLICY, channels: {}, ...own },
    policyFor: () => DEFAULT_POLICY,
    home: { team: 'T1' },
    directory: {
      isFullMember: async ({ user }: { user: string }) => members.includes(user),
      isInChannel: async () => true,
      person: async () => ({ teams: ['T1'] }),
    },
    runs: {
      async retry(
        _run: string,
        _execution: string,
        mayRetry: (failed: RunInput) => Promise<RunInput | false>,
      ) {
        const given = await mayRetry(input);
        if (given) retried.push({ channel: given.channel, approvers: given.policy.approvers });
        return given ? 'started' : 'not-allowed';
      },
    },
    schedules: { create: async ({ channel }: { channel: string }) => void saved.push(channel) },
    ledger: { countStart: async ({ key }: { key: string }) => void counted.push(key) },
    refusals: { refused: (_run: string, { reason }: { reason: string }) => refused.push(reason) },
    log: { warn() {}, error() {} },
  } as unknown as UseCasePorts;
  return { ports, counted, refused, saved, retried };
}

describe('Retry', () => {
  const retry = (ports: UseCasePorts) => retryRun(ports, 'execution-1', { shortId: 'r', by: ana, once: '1' });

  it('starts a run again for who may ask, and counts that as one start', async () => {
    const { ports, counted } = portsWith({ limits: { perPerson: { perDay: 9 } } });
    assert.deepEqual(await retry(ports), { kind: 'started' });
    assert.deepEqual(counted, ['r/execution-1']);
  });

  it('of a run without a card goes where cards go now, under the policy there', async () => {
    const { channel } = runInput();
    const card = { channel, ts: '1.0' };
    const now = { ...DEFAULT_POLICY, approvers: [ana.user, 'UBEN'] };
    for (const [resume, expected] of [
      [{}, { channel: 'CNOW', approvers: now.approvers }],
      [{ card }, { channel, approvers: runInput().policy.approvers }],
    ] as const) {
      const { ports, retried } = portsWith({}, { input: runInput({ resume }) });
      Object.assign(ports, { approvalChannel: 'CNOW', policyFor: () => now });
      assert.deepEqual(await retry(ports), { kind: 'started' });
      assert.deepEqual(retried, [expected]);
    }
  });

  it('starts nothing for a requester who may not ask any more, whoever clicks, and that is on record', async () => {
    const { ports, refused } = portsWith({}, { members: [] });
    assert.match(retryReply(await retry(ports)), /the person who asked can't start runs here/);
    assert.deepEqual(refused, ['cannot-retry']);
  });

  it('starts nothing in a channel where goals are no longer taken', async () => {
    const { ports } = portsWith({ channelsOnly: true, channels: { C2: {} } });
    assert.match(retryReply(await retry(ports)), /I no longer work in the channel of this run/);
  });
});

describe('Start again', () => {
  let ledger: Ledger;
  ledgerForTests((opened) => {
    ledger = opened;
  });

  it('on the run before an erased one starts a new run, because Temporal may still know the erased id', async () => {
    const over = (shortId: string) => eventsOf(shortId, started(), ended());
    await ledger.append([...over('a'), ...over('ab')]);
    const { ports } = portsWith({});
    Object.assign(ports, { ledger, approvalChannel: 'C1' });
    const next = async () => {
      const found = await findStartAgain(ports, { shortId: 'a', by: ana }, (id) => `${id}b`);
      return found.kind === 'may' ? found.run.shortId : found.kind;
    };
    assert.equal(await next(), 'abb');
    await ledger.erase(['ab']);
    assert.equal(await next(), 'abb');
  });
});

describe('a schedule', () => {
  const draft = { id: 's', cron: '0 9 * * *', timeZone: 'UTC', words: 'w', goal: 'g', requester: ana };

  it('is saved for the channel of its draft only where its plans would be posted there', async () => {
    const { ports, saved } = portsWith({});
    const forged = await saveSchedule(ports, { ...draft, channel: 'C2', origin: 'C1' });
    assert.deepEqual([forged.kind, saved], ['moved', []]);
    assert.equal((await saveSchedule(ports, { ...draft, channel: 'C1', origin: 'C1' })).kind, 'saved');
    const elsewhere = { ...ports, approvalChannel: 'C9' };
    assert.equal((await saveSchedule(elsewhere, { ...draft, channel: 'C1', origin: 'C1' })).kind, 'moved');
    assert.equal((await saveSchedule(elsewhere, { ...draft, channel: 'C9', origin: 'C1' })).kind, 'saved');
    assert.deepEqual(saved, ['C1', 'C9']);
  });

  it('that starts once is not saved after its time, nor so late that it would miss it', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-11-24T10:00:57Z') });
    const { ports, saved } = portsWith({});
    const at = (ms: number) => ({
      ...draft,
      cron: onceCron(new Date(Date.now() + ms)),
      channel: 'C1',
      origin: 'C1',
    });
    assert.equal((await saveSchedule(ports, at(-60_000))).kind, 'passed');
    assert.equal((await saveSchedule(ports, at(60_000))).kind, 'passed', 'in three seconds');
    assert.deepEqual(saved, []);
    assert.equal((await saveSchedule(ports, at(120_000))).kind, 'saved');
  });

  it('is not saved for who may not ask', async () => {
    const { ports, saved } = portsWith({}, { members: [] });
    assert.equal((await saveSchedule(ports, { ...draft, channel: 'C1', origin: 'C1' })).kind, 'refused');
    assert.deepEqual(saved, []);
  });
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, mock } from 'node:test';
import type { Person } from '../../src/approval/person.js';
import { type Ledger, openLedger } from '../../src/ledger/index.js';
import { createLog } from '../../src/platform/log.js';
import { listReply } from '../../src/slack/messages/private/list.js';
import { statusReply } from '../../src/slack/messages/private/run-replies.js';
import { inspectRun, listRuns } from '../../src/use-cases/inspect-run.js';
import type { UseCasePorts } from '../../src/use-cases/ports.js';
import { completed, ended, failed, gone } from '../support/ledger/end-events.js';
import { eventsOf, planned, posted, type Step, started } from '../support/ledger/events.js';
import { asksCall, asksPlan, voted } from '../support/ledger/request-events.js';
import { ana, ben, decision, policyWith } from '../support/samples.js';

describe('/agent list', () => {
  const folder = mkdtempSync(join(tmpdir(), 'list-'));
  let ledger: Ledger;
  let ports: UseCasePorts;
  let groupIsAway = false;
  const inGroup = { user: 'UEVA', team: ana.team };
  before(async () => {
    // The events below are of the day before, whenever the test runs.
    mock.method(Date, 'now', () => Date.UTC(2026, 10, 25));
    ledger = await openLedger(`file:${join(folder, 'ledger.db')}`);
    const members = async () => {
      if (groupIsAway) throw new Error('Slack is away');
      return [inGroup.user];
    };
    const directory = {
      members,
      person: async ({ team }: Person) => ({ teams: [team] }),
      isInChannel: async () => false,
    };
    const runs = { describe: async () => undefined };
    const home = { team: ana.team };
    ports = { ledger, directory, runs, home, log: createLog('silent') } as unknown as UseCasePorts;
    await write('first', started({ policy: policyWith({ approvers: [ben.user] }) }), completed);
    await write('second', started({ requester: ben, policy: policyWith({ approvers: ['anyone'] }) }));
    await write('third', started({ policy: policyWith({ approvers: ['SREVIEW'] }) }), failed, started());
    await write(
      'fourth',
      started({ policy: policyWith({ escalate: { afterMs: 1, to: ['SREVIEW'] } }) }),
      gone,
    );
  });
  after(async () => {
    mock.restoreAll();
    await ledger.close();
    rmSync(folder, { recursive: true });
  });

  let minutes = 0;
  /** Each run begins a minute after the one before. */
  async function write(shortId: string, ...steps: Step[]): Promise<void> {
    minutes += 1;
    const later = (at: string) => new Date(Date.parse(at) + minutes * 60_000).toISOString();
    await ledger.append(eventsOf(shortId, ...steps).map((event) => ({ ...event, at: later(event.at) })));
  }
  const listed = async (person: Person) => (await listRuns(ports, person)).map(({ shortId }) => shortId);

  it('shows a person the runs that they asked for or may approve, the newest first, each once', async () => {
    assert.deepEqual(await listed(ana), ['fourth', 'third', 'first']);
    assert.deepEqual(await listed(ben), ['second', 'first'], 'where anyone may approve, that names nobody');
    assert.deepEqual(await listed(inGroup), ['fourth', 'third'], 'also those that may be escalated to them');
    assert.deepEqual(await listed({ user: 'UZOE', team: ana.team }), []);
    assert.deepEqual(
      await listed({ user: ben.user, team: 'TELSE' }),
      ['second'],
      'a policy names its own team',
    );
  });

  it('shows the runs that name a person while Slack can’t say who is in a group', async () => {
    groupIsAway = true;
    assert.deepEqual(await listed(ana), ['fourth', 'third', 'first']);
    assert.deepEqual(await listed(inGroup), []);
    groupIsAway = false;
  });

  it('says how each stands', async () => {
    const link = 'https://x.example/card';
    const lines = listReply(await listRuns(ports, ana), new Map([['fourth', link]])).split('\n');
    assert.match(lines[0] ?? '', /newest first/);
    assert.match(
      lines[1] ?? '',
      /^• `the goal`: :octagonal_sign: Ended outside Slack · started <!date.* · <https:\/\/x\.example\/card\|Open> · run `fourth`$/,
    );
    assert.match(lines[2] ?? '', /^• `the goal`: :large_blue_circle: Planning · started/);
    assert.match(lines[3] ?? '', /^• `the goal`: :white_check_mark: Done · /);
  });

  it('says for whom a run waits, who rejected or stopped one, and that a schedule started one', async () => {
    const zoe = { user: 'UZOE', team: ana.team };
    const policy = policyWith({
      approvers: ['UBEN', 'UCHLOE', 'SREVIEW'],
      approvals: 2,
      requesterMayApprove: false,
    });
    const own = { requester: zoe, policy };
    await write('votes', started(own), planned(), asksPlan({ policy }), posted(), voted(ben));
    await write(
      'refused',
      started(own),
      ended({ state: 'rejected', decision: decision({ kind: 'reject', by: ben }) }),
    );
    await write('stopped', started({ ...own, schedule: 'daily234' }), ended({ state: 'cancelled', by: ben }));
    await write('calls', started(own), planned(), asksCall({ policy }));
    const [, ...lines] = listReply(await listRuns(ports, zoe)).split('\n');
    assert.match(
      lines[0] ?? '',
      /^• `Release notes for 2\.4`: :large_yellow_circle: 1 action waits for <@UBEN>, <@UCHLOE>, <!subteam\^SREVIEW> · until <!date/,
    );
    assert.match(
      lines[1] ?? '',
      /: :octagonal_sign: Stopped by <@UBEN> · started .* · from a schedule · run `stopped`/,
    );
    assert.match(lines[2] ?? '', /: :no_entry: Rejected by <@UBEN> · /);
    assert.match(
      lines[3] ?? '',
      /: :large_yellow_circle: Waiting for <@UCHLOE>, <!subteam\^SREVIEW> \(1 of 2\) · until <!date/,
    );
  });

  it('lists nothing whose status is unknown: the ledger has it where Temporal knows the run no more', async () => {
    const statusOf = async (shortId: string) => {
      const status = await inspectRun(ports, shortId, ana);
      return status && statusReply(status, []).split('\n')[0];
    };
    assert.equal(await statusOf('first'), 'Run `first` is done.');
    assert.equal(await statusOf('fourth'), 'Run `fourth` ended outside Slack.');
    assert.equal(await statusOf('third'), undefined, 'it has no end yet');
    assert.equal(await statusOf('fifth'), undefined);
    assert.equal(await inspectRun(ports, 'first', { user: 'UZOE', team: ana.team }), undefined);
  });
});

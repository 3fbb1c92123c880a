import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, mock } from 'node:test';
import type { Person } from '../../src/approval/person.js';
import { type Ledger, openLedger } from '../../src/ledger/index.js';
import { createLog } from '../../src/platform/log.js';
import { listReply, statusReply } from '../../src/slack/messages/private/run-replies.js';
import { inspectRun, listRuns } from '../../src/use-cases/inspect-run.js';
import type { UseCasePorts } from '../../src/use-cases/ports.js';
import { completed, failed, gone } from '../support/ledger/end-events.js';
import { eventsOf, type Step, started } from '../support/ledger/events.js';
import { ana, ben, policyWith } from '../support/samples.js';

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
    const lines = listReply(await listRuns(ports, ana)).split('\n');
    assert.match(lines[0] ?? '', /newest first/);
    assert.match(lines[1] ?? '', /^`fourth` · ended from outside · <!date.* · `the goal`$/);
    assert.match(lines[2] ?? '', /^`third` · running · /);
    assert.match(lines[3] ?? '', /^`first` · finished · /);
  });

  it('lists nothing whose status is unknown: the ledger has it where Temporal knows the run no more', async () => {
    const statusOf = async (shortId: string) => {
      const status = await inspectRun(ports, shortId, ana);
      return status && statusReply(status, []).split('\n')[0];
    };
    assert.equal(await statusOf('first'), 'Run `first` is done.');
    assert.equal(await statusOf('fourth'), 'Run `fourth` is ended from outside.');
    assert.equal(await statusOf('third'), undefined, 'it has no end yet');
    assert.equal(await statusOf('fifth'), undefined);
    assert.equal(await inspectRun(ports, 'first', { user: 'UZOE', team: ana.team }), undefined);
  });
});

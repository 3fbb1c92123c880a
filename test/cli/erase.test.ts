import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Ledger, openLedger } from '../../src/ledger/index.js';
import { completed } from '../support/ledger/end-events.js';
import { eventsOf, started } from '../support/ledger/events.js';
import { voted } from '../support/ledger/request-events.js';
import { commandLine } from '../support/product/built.js';
import { ana, ben } from '../support/samples.js';

describe('countersign ledger prune, person and erase-person', () => {
  const folder = mkdtempSync(join(tmpdir(), 'erase-cli-'));
  const url = `file:${join(folder, 'ledger.db')}`;
  let ledger: Ledger;
  const followUp = { shortId: 'anaover1', goal: 'of Ana', title: 'Her plan', result: 'It is done.' };
  const holdsHers =
    /^Run bennext1: asked for by somebody else as a follow-up on run anaover1; it holds the goal, title and result of that run\.$/m;
  before(async () => {
    ledger = await openLedger(url);
    await ledger.append([
      ...eventsOf('anaover1', started(), completed),
      ...eventsOf('anaopen1', started()),
      ...eventsOf('bennext1', started({ requester: ben, goal: 'and then', followUp }), completed),
      ...eventsOf('benover1', started({ requester: ben, goal: 'of Ben' }), voted(ana), completed),
    ]);
    await ledger.homeOpened(ana, '2026-11-24T10:00:00.000Z');
  });
  after(async () => {
    await ledger.close();
    rmSync(folder, { recursive: true });
  });
  const run = (...args: string[]) =>
    spawnSync(process.execPath, commandLine('ledger', ...args), {
      env: { PATH: process.env.PATH, DATABASE_URL: url },
      cwd: folder,
      encoding: 'utf8',
    });

  it('finds the runs that a person asked for, and their votes elsewhere', () => {
    const found = run('person', ana.user);
    assert.equal(found.status, 0, found.stderr);
    assert.match(found.stdout, /^Run anaover1: asked for on 2026-11-24T/m);
    assert.match(found.stdout, /^Run anaopen1: asked for on/m);
    assert.match(found.stdout, /^Run benover1: asked for by somebody else, with UANA in .*voted/m);
    assert.match(found.stdout, holdsHers);
    assert.match(found.stdout, /^UANA: 2 own runs, named in 2 others\.$/m);
    assert.match(run('person', `TOTHER/${ana.user}`).stdout, /: 0 own runs/);
    assert.match(run('person', 'ana@example.com').stderr, /is no person\. Give the id that Slack shows/);
  });

  it('erases a person’s runs when it is told twice, but for one that goes on', async () => {
    const asked = run('erase-person', ana.user);
    assert.equal(asked.status, 2);
    assert.match(
      asked.stderr,
      /^This would erase 2 runs that UANA asked for, for ever\. To do it: .* --yes$/m,
    );
    assert.equal((await ledger.read('anaover1')).length, 2);

    const erased = run('erase-person', `${ana.team}/${ana.user}`, '--yes');
    assert.equal(erased.status, 1, 'one is left');
    assert.match(erased.stdout, /^Erased: 1 of 2 runs that T1\/UANA asked for\.$/m);
    assert.match(erased.stdout, /^Run anaopen1 goes on, and was not erased\. Stop it/m);
    assert.match(erased.stdout, holdsHers);
    assert.deepEqual(await ledger.read('anaover1'), []);
    assert.equal((await ledger.read('anaopen1')).length, 1);
    assert.equal((await ledger.read('benover1')).length, 3);
    assert.deepEqual(await ledger.homesOpened('2026-11-24T00:00:00.000Z', 5), []);
    assert.equal(run('verify', '--offline').status, 0);
  });

  it('prunes what is older than a duration or a date, in a ledger that is there', () => {
    assert.match(
      run('prune', '--before', '2026-01-01').stdout,
      /^0 runs were erased that had not changed since 2026-01-01T/,
    );
    assert.match(run('prune', '--before', 'soon').stderr, /^--before: give a duration such as 90d/m);
    assert.match(run('prune', '--before', '2999-01-01').stderr, /^--before: 2999-01-01 is in the future/m);
    assert.match(run('prune', '--before', new Date().toISOString()).stdout, /^2 runs were erased/);
    assert.match(run('verify', '--offline').stdout, /^Run benover1: erased on .*, 3 entries\.$/m);
    const nowhere = run('prune', '--before', '90d', '--directory', 'nowhere');
    assert.match(nowhere.stderr, /There is no ledger of a sandbox/);
  });
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openLedger } from '../../src/ledger/index.js';
import { eventsOf, started } from '../support/ledger/events.js';
import { commandLine } from '../support/product/built.js';

describe('countersign ledger', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ledger-cli-')));
  const file = join(folder, 'data/sandbox/ledger.db');
  before(async () => {
    mkdirSync(join(folder, 'data/sandbox'), { recursive: true });
    const ledger = await openLedger(`file:${file}`);
    await ledger.append(eventsOf('abcd2345', started({})));
    await ledger.close();
  });
  after(() => rmSync(folder, { recursive: true }));

  const run = (args: string[], own: Record<string, string> = {}) => {
    const env = { PATH: process.env.PATH, ...own };
    return spawnSync(process.execPath, commandLine('ledger', ...args), {
      cwd: folder,
      env,
      encoding: 'utf8',
    });
  };

  it('reads the sandbox’s ledger with --sandbox, and says which ledger it reads beside the data', () => {
    for (const place of [['--sandbox'], ['--directory', 'data/sandbox']]) {
      const { status, stdout, stderr } = run(['show', 'abcd2345', ...place]);
      assert.equal(status, 0, stderr);
      assert.equal(stderr, `Ledger: ${file}\n`);
      assert.equal(JSON.parse(stdout).kind, 'started');
    }
  });

  it('says which ledger it reads without --sandbox, too', () => {
    const { status, stdout, stderr } = run(['export'], { DATABASE_URL: 'file:data/sandbox/ledger.db' });
    assert.equal(status, 0, stderr);
    assert.equal(stderr, `Ledger: ${file}\n`);
    assert.match(stdout, /abcd2345/);
  });

  it('names --sandbox where only the sandbox has a ledger', () => {
    const { status, stdout, stderr } = run(['export']);
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(
      stderr,
      /^DATABASE_URL: .*there is no such file.* To read the sandbox's, add --sandbox\.\n$/,
    );
  });

  it('says that a sandbox has no ledger yet', () => {
    const { status, stderr } = run(['export', '--directory', 'elsewhere']);
    assert.equal(status, 1);
    assert.match(stderr, /^There is no ledger of a sandbox at .*elsewhere\/ledger\.db\. Start the sandbox/);
  });

  it('ends without a word when nobody reads on', async () => {
    const ledger = await openLedger(`file:${folder}/long.db`);
    await ledger.append(eventsOf('long2345', started({ goal: 'x'.repeat(300_000) })));
    await ledger.close();
    const command = [process.execPath, ...commandLine('ledger', 'export')]
      .map((word) => `'${word}'`)
      .join(' ');
    const env = { PATH: process.env.PATH, DATABASE_URL: `file:${folder}/long.db` };
    const { stdout, stderr } = spawnSync('sh', ['-c', `${command} | head -c 1`], { env, encoding: 'utf8' });
    assert.deepEqual([stdout, stderr], ['{', `Ledger: ${folder}/long.db\n`]);
  });

  it('checks the chains alone with --offline, and says how where Temporal is away', () => {
    assert.match(run(['verify', '--sandbox', '--offline']).stdout, /^1 run, 1 entry: every chain holds; not/);
    const away = run(['verify'], { DATABASE_URL: `file:${file}`, TEMPORAL_ADDRESS: '127.0.0.1:1' });
    assert.equal(away.status, 1);
    assert.match(away.stderr, /^TEMPORAL_ADDRESS: .*"--offline" checks the chains without Temporal\.$/m);
  });

  it('makes the tables with migrate, with nothing but DATABASE_URL, in a file that is not there yet', () => {
    const env = { PATH: process.env.PATH, DATABASE_URL: 'file:new/ledger.db' };
    const options = { cwd: folder, env, encoding: 'utf8' } as const;
    const made = spawnSync(process.execPath, commandLine('migrate'), options);
    assert.equal(made.status, 0, made.stderr);
    assert.match(made.stdout, /^The tables of .*\/new\/ledger\.db are of version 1\.\n$/);
    assert.equal(run(['export'], { DATABASE_URL: 'file:new/ledger.db' }).status, 0);
  });
});

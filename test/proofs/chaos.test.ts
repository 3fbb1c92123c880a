import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { postgresPath } from '../support/ledger/postgres.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const skip = postgresPath() ? false : 'there is no PostgreSQL here: install it, or set POSTGRES_BIN';

/** Fails with all that chaos says, unless every invariant held. Returns what it said. */
async function expectNoViolation(...options: string[]): Promise<string> {
  const child = spawn('npm', ['run', 'chaos', '--', '--runs', '6', '--seed', '7', ...options], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += String(data)));
  const [code] = await once(child, 'exit');
  assert.equal(code, 0, output);
  assert.match(output, /\d+ runs, .*: 0 violations/);
  return output;
}

describe('npm run chaos', () => {
  it('breaks no promise to anybody in a few runs under random faults', async () => {
    await expectNoViolation();
  });

  it('breaks none with two bots and two workers, one of which ends every ten seconds', { skip }, async () => {
    const output = await expectNoViolation('--replicas', '2');
    assert.match(output, /(bot|worker) (killed|restarted by SIGTERM)/);
  });
});

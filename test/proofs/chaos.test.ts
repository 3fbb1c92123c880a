import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('npm run chaos', () => {
  it('breaks no promise to anybody in a few runs under random faults', async () => {
    const child = spawn('npm', ['run', 'chaos', '--', '--runs', '6', '--seed', '7'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += String(data)));
    const [code] = await once(child, 'exit');
    assert.equal(code, 0, output);
    assert.match(output, /\d+ runs, .*: 0 violations/);
  });
});

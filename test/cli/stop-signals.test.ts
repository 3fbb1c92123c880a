import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

const script = `
  const { stopRequested } = await import('${new URL('../../src/cli/stop-signals.ts', import.meta.url)}');
  const asked = stopRequested({ warn: (line) => console.log(line) });
  setTimeout(() => {}, 60_000);
  console.log('up');
  console.log(await asked);
  setTimeout(() => process.exit(0), 4_000);
`;

/** Sends signals to a process that stops slowly, each after a pause; returns its exit code and words. */
async function send(...signals: [NodeJS.Signals, number][]) {
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (data) => (output += String(data)));
  const exit = once(child, 'exit');
  while (!output.includes('up')) await delay(20);
  for (const [signal, pauseMs] of signals) {
    await delay(pauseMs);
    child.kill(signal);
  }
  const [code] = await exit;
  return { code, output };
}

describe('a signal to the service', () => {
  it('asks for a stop in peace, also where npm passes on the Ctrl-C that the terminal has sent', async () => {
    const { code, output } = await send(['SIGINT', 0], ['SIGINT', 50]);
    assert.equal(code, 0);
    assert.match(output, /SIGINT/);
  });

  it('ends the process at once when it is the second one, as people expect of Ctrl-C', async () => {
    const { code, output } = await send(['SIGINT', 0], ['SIGTERM', 1_200]);
    assert.equal(code, 1);
    assert.match(output, /Stopped at once by a second signal/);
  });
});

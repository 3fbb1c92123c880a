import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { type Command, CommanderError } from 'commander';
import { createProgram } from '../../src/cli/program.js';
import { packageVersion } from '../../src/platform/package-file.js';
import { commandLine } from '../support/product/built.js';

const sandbox = () => assert.fail('no command runs');

/** Every command, with the words that call it. */
function commandsOf(command: Command, words: string[] = []): { command: Command; words: string[] }[] {
  const inner = command.commands.flatMap((one) => commandsOf(one, [...words, one.name()]));
  return [{ command, words }, ...inner];
}

/** Parses a command line in this process, and returns its exit code and what it wrote. */
async function parse(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: [] as string[], err: [] as string[] };
  const program = createProgram({ sandbox });
  for (const { command } of commandsOf(program))
    command.configureOutput({
      writeOut: (text) => void said.out.push(text),
      writeErr: (text) => void said.err.push(text),
    });
  const error: unknown = await program.parseAsync(args, { from: 'user' }).catch((thrown) => thrown);
  assert.ok(error instanceof CommanderError, args.join(' '));
  return { code: error.exitCode, out: said.out.join(''), err: said.err.join('') };
}

describe('the command line', () => {
  const commands = commandsOf(createProgram({ sandbox }));

  it('prints the version of the package', async () => {
    assert.deepEqual(await parse('--version'), { code: 0, out: `${packageVersion()}\n`, err: '' });
  });

  for (const { words } of commands) {
    const name = ['countersign', ...words].join(' ');
    it(`prints the help of ${name}, and does nothing else`, async () => {
      const { code, out } = await parse(...words, '--help');
      assert.equal(code, 0);
      assert.ok(out.startsWith(`Usage: ${name} `), out);
    });
  }

  const wrong: [string[], RegExp][] = [
    [['frobnicate'], /^error: unknown command 'frobnicate'\n\nUsage: countersign /],
    [['doctr'], /Did you mean doctor\?/],
    [['start', 'now'], /^error: too many arguments for 'start'/],
    [['ledger', 'shw', 'x'], /Did you mean show\?\)\n\nUsage: countersign ledger /],
    [['ledger', 'show'], /^error: missing required argument 'run'/],
    [['ledger', 'verify', '--ofline'], /Did you mean --offline\?/],
    [['sandbox', '--grid', 'both'], /Allowed choices are workspace, organization/],
    [['mcp', 'login'], /^error: missing required argument 'server'/],
    [['mcp', 'list', 'x'], /^error: too many arguments for 'list'/],
    [['mcp', 'login', 'x', '--device', '--client-credentials'], /cannot be used with/],
    [['versions', 'currant'], /^error: /],
    [['ledger'], /^Usage: countersign ledger /],
  ];
  for (const [args, message] of wrong) {
    it(`shows the usage for ${args.join(' ')}, and runs nothing`, async () => {
      const { code, out, err } = await parse(...args);
      assert.notEqual(code, 0);
      assert.equal(out, '');
      assert.match(err, message);
      assert.match(err, /^Usage: countersign /m);
    });
  }

  it('exits with 2 for a wrong word, with 1 for a failure, and with 0 for help', () => {
    const exit = (...args: string[]) => {
      const env = { PATH: process.env.PATH, DATABASE_URL: 'file:/nowhere/ledger.db' };
      return spawnSync(process.execPath, commandLine(...args), { env, encoding: 'utf8' });
    };
    assert.equal(exit('frobnicate').status, 2);
    assert.equal(exit('ledger', 'verify', '--head', '1:ff').status, 2, 'no run');
    assert.equal(exit('ledger', 'export', '--format', 'xml').status, 2);
    assert.equal(exit('ledger', 'export').status, 1, 'no such ledger');
    const help = exit('start', '--help');
    assert.deepEqual([help.status, help.stderr], [0, '']);
  });

  it('is in the docs, with each command and option', () => {
    const docs = readFileSync('docs/command-line.md', 'utf8');
    for (const { command, words } of commands.filter(({ command }) => command.commands.length === 0)) {
      assert.ok(docs.includes(words.join(' ')), words.join(' '));
      for (const { long } of command.options)
        assert.ok(docs.includes(long ?? ''), `${words.join(' ')} ${long}`);
    }
  });
});

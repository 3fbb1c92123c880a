import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reasonOf } from '../../src/platform/errors.js';
import { textOf } from '../../src/run/execution/tools.js';
import { createToolbox } from '../../src/tools/index.js';
import type { RealServer } from './servers.js';

const START_WITHIN_MS = 60_000;
const CALL_WITHIN_MS = 60_000;

/** Result of one server. `problem`: why it failed. `leftOut`: tools that the service doesn't offer, with the reasons. */
export interface Row {
  server: string;
  tools: number;
  readOnly: number;
  kilobytes: number;
  called: string;
  leftOut: string[];
  problem?: string;
}

/** Makes a folder with something in it to read. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'real-servers-'));
  writeFileSync(join(folder, 'hello.txt'), 'Hello\n');
  writeFileSync(join(folder, 'hello.js'), 'export const hello = 1;\n');
  writeFileSync(join(folder, 'eslint.config.js'), 'export default [];\n');
  execFileSync('git', ['init', '--quiet', folder]);
  return folder;
}

function programOf(packages: string, name: string): string {
  const folder = join(packages, name);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    bin: string | Record<string, string>;
  };
  const programs = typeof bin === 'string' ? [bin] : Object.values(bin);
  return join(folder, programs[0] ?? '');
}

/** Starts a server, lists its tools and makes its call, all as the service does. `packages`: where it is installed. */
export async function examine(
  server: RealServer,
  { packages, cwd }: { packages: string; cwd: string },
): Promise<Row> {
  const { package: name, version, args = [], env = {}, call } = server;
  const warnings: { fields: object; message: string }[] = [];
  const toolbox = createToolbox({
    servers: [
      {
        ...{ name: 's', transport: 'stdio', command: process.execPath, cwd, env },
        args: [programOf(packages, name), ...args],
      },
    ],
    log: {
      debug: () => {},
      info: () => {},
      warn: (fields, message) => void warnings.push({ fields, message }),
    },
  });
  const row = {
    server: `${name}@${version}`,
    tools: 0,
    readOnly: 0,
    kilobytes: 0,
    called: '',
    leftOut: [] as string[],
  };
  try {
    for (const deadline = Date.now() + START_WITHIN_MS; toolbox.problems().length > 0; ) {
      const [problem] = toolbox.problems();
      const isOver = Date.now() > deadline || problem?.reason !== 'it is still starting.';
      if (isOver) return { ...row, problem: problem?.reason ?? '' };
      await new Promise((later) => setTimeout(later, 100));
    }
    const tools = (await toolbox.list()).filter((tool) => tool.name.startsWith('s__'));
    row.tools = tools.length;
    row.readOnly = tools.filter(({ readOnly }) => readOnly).length;
    row.kilobytes = Math.round(JSON.stringify(tools).length / 1_024);
    row.leftOut = warnings.flatMap(({ fields, message }) =>
      'tool' in fields ? [`${fields.tool}: ${message.replace(/^.*?: /, '')}`] : [],
    );
    if (tools.length === 0) return { ...row, problem: 'it has no tools.' };
    if (!call) return row;
    row.called = call.tool;
    const result = await toolbox.call(`s__${call.tool}`, call.input, {
      signal: AbortSignal.timeout(CALL_WITHIN_MS),
    });
    const text = textOf(result);
    if (!result.isError && call.answers.test(text)) return row;
    return { ...row, problem: `its answer was not expected: ${text.slice(0, 300)}` };
  } catch (error) {
    return { ...row, problem: reasonOf(error) };
  } finally {
    await toolbox.close();
  }
}

import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { examine, makeFolder, type Row } from './examine.js';
import { type RealServer, serversIn } from './servers.js';

/**
 * Lists the tools of real MCP servers from npm as the service does, and calls one that only reads where that needs no account. The servers
 * are installed into `.cache/real-servers`. Exits with 1 when a server can't be listed or a call fails.
 *
 * Usage: `npm run real-servers`; `-- --only filesystem` for the packages whose name holds a text.
 */
const { values } = parseArgs({ options: { only: { type: 'string' } } });
const CACHE = resolve('.cache/real-servers');

function install(servers: RealServer[]): void {
  mkdirSync(CACHE, { recursive: true });
  const dependencies = Object.fromEntries(servers.map(({ package: name, version }) => [name, version]));
  const wanted = JSON.stringify({ private: true, dependencies }, undefined, 2);
  const file = join(CACHE, 'package.json');
  writeFileSync(file, wanted);
  // Scripts of packages are not run: what they would download is not needed to list tools.
  const args = [
    'install',
    '--prefix',
    CACHE,
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel',
    'error',
  ];
  execFileSync('npm', args, { stdio: 'inherit' });
}

const folder = makeFolder();
const servers = serversIn(folder).filter(({ package: name }) => name.includes(values.only ?? ''));
try {
  install(servers);
  const rows: Row[] = [];
  for (const server of servers) {
    const row = await examine(server, { packages: join(CACHE, 'node_modules'), cwd: folder });
    rows.push(row);
    const called = row.called === '' ? 'listed' : `called ${row.called}`;
    const what =
      row.problem ?? `${row.tools} tools, ${row.readOnly} read only, ${row.kilobytes} KB; ${called}`;
    console.log(`${row.problem === undefined ? 'ok   ' : 'WRONG'} ${row.server}: ${what}`);
    for (const tool of row.leftOut) console.log(`      left out: ${tool}`);
  }
  const well = rows.filter(({ problem }) => problem === undefined);
  const sum = rows.reduce((total, { tools }) => total + tools, 0);
  console.log(`${well.length} of ${rows.length} servers are well, with ${sum} tools`);
  if (well.length < rows.length) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unusedPort } from '../temporal/temporal.js';
import { chownToPostgres, untilUp } from './postgres.js';

/** Debian's place for PgBouncer; PGBOUNCER_BIN names another. */
const DEBIAN = '/usr/sbin/pgbouncer';

/** PgBouncer's program, or undefined where there is none. */
export function pgbouncerPath(): string | undefined {
  return process.env.PGBOUNCER_BIN ?? (existsSync(DEBIAN) ? DEBIAN : undefined);
}

/** PgBouncer in transaction mode, as it is by default, before a PostgreSQL server. Five connections serve all clients of a user. */
export async function startPgbouncer(postgresUrl: string, users: string[]) {
  const program = pgbouncerPath();
  if (!program) throw new Error('There is no PgBouncer here: install it, or set PGBOUNCER_BIN');
  const folder = mkdtempSync(join(tmpdir(), 'pgbouncer-'));
  const port = await unusedPort();
  const { port: behind } = new URL(postgresUrl);
  const userList = join(folder, 'users.txt');
  writeFileSync(userList, users.map((user) => `"${user}" ""\n`).join(''));
  const settings = join(folder, 'pgbouncer.ini');
  writeFileSync(
    settings,
    `[databases]
* = host=127.0.0.1 port=${behind}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${userList}
pool_mode = transaction
default_pool_size = 5
`,
  );
  const own = chownToPostgres(folder, settings, userList);
  const server = spawn(program, ['-q', settings], { ...own, cwd: folder, stdio: 'ignore' });
  const url = new URL(postgresUrl);
  url.port = String(port);
  await untilUp(url.href);
  return {
    url: url.href,
    async stop(): Promise<void> {
      const ended = once(server, 'exit');
      server.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

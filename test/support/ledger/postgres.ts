import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { unusedPort } from '../temporal/temporal.js';

/** Debian's place for PostgreSQL; POSTGRES_BIN names another. */
const DEBIAN = '/usr/lib/postgresql';

/** The folder of PostgreSQL's programs, or undefined where there is none. */
export function postgresPath(): string | undefined {
  const given = process.env.POSTGRES_BIN;
  if (given) return given;
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).toSorted((a, b) => Number(b) - Number(a)) : [];
  return versions
    .map((version) => join(DEBIAN, version, 'bin'))
    .find((bin) => existsSync(join(bin, 'initdb')));
}

/** A PostgreSQL server of its own, with an empty database; it refuses root, so root runs it as the user `postgres`. */
export async function startPostgres() {
  const bin = postgresPath();
  if (!bin) throw new Error('There is no PostgreSQL here: install it, or set POSTGRES_BIN');
  const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
  const user = chownToPostgres(folder);
  const data = join(folder, 'data');
  const password = 'sesame';
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'countersign', '-A', 'trust', '--no-sync'], {
    ...user,
    cwd: folder,
    stdio: 'ignore',
  });
  const port = await unusedPort();
  const start = () =>
    spawn(join(bin, 'postgres'), ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder], {
      ...user,
      cwd: folder,
      stdio: 'ignore',
    });
  let server = start();
  const stop = async () => {
    const ended = once(server, 'exit');
    server.kill('SIGINT');
    await ended;
  };
  const url = `postgres://countersign:${password}@127.0.0.1:${port}/postgres`;
  await untilUp(url);
  return {
    url,
    /** Ends its connections as a fail-over does, and brings it back. */
    async restart(): Promise<void> {
      await stop();
      server = start();
      await untilUp(url);
    },
    async stop(): Promise<void> {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Where root runs the tests, gives the user `postgres` the files, and returns the ids of that user. */
export function chownToPostgres(...paths: string[]): { uid: number; gid: number } | undefined {
  const user = process.getuid?.() === 0 ? idsOf('postgres') : undefined;
  if (user) for (const path of paths) chownSync(path, user.uid, user.gid);
  return user;
}

/** Waits until a server takes connections. */
export async function untilUp(url: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await delay(50);
    }
  }
}

function idsOf(name: string): { uid: number; gid: number } {
  const id = (flag: string) => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

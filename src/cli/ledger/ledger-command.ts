import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readVariable } from '../../config/environment.js';
import type { Format } from '../../ledger/export.js';
import { BEGINNING, openLedgerToRead, withoutPassword } from '../../ledger/index.js';
import { ConfigError, CountersignError } from '../../platform/errors.js';
import { prepareEnvironment } from '../prepare-environment.js';
import { followEntries } from './follow.js';
import { exportRuns, headOf, type OutsideHeads, showRun, verifyRuns } from './ledger.js';

/** Options that name a sandbox in place of the service of the environment. */
export interface Place {
  sandbox?: true;
  directory?: string;
}

/** Exit code when the reader of a pipe has gone, as in `… | head`: that of a program which SIGPIPE ends. */
const READER_GONE = 141;

type OpenedLedger = Awaited<ReturnType<typeof openLedgerToRead>>;

/** Folder of a sandbox that was started without `--directory`. */
const SANDBOX_FOLDER = 'data/sandbox';

const say = (line: string) => console.log(line);

/** Prints a run's entries. */
export async function show(shortId: string, place: Place): Promise<void> {
  await withLedger(place, async (ledger) => showRun(ledger, shortId, say));
}

/** Prints the entries of all runs, or of one. With a cursor, or to follow them: in the order in which they were written. */
export async function exportAll(
  shortId: string | undefined,
  { format, since, follow, ...place }: Place & { format: Format; since?: string; follow?: true },
): Promise<void> {
  const isOrdered = since !== undefined || follow === true;
  if (isOrdered && (shortId !== undefined || format !== 'jsonl'))
    throw new CountersignError(
      'Usage',
      '--since, --follow: these print the entries of all runs as JSON lines. Leave the run and "--format csv" out.',
    );
  if (!isOrdered) return await withLedger(place, (ledger) => exportRuns(ledger, { shortId, format }, say));
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
  const following = { since: since ?? BEGINNING, follow: follow === true, signal: stop.signal };
  const warn = (text: string) => console.error(text);
  await withLedger(place, (ledger) => followEntries(ledger, following, process.stdout, warn));
}

/** Checks the chains of all runs, or of one. Sets the exit code to 1 when one is broken. */
export async function verify(
  shortId: string | undefined,
  { head, offline, ...place }: Place & { head?: string; offline?: true },
): Promise<void> {
  if (head !== undefined && shortId === undefined)
    throw new CountersignError(
      'Usage',
      '--head: name the run too: countersign ledger verify <run> --head 12:3fa9…',
    );
  const told = head !== undefined && shortId !== undefined && new Map([[shortId, headOf(head)]]);
  await withLedger(place, async (ledger, env) => {
    const check = async (heads?: OutsideHeads) => {
      process.exitCode = (await verifyRuns(ledger, { shortId, heads }, say)) ? 0 : 1;
    };
    if (told) await check({ listed: told });
    else if (offline) await check();
    else await compareWithTemporal(ledger, env, check).catch(adviseOffline);
  });
}

async function compareWithTemporal(
  ledger: OpenedLedger,
  env: NodeJS.ProcessEnv,
  check: (heads: OutsideHeads) => Promise<void>,
): Promise<void> {
  const { headInHistory, listHeads } = await import('../../temporal/heads.js');
  const { withTemporal } = await import('../with-temporal.js');
  await withTemporal({ keys: readVariable(env, 'PAYLOAD_KEYS').keys }, async ({ strictClient }) =>
    check({
      listed: await listHeads(strictClient, new Set(await ledger.runs())),
      exact: (id) => headInHistory(strictClient, id),
    }),
  );
}

function adviseOffline(error: unknown): never {
  if (!(error instanceof ConfigError)) throw error;
  const advice = '"--offline" checks the chains without Temporal.';
  throw new ConfigError(error.code, `${error.message} ${advice}`, { cause: error });
}

/** Opens a ledger, to read unless `open` says otherwise, and says on stderr which one, because stdout is data. */
export async function withLedger<Opened extends { close(): Promise<void> } = OpenedLedger>(
  { sandbox, directory }: Place,
  work: (ledger: Opened, env: NodeJS.ProcessEnv) => Promise<void>,
  open: (url: string) => Promise<Opened> = openLedgerToRead as never,
): Promise<void> {
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) =>
    process.exit(code === 'EPIPE' ? READER_GONE : 1),
  );
  const env = prepareEnvironment();
  if (sandbox || directory !== undefined) readFromSandbox(env, resolve(directory ?? SANDBOX_FOLDER));
  const url = readVariable(env, 'DATABASE_URL');
  const ledger = await open(url).catch(adviseSandbox);
  console.error(`Ledger: ${placeOf(url)}`);
  try {
    await work(ledger, env);
  } finally {
    await ledger.close();
  }
}

/** Sets the variables with which a sandbox's ledger and its Temporal server are found. */
function readFromSandbox(env: NodeJS.ProcessEnv, folder: string): void {
  const file = join(folder, 'ledger.db');
  if (!existsSync(file))
    throw new CountersignError(
      'NoSandbox',
      `There is no ledger of a sandbox at ${file}. Start the sandbox first: npm run sandbox.`,
    );
  for (const name of Object.keys(env)) if (name.startsWith('TEMPORAL_')) delete env[name];
  env.TEMPORAL_CONFIG_FILE = join(folder, 'temporal.toml');
  env.DATABASE_URL = `file:${file}`;
  // The sandbox is on this machine, where no proxy helps.
  env.no_proxy = '*';
}

function adviseSandbox(error: unknown): never {
  const hasSandbox = existsSync(join(SANDBOX_FOLDER, 'ledger.db'));
  if (!(error instanceof ConfigError) || !hasSandbox) throw error;
  throw new ConfigError(error.code, `${error.message} To read the sandbox's, add --sandbox.`, {
    cause: error,
  });
}

/** The ledger's place, for people: an absolute path, or an address without its password. */
export function placeOf(url: string): string {
  const shown = withoutPassword(url);
  return shown.startsWith('file:') ? resolve(shown.slice('file:'.length)) : shown;
}

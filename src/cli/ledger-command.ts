import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readVariable } from '../config/environment.js';
import type { Format } from '../ledger/export.js';
import { openLedgerToRead, withoutPassword } from '../ledger/index.js';
import { ConfigError, CountersignError } from '../platform/errors.js';
import { exportRuns, headOf, type OutsideHeads, showRun, verifyRuns } from './ledger.js';
import { prepareEnvironment } from './prepare-environment.js';

/** Options that name a sandbox in place of the service of the environment. */
interface Place {
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

/** Prints the entries of all runs, or of one. */
export async function exportAll(
  shortId: string | undefined,
  { format, ...place }: Place & { format: Format },
): Promise<void> {
  await withLedger(place, async (ledger) => exportRuns(ledger, { shortId, format }, say));
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
  const { headInHistory, listHeads } = await import('../temporal/heads.js');
  const { withTemporal } = await import('./with-temporal.js');
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

/** Opens a ledger, and says on stderr which one, because stdout is data. */
async function withLedger(
  { sandbox, directory }: Place,
  work: (ledger: OpenedLedger, env: NodeJS.ProcessEnv) => Promise<void>,
): Promise<void> {
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) =>
    process.exit(code === 'EPIPE' ? READER_GONE : 1),
  );
  const env = prepareEnvironment();
  if (sandbox || directory !== undefined) readFromSandbox(env, resolve(directory ?? SANDBOX_FOLDER));
  const url = readVariable(env, 'DATABASE_URL');
  const ledger = await openLedgerToRead(url).catch(adviseSandbox);
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

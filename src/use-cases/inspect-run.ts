import type { Person } from '../approval/person.js';
import { withTimeout } from '../platform/with-timeout.js';
import { namesOf } from '../run/board.js';
import type { MessageRef } from '../run/message.js';
import type { RunView } from '../run/run-view.js';
import type { RunSnapshot } from '../run/state.js';
import type { ExecutionEnd, RunSummary } from '../run/summary.js';
import { membersOf } from '../slack/permissions/directory.js';
import { isCertain, isParticipant, maySeeRun } from '../slack/permissions/permissions.js';
import type { RunAction } from './act-on-run.js';
import type { UseCasePorts } from './ports.js';
import { memoOf, readStory, type Story } from './read-story.js';

const LIST_LIMIT = 15;
/** Groups that have a say only in older runs are not looked up, in milliseconds. */
const OLDEST_MS = 90 * 86_400_000;
/** Longest wait for the groups' members, in milliseconds. Without them, only runs that name the person are listed. */
const MEMBERS_WITHIN_MS = 1_000;

/** Newest runs in which a person takes part, from the ledger. */
export async function listRuns(ports: UseCasePorts, person: Person): Promise<RunView[]> {
  const { ledger, directory } = ports;
  const groups = await ledger.groups(new Date(Date.now() - OLDEST_MS).toISOString());
  const look = async () => (await membersOf(directory, groups)).members;
  const members = await withTimeout(MEMBERS_WITHIN_MS, look, () => ({}));
  const runs = await ledger.runsFor(person.user, namesOf(person, members));
  const are = await Promise.all(runs.map((run) => isParticipant(ports, memoOf(run), person)));
  return runs
    .filter((_, index) => are[index] === 'yes')
    .toSorted((one, other) => (one.startedAt < other.startedAt ? 1 : -1))
    .slice(0, LIST_LIMIT);
}

/** Status of a run: its snapshot while it runs (unset without an answering worker), its end afterwards. */
export interface RunStatus {
  run: Omit<RunSummary, 'executionId'>;
  snapshot?: RunSnapshot;
  end?: ExecutionEnd;
  /** The newest card. */
  card?: MessageRef;
}

/** Reads a run's status; undefined for an unknown run, and for one that this person may not see. */
export async function inspectRun(
  ports: UseCasePorts,
  shortId: string,
  person: Person,
): Promise<RunStatus | undefined> {
  const { runs } = ports;
  if (shortId === '') return undefined;
  const found = await runs.describe(shortId);
  const status = found ? { run: found } : await forgottenRun(ports, shortId);
  if (!status || !isCertain(await maySeeRun(ports, status.run.memo, person))) return undefined;
  const view = await ports.ledger.view(shortId);
  const shown = view?.card ? { card: view.card } : {};
  if (!found) return { ...status, ...shown };
  if (found.status !== 'RUNNING') return { run: found, end: await runs.end(shortId), ...shown };
  const snapshot = await runs.snapshot(shortId);
  const card = snapshot?.card ?? view?.card;
  return { run: found, ...(snapshot && { snapshot }), ...(card && { card }) };
}

/** Reads from the ledger a run that Temporal no longer knows. */
async function forgottenRun({ ledger }: UseCasePorts, shortId: string): Promise<RunStatus | undefined> {
  const view = await ledger.view(shortId);
  const end = view?.end && (await ledger.read(shortId, 'ended')).at(-1)?.data;
  if (!view || !end) return undefined;
  const run = { shortId, memo: memoOf(view), status: 'GONE', startedAt: new Date(view.startedAt) };
  if (end.state === 'gone') return { run, end: { kind: 'gone', reason: end.why } };
  if (end.state === 'failed') return { run, end: { kind: 'failed', failure: end.failure } };
  return { run, end: { kind: 'outcome', outcome: end } };
}

/** Reads a run's history from the ledger; undefined if this person may not see it. */
export async function inspectStory(
  ports: UseCasePorts,
  { shortId, by, once }: RunAction,
): Promise<Story | undefined> {
  const story = await readStory(ports.ledger, shortId);
  if (story.memo && isCertain(await maySeeRun(ports, story.memo, by))) return story;
  ports.refusals.refused(shortId, { by, reason: 'cannot-see-details', once });
  return undefined;
}

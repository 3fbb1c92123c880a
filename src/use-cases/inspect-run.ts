import type { Person } from '../approval/person.js';
import type { RunSnapshot } from '../run/state.js';
import type { ExecutionEnd, RunMemo, RunSummary } from '../run/summary.js';
import { isCertain, isParticipant, maySeeRun } from '../slack/permissions/permissions.js';
import type { RunAction } from './act-on-run.js';
import type { UseCasePorts } from './ports.js';
import { readStory, type Story } from './read-story.js';

const LIST_LIMIT = 15;

/** The newest runs in which a person takes part. */
export async function listRuns(ports: UseCasePorts, person: Person): Promise<RunSummary[]> {
  const isTheirs = async (memo: RunMemo) => (await isParticipant(ports, memo, person)) === 'yes';
  return await ports.runs.list(isTheirs, LIST_LIMIT);
}

/** State of a run: by its own snapshot while it runs (unset when no worker answers), by its end afterwards. */
export interface RunStatus {
  run: RunSummary;
  snapshot?: RunSnapshot;
  end?: ExecutionEnd;
}

/** Undefined where there is no such run, or this person may not see it. */
export async function inspectRun(
  ports: UseCasePorts,
  shortId: string,
  person: Person,
): Promise<RunStatus | undefined> {
  const { runs } = ports;
  const run = shortId === '' ? undefined : await runs.describe(shortId);
  if (!run || !isCertain(await maySeeRun(ports, run.memo, person))) return undefined;
  if (run.status !== 'RUNNING') return { run, end: await runs.end(shortId) };
  const snapshot = await runs.snapshot(shortId);
  return { run, ...(snapshot && { snapshot }) };
}

/** All that the ledger has of a run; undefined where this person may not see it. */
export async function inspectStory(
  ports: UseCasePorts,
  { shortId, by, once }: RunAction,
): Promise<Story | undefined> {
  const story = await readStory(ports.ledger, shortId);
  if (story.memo && isCertain(await maySeeRun(ports, story.memo, by))) return story;
  ports.refusals.refused(shortId, { by, reason: 'cannot-see-details', once });
  return undefined;
}

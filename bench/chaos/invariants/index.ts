import type { Message } from '../../../sandbox/workspace/index.js';
import type { LedgerEntry } from '../../../src/ledger/index.js';
import type { Scene } from '../../../test/support/product/scene.js';
import type { Acknowledged } from '../acknowledged.js';
import type { Execution } from '../histories.js';
import { countedOnce, decidedOnce } from './decisions.js';
import { askedOnce, doneOnce, planApproved } from './plan.js';
import { clicksKept } from './record.js';
import { endedVisibly, keyOf, onlyOneProgress, postedOnce } from './thread.js';
import { callsApproved, writtenOnce } from './tool-calls.js';

/** A broken invariant. */
export interface Violation {
  run: string;
  what: string;
}

export type Say = (what: string) => void;

/** State of all systems after the last run. */
export interface Seen {
  runs: Map<string, Execution[]>;
  /** The ledger's entries, by run. */
  records: Map<string, LedgerEntry[]>;
  acknowledged: Acknowledged[];
  /** Number of goals that the app accepted. */
  goals: number;
}

/** Traces of one run in Temporal, Slack and the ledger. */
export interface Traces {
  run: string;
  executions: Execution[];
  records: LedgerEntry[];
  /** The run's messages in the channel. */
  messages: Message[];
  /** The `ts` of each message that is there, and that nobody has deleted. */
  living: ReadonlySet<string>;
}

/** Checks the invariants of every run. Returns the violations. */
export function violations(scene: Pick<Scene, 'workspace' | 'model' | 'todos'>, seen: Seen): Violation[] {
  const found: Violation[] = [];
  const { runs, records, goals } = seen;
  const { workspace, model } = scene;
  const all = workspace.messages(workspace.channels.general);
  const living = new Set(all.filter(({ subtype }) => subtype !== 'tombstone').map(({ ts }) => ts));
  const todos = scene.todos();
  if (runs.size < goals)
    found.push({ run: '-', what: `${goals} goals were taken, there are ${runs.size} runs` });
  for (const [run, executions] of runs) {
    const messages = all.filter((message) => keyOf(message)?.startsWith(`${run}/`));
    const traces = { run, executions, records: records.get(run) ?? [], messages, living };
    const say = (what: string) => found.push({ run, what });
    postedOnce(traces, say);
    endedVisibly(traces, say);
    onlyOneProgress(traces, say);
    planApproved(traces, say);
    doneOnce(traces, say);
    askedOnce(traces, model.requests, say);
    callsApproved(traces, say);
    writtenOnce(traces, todos, say);
    decidedOnce(traces, say);
    countedOnce(traces, say);
    clicksKept(
      traces,
      seen.acknowledged.filter((click) => click.run === run),
      say,
    );
  }
  for (const click of seen.acknowledged) {
    if (!runs.has(click.run))
      found.push({ run: click.run, what: `took a ${click.kind}, and is in no history` });
  }
  const asked = [...runs.values()].flat().flatMap(({ steps }) => steps.flatMap(({ call }) => call ?? []));
  for (const { title } of todos) {
    if (title.startsWith('Item ') && !asked.some(({ input }) => input.title === title))
      found.push({ run: '-', what: `"${title}" is on the to-do list, and no call made it` });
  }
  return found;
}

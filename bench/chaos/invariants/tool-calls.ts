import type { Todo } from '../../../sandbox/todo-server/todos.js';
import type { ToolCall } from '../../../src/run/execution/tools.js';
import { ruleFor } from '../../../src/run/execution/tools.js';
import type { Execution, Step } from '../histories.js';
import type { Say, Traces } from './index.js';

/** What the ledger says of a call: `tool-decided` and `tool-called` entries. */
interface Told {
  call: Pick<ToolCall, 'id' | 'name' | 'digest'>;
  outcome: string;
  /** All calls of the tool were approved. */
  all?: boolean;
  votes?: { request: string; digest: string }[];
}

/** Failures that say for certain that the call was not made. */
const NOT_MADE = new Set([
  'ToolUnavailable',
  'CallChanged',
  'ToolChanged',
  'UnknownTool',
  'InvalidArguments',
]);

/** How many items a call may have added, by what the ledger says of it at last. */
const ADDED: Record<string, readonly [number, number]> = {
  done: [1, 1],
  happened: [1, 1],
  lost: [0, 1],
  cancelled: [0, 1],
};

/** Each call that was made was allowed by a rule, or approved: exactly that one, or all of its tool; by a click that Temporal has. */
export function callsApproved({ executions, records }: Traces, say: Say): void {
  const clicks = executions.flatMap((execution) => execution.clicks);
  for (const { rules, steps } of executions) {
    for (const { call, scheduledAt } of steps) {
      if (!call || ruleFor(rules, call) === 'allow') continue;
      const approvals = records.filter(({ kind, data, at }) => {
        if (kind !== 'tool-decided' || Date.parse(at) > scheduledAt) return false;
        const { call: asked, outcome, all } = data as Told;
        return outcome === 'approved' && (asked.digest === call.digest || (all && asked.name === call.name));
      });
      if (approvals.length === 0) say(`made a call of ${call.name} without an approval of it`);
      const votes = approvals.flatMap(({ data }) => (data as Told).votes ?? []);
      const kept = votes.some(({ request }) =>
        clicks.some((click) => click.kind === 'approve' && click.request === request),
      );
      if (approvals.length > 0 && !kept) say(`has an approval of ${call.name} that nobody clicked`);
    }
  }
}

/** A change happens at most once, and what nobody approved never; a call is made again only when it wasn't made, or a person says so. */
export function writtenOnce({ executions, records }: Traces, todos: Todo[], say: Say): void {
  const steps = executions.flatMap((execution) => execution.steps);
  const writes = new Map<string, Step[]>();
  for (const step of steps) {
    if (step.call?.readOnly === false) writes.set(step.call.id, [...(writes.get(step.call.id) ?? []), step]);
  }
  for (const [id, made] of writes) {
    for (const [index, step] of made.entries()) {
      const before = made[index - 1];
      if (before && !mayFollow(before, step, executions))
        say(`made ${step.call?.name} again unasked (${id})`);
    }
  }
  const told = records.filter(({ kind }) => kind === 'tool-called').map(({ data }) => data as Told);
  for (const [id, asked] of callsAsked(steps, records)) {
    if (typeof asked.input.title !== 'string') continue;
    const { title } = asked.input;
    const outcome = told.findLast(({ call }) => call.id === id)?.outcome;
    const [least, most] = ADDED[outcome ?? (writes.has(id) ? 'lost' : 'never')] ?? [0, 0];
    const count = todos.filter((todo) => todo.title === title).length;
    if (count < least || count > most)
      say(`"${title}" is ${count} times on the to-do list; its call: ${outcome ?? 'not recorded'}`);
  }
}

/** The calls that were made or asked about, by id. */
function callsAsked(steps: Step[], records: Traces['records']): Map<string, ToolCall> {
  const requested = records
    .filter(({ kind }) => kind === 'tool-requested')
    .map(({ data }) => (data as { call: ToolCall }).call);
  const made = steps.flatMap(({ call }) => call ?? []);
  return new Map([...requested, ...made].map((call) => [call.id, call]));
}

function mayFollow(before: Step, step: Step, executions: Execution[]): boolean {
  if (before.completedAt !== undefined) return false;
  if (before.failure && NOT_MADE.has(before.failure)) return true;
  const answers = executions.flatMap((execution) => execution.answers);
  return answers.some(
    ({ text, at }) => text === 'Run it again' && at >= before.scheduledAt && at <= step.scheduledAt,
  );
}

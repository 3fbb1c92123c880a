import type { Todo } from '../../../sandbox/todo-server/todos.js';
import type { Decision } from '../../../src/approval/decision.js';
import { coversEveryCall } from '../../../src/approval/request.js';
import type { CallOutcome } from '../../../src/run/event.js';
import { coverageOf, findRule, ruleFor } from '../../../src/run/execution/rules.js';
import type { ToolCall } from '../../../src/run/execution/tools.js';
import type { Step } from '../histories.js';
import type { Say, Traces } from './index.js';
import { askedItems, entriesOf, findItem } from './requests.js';

/** Failures that prove that the call was not made. */
const NOT_MADE = new Set([
  'ToolUnavailable',
  'CallChanged',
  'ToolChanged',
  'UnknownTool',
  'InvalidArguments',
  'LedgerUnavailable',
]);

/** Fewest and most items that a call may have added, by the call's last outcome in the ledger. */
const ADDED: Partial<Record<CallOutcome | 'never', readonly [number, number]>> = {
  done: [1, 1],
  happened: [1, 1],
  lost: [0, 1],
  cancelled: [0, 1],
};

/** Each call was allowed by a rule, or approved by a click that Temporal has: for that call, or for every call of the tool. */
export function callsApproved({ executions, records }: Traces, say: Say): void {
  const decisions = executions.flatMap((execution) => execution.decisions);
  const items = askedItems(records);
  for (const { rules, steps } of executions) {
    for (const { call, scheduledAt } of steps) {
      if (!call || ruleFor(rules, call) === 'allow') continue;
      const approvals = entriesOf(records, 'decided').flatMap(({ data: { outcome, ...ref }, at }) => {
        const { subject, policy } = findItem(items, ref) ?? {};
        if (subject?.kind !== 'tool-call' || outcome.kind !== 'approve') return [];
        const { call: asked, rule } = subject;
        const approvals = policy?.approvals ?? 1;
        const isLike =
          coverageOf(rule, asked, approvals) === coverageOf(findRule(rules, call), call, approvals);
        const covers = asked.digest === call.digest || (isLike && coversEveryCall(outcome));
        return covers && Date.parse(at) <= scheduledAt ? [outcome] : [];
      });
      if (approvals.length === 0) say(`made a call of ${call.name} without an approval of it`);
      const kept = approvals
        .flatMap(({ votes }) => votes)
        .some((vote) => decisions.some((click) => isClickOf(vote, click) && click.receivedAt <= scheduledAt));
      if (approvals.length > 0 && !kept) say(`has an approval of ${call.name} that nobody clicked`);
    }
  }
}

/** True if a vote is the click that Temporal has. */
function isClickOf(vote: Decision, { kind, request, items }: Decision): boolean {
  return (
    kind === 'approve' &&
    request === vote.request &&
    vote.items.every(({ id, digest }) => items.some((item) => item.id === id && item.digest === digest))
  );
}

/** A change happens at most once, and never without approval. A call is repeated only if it wasn't made, or a person asked for it. */
export function writtenOnce({ executions, records }: Traces, todos: Todo[], say: Say): void {
  const steps = executions.flatMap((execution) => execution.steps);
  const writes = new Map<string, Step[]>();
  for (const step of steps) {
    if (step.call?.readOnly === false) writes.set(step.call.id, [...(writes.get(step.call.id) ?? []), step]);
  }
  for (const [id, made] of writes) {
    for (const [index, step] of made.entries()) {
      const before = made[index - 1];
      if (before && !mayFollow(before, step, { executions, records }))
        say(`made ${step.call?.name} again unasked (${id})`);
    }
  }
  const told = entriesOf(records, 'tool-called').map(({ data }) => data);
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

/** Calls that were made or that people were asked about, by id. */
function callsAsked(steps: Step[], records: Traces['records']): Map<string, ToolCall> {
  const requested = askedItems(records).flatMap(({ subject }) =>
    subject.kind === 'tool-call' ? subject.call : [],
  );
  const made = steps.flatMap(({ call }) => call ?? []);
  return new Map([...requested, ...made].map((call) => [call.id, call]));
}

/** True if a call may be made now: it was not made before, or people have since asked to make it again. */
function mayFollow(
  before: Step,
  step: Step,
  { executions, records }: Pick<Traces, 'executions' | 'records'>,
) {
  if (before.completedAt !== undefined) return false;
  if (before.failure && NOT_MADE.has(before.failure)) return true;
  const items = askedItems(records);
  const answers = executions.flatMap(({ decisions }) => decisions);
  return answers.some(({ kind, request, choice, receivedAt }) => {
    if (kind !== 'answer' || choice !== 'again') return false;
    const asked = items.find(({ ref, subject }) => ref.request === request && subject.kind === 'lost-call');
    const isAboutIt = asked?.subject.kind === 'lost-call' && asked.subject.call.id === step.call?.id;
    return isAboutIt && receivedAt >= before.scheduledAt && receivedAt <= step.scheduledAt;
  });
}

import type { Message } from '../../src/sandbox/workspace/index.js';
import { buttonsOf } from '../../test/support/people.js';
import type { Scene } from '../../test/support/scene.js';
import type { Execution, Step } from './histories.js';
import type { Acknowledged } from './people.js';

/** A promise that was not kept. */
export interface Violation {
  run: string;
  what: string;
}

interface Seen {
  runs: Map<string, Execution[]>;
  acknowledged: Acknowledged[];
  /** How many goals were taken. */
  goals: number;
}

/** Clocks of one machine, read in two processes, in milliseconds. */
const TICK_MS = 50;

/** What must hold for every run, whatever went wrong. */
export function violations({ workspace, model }: Scene, { runs, acknowledged, goals }: Seen): Violation[] {
  const found: Violation[] = [];
  const messages = workspace.messages(workspace.channels.general);
  if (runs.size < goals)
    found.push({ run: '-', what: `${goals} goals were taken, there are ${runs.size} runs` });
  for (const [run, executions] of runs) {
    const own = messages.filter((message) => keyOf(message)?.startsWith(`${run}/`));
    const say = (what: string) => found.push({ run, what });
    postedOnce(own, say);
    endedVisibly(executions, own, say);
    approvedFirst(executions, say);
    doneOnce(executions, say);
    askedOnce(executions, model.requests, say);
  }
  for (const click of acknowledged) {
    const executions = runs.get(click.run) ?? [];
    const signals = executions.flatMap((execution) => execution.signals);
    const kept = signals.some(({ kind, request }) => kind === click.kind && request === click.request);
    if (!kept) found.push({ run: click.run, what: `lost an acknowledged click: ${click.kind}` });
  }
  return found;
}

type Say = (what: string) => void;

/** Exactly one card a revision, exactly one result. */
function postedOnce(own: Message[], say: Say): void {
  const times = new Map<string, number>();
  for (const message of own) times.set(keyOf(message) ?? '', (times.get(keyOf(message) ?? '') ?? 0) + 1);
  for (const [key, count] of times) if (count > 1) say(`posted ${count} times: ${key}`);
}

/** Nothing is stuck, nothing is over with live buttons, and what was done has its one result. */
function endedVisibly(executions: Execution[], own: Message[], say: Say): void {
  const last = executions.at(-1);
  if (!last) return;
  if (last.status === 'RUNNING') {
    say('is still running');
    return;
  }
  const live = own.filter((message) => buttonsOf(message).includes('Approve'));
  if (live.length > 0) say(`is over (${last.status}), but ${live.length} of its cards have live buttons`);
  const results = own.filter((message) => /\/result\/1$/.test(keyOf(message) ?? '')).length;
  if (results !== (last.outcome === 'completed' ? 1 : 0))
    say(`ended ${last.outcome}, with ${results} results`);
  const revisions = executions.flatMap(({ steps }) => steps).filter(({ name }) => name === 'postCard');
  if (revisions.length > 0 && own.length === 0) say('posted a card that nobody sees');
}

/** Nothing is carried out but the plan that was approved, and after it was. */
function approvedFirst(executions: Execution[], say: Say): void {
  for (const { steps, signals, approvedBefore } of executions) {
    for (const step of steps.filter(({ name }) => name === 'callLlm execute')) {
      const approved = signals.some(
        ({ kind, digest, at }) => kind === 'approve' && digest === step.digest && at <= step.scheduledAt,
      );
      if (!approved && !approvedBefore) say('was carried out without an approval of that plan');
    }
  }
}

/** A step that was recorded is not done again, in this execution or the one after a `Retry`. */
function doneOnce(executions: Execution[], say: Say): void {
  for (const name of ['searchWeb', 'callLlm execute']) {
    const steps = executions.flatMap((execution) => execution.steps).filter((step) => step.name === name);
    const first = steps.findIndex(({ completedAt }) => completedAt !== undefined);
    if (first >= 0 && steps.length > first + 1) say(`did ${name} again after it was recorded`);
  }
}

/** The model is not asked again for what is recorded. */
function askedOnce(executions: Execution[], requests: Scene['model']['requests'], say: Say): void {
  const goal = executions[0]?.goal ?? '';
  const asked = { searchWeb: `Research this goal: ${goal}`, 'callLlm execute': `The goal was: ${goal}` };
  for (const [name, words] of Object.entries(asked)) {
    const recorded = executions
      .flatMap((execution) => execution.steps)
      .find((step: Step) => step.name === name && step.completedAt !== undefined);
    const again = requests.filter(
      ({ at, body }) =>
        String(body.messages?.[0]?.content).includes(words) &&
        recorded?.completedAt !== undefined &&
        at > recorded.completedAt + TICK_MS,
    );
    if (again.length > 0) say(`asked the model ${again.length} times more for what was recorded: ${name}`);
  }
}

function keyOf(message: Message): string | undefined {
  const { metadata } = message as { metadata?: { event_payload: { key?: unknown } } };
  const key = metadata?.event_payload.key;
  return typeof key === 'string' ? key : undefined;
}

import type { Decision } from '../../../src/approval/decision.js';
import { samePerson } from '../../../src/approval/person.js';
import { isVerdict, type Verdict } from '../../../src/approval/request.js';
import type { EventData } from '../../../src/run/event.js';
import type { Execution } from '../histories.js';
import type { Say, Traces } from './index.js';
import { type AskedItem, askedItems, entriesOf, findItem, nameOf } from './requests.js';

type Ended = EventData['decided'];

/** An item ends once and takes no decision afterwards; its subject is decided once. */
export function decidedOnce({ records, executions }: Traces, say: Say): void {
  const items = askedItems(records);
  const ended = new Set<string>();
  const subjects = new Set<string>();
  for (const { kind, data } of records) {
    if (kind !== 'decided' && kind !== 'voted' && kind !== 'extended') continue;
    const name = nameOf(data);
    if (ended.has(name)) say(`${kind} after it was decided: ${name}`);
    const item = findItem(items, data);
    if (!item) say(`${kind}, and nobody was asked: ${name}`);
    if (kind !== 'decided') continue;
    ended.add(name);
    const subject = item && isVerdict(data.outcome) && subjectOf(item);
    if (subject && subjects.has(subject)) say(`decided twice about ${subject}`);
    if (subject) subjects.add(subject);
  }
  const isOver = executions.at(-1)?.outcome !== undefined;
  for (const { ref, subject } of items) {
    // A waiting plan ends with its run.
    if (isOver && subject.kind !== 'plan' && !ended.has(nameOf(ref)))
      say(`is over, and still asks: ${nameOf(ref)}`);
  }
}

/** Key of a subject that people decide at most once in a run. Undefined for the others: a call that is made again may be lost again. */
function subjectOf({ subject, revision }: AskedItem): string | undefined {
  if (subject.kind === 'plan') return `revision ${revision}`;
  // An edited call is another one.
  return subject.kind === 'tool-call' ? `call ${subject.call.id} ${subject.call.digest}` : undefined;
}

/** Each counted decision is a click that Temporal has, and each click counts once. */
export function countedOnce({ executions, records }: Traces, say: Say): void {
  const ended = entriesOf(records, 'decided').map(({ data }) => data);
  const answers: Decision[] = [];
  for (const { outcome, ...ref } of ended) {
    if (!isVerdict(outcome)) continue;
    const { kind, decision } = outcome;
    if (!wasMade(executions, decision)) say(`was decided (${kind}) by nobody: ${nameOf(ref)}`);
    if (countsTwice(outcome)) say(`counts a person twice: ${nameOf(ref)}`);
    if (kind !== 'answer') continue;
    if (answers.some((other) => isOne(other, decision)) || decision.request !== ref.request)
      say(`counts an answer twice: ${nameOf(ref)}`);
    answers.push(decision);
  }
  for (const [what, votes] of votesByPerson(records)) {
    if (votes > 1) say(`counts ${votes} approvals of ${what}`);
  }
  grantedOnce(records, ended, say);
}

/** Each grant of a part of the budget has an answer of its own. */
function grantedOnce(records: Traces['records'], ended: Ended[], say: Say): void {
  const items = askedItems(records);
  for (const part of new Set(entriesOf(records, 'granted').map(({ data }) => data.part))) {
    const grants = entriesOf(records, 'granted').filter(({ data }) => data.part === part).length;
    const answers = ended.filter(({ outcome, ...ref }) => {
      const subject = findItem(items, ref)?.subject;
      const isGrant = outcome.kind === 'answer' && outcome.decision.choice === 'grant';
      return isGrant && subject?.kind === 'budget' && subject.part === part;
    }).length;
    if (grants > answers) say(`granted ${part} ${grants} times, after ${answers} answers`);
  }
}

function countsTwice({ votes }: Verdict): boolean {
  return votes.some((vote, index) => votes.slice(0, index).some((other) => samePerson(other.by, vote.by)));
}

/** Counts the approvals that still hold, by person and item. */
function votesByPerson(records: Traces['records']): Map<string, number> {
  const votes = new Map<string, number>();
  const add = (data: EventData['voted' | 'lapsed'], count: number) => {
    const what = `${data.decision.by.user} for ${nameOf(data)}`;
    votes.set(what, (votes.get(what) ?? 0) + count);
  };
  for (const { data } of entriesOf(records, 'voted')) add(data, 1);
  for (const { data } of entriesOf(records, 'lapsed')) add(data, -1);
  return votes;
}

function wasMade(executions: Execution[], decision: Decision): boolean {
  return executions.some(({ decisions }) => decisions.some((each) => isOne(each, decision)));
}

function isOne(one: Decision, other: Decision): boolean {
  return (
    one.kind === other.kind &&
    one.request === other.request &&
    one.at === other.at &&
    samePerson(one.by, other.by)
  );
}

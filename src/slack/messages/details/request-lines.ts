import type { Decision } from '../../../approval/decision.js';
import { coversEveryCall, type Verdict } from '../../../approval/request.js';
import type { Checkpoint, EventData, ItemRef } from '../../../run/event.js';
import { answerText, type RequestItem } from '../../../run/request.js';
import { peopleText, policyText } from '../kit/people.js';
import { clip, escapeMrkdwn, mention, moment } from '../kit/text.js';
import { subjectName } from '../request/subject.js';
import { argumentsText, toolText } from '../request/tool-call.js';
import { isQuestion } from '../request/waiting.js';

/** A line of Details. */
export interface EventLine {
  /** Mrkdwn. */
  text: string;
  /** A person's or the model's own words. */
  quote?: string;
}

/** The items of a run's requests as people were asked about them. */
export type ItemIndex = ReadonlyMap<string, { item: RequestItem; revision: number }>;

/** Later events name an item only by its id: the event that asked people has the item. */
export function indexItems(entries: Checkpoint[]): ItemIndex {
  const index = new Map<string, { item: RequestItem; revision: number }>();
  for (const { kind, data } of entries) {
    if (kind !== 'requested') continue;
    for (const item of data.items) {
      index.set(itemKey({ request: data.id, item: item.id }), { item, revision: data.revision });
    }
  }
  return index;
}

function itemKey({ request, item }: ItemRef): string {
  return JSON.stringify([request, item]);
}

export function requestedLines({ revision, items }: EventData['requested']): EventLine[] {
  return items.map((item) => requestedLine(item, revision));
}

function requestedLine(
  { subject, policy, expiresAt, choices = [] }: RequestItem,
  revision: number,
): EventLine {
  const approval = `waits for ${policyText(policy)}; it expires ${moment(expiresAt)}`;
  const answer = `it can be answered until ${moment(expiresAt)}`;
  switch (subject.kind) {
    case 'plan':
      return { text: `:ballot_box_with_ballot: Revision ${revision} ${approval}` };
    case 'tool-call': {
      const { name, step, input } = subject.call;
      const place = step === undefined ? '' : `, for step ${step},`;
      return {
        text: `:ballot_box_with_ballot: ${toolText(name)}${place} ${approval}`,
        quote: argumentsText(input),
      };
    }
    case 'question': {
      const labels = choices.map(({ label }) => `• ${clip(label, 100)}`);
      return {
        text: `:question: The model asked a question; ${answer}`,
        quote: [subject.text, ...labels].join('\n'),
      };
    }
    case 'lost-call':
    case 'budget':
      return {
        text: `:question: People were asked: ${subjectName(subject)}; ${answer}`,
        ...(subject.kind === 'lost-call' && { quote: subject.why }),
      };
  }
}

export function votedLine({ decision, votes, of, ...ref }: EventData['voted'], items: ItemIndex): EventLine {
  const subject = items.get(itemKey(ref))?.item.subject;
  const name = subject?.kind === 'tool-call' ? ` ${subjectName(subject)}` : '';
  return {
    text: `:white_check_mark: ${mention(decision.by.user)} approved${name} (${votes} of ${of})`,
    quote: decision.note,
  };
}

export function decidedLine({ outcome, ...ref }: EventData['decided'], items: ItemIndex): EventLine | string {
  const found = items.get(itemKey(ref));
  const question = found !== undefined && isQuestion(found.item);
  const name = nameOf(found);
  switch (outcome.kind) {
    case 'approve':
      return approvedLine(outcome, name, found?.item);
    case 'reject': {
      const isPlan = found?.item.subject.kind === 'plan';
      return decisionLine(':no_entry:', outcome.decision, `rejected ${isPlan ? 'it' : name}`);
    }
    case 'changes':
      return decisionLine(':pencil2:', outcome.decision, 'asked for changes');
    case 'edit':
      return decisionLine(':pencil2:', outcome.decision, 'edited the plan');
    case 'answer':
      return {
        text: `:speech_balloon: ${mention(outcome.decision.by.user)} answered`,
        quote: answerOf(outcome.decision, found?.item),
      };
    case 'expired':
      return `:hourglass: ${question ? 'Nobody answered' : `${name} was not decided about`} in time`;
    case 'withdrawn':
      return `:octagonal_sign: ${question ? `${name} is no longer asked` : `${name} is no longer asked about`}`;
  }
}

function approvedLine({ kind, decision, votes }: Verdict, name: string, item?: RequestItem): EventLine {
  const approvers = `:white_check_mark: ${name} was approved by ${peopleText(votes)}`;
  if (item?.subject.kind !== 'tool-call') {
    const digest = item?.digest ?? decision.items[0]?.digest ?? '';
    return { text: `${approvers} · digest ${digestText(digest)}` };
  }
  const isStanding = coversEveryCall({ kind, decision, votes });
  const notes = votes.map(({ note }) => note).filter((note) => note !== '');
  return {
    text: `${approvers}${isStanding ? ', and every later call of it in this run' : ''}`,
    quote: notes.join('\n'),
  };
}

function decisionLine(icon: string, { by, note }: Decision, predicate: string): EventLine {
  return { text: `${icon} ${mention(by.user)} ${predicate}`, quote: note };
}

export function refusedLine(data: EventData['refused'], items: ItemIndex): EventLine {
  if ('decision' in data) {
    const { decision, refusal } = data;
    const person = mention(decision.by.user);
    const isAnswer = decision.kind === 'answer';
    const [shown] = decision.items;
    const item = shown && items.get(itemKey({ request: decision.request, item: shown.id }))?.item;
    const refused = isAnswer
      ? `An answer of ${person} was refused (${refusal.reason})`
      : `${person} was refused (${decision.kind}: ${refusal.reason})`;
    return { text: `:no_entry_sign: ${refused}`, quote: answerOf(decision, item) };
  }
  const text =
    'by' in data ? `${mention(data.by.user)} ${MAY_NOT[data.reason]}` : 'A signal was refused (malformed)';
  return { text: `:no_entry_sign: ${text}` };
}

const MAY_NOT = {
  'cannot-cancel': 'wanted to cancel the run, and may not',
  'cannot-retry': 'wanted to try it again, and may not',
  'cannot-see-details': 'wanted to see the details, and may not',
} as const;

function answerOf(decision: Decision, item?: RequestItem): string {
  return item ? answerText(item.choices ?? [], decision) : decision.note;
}

function nameOf(found: { item: RequestItem; revision: number } | undefined): string {
  if (!found) return 'A request';
  const { subject } = found.item;
  if (subject.kind === 'plan') return `Revision ${found.revision}`;
  return subject.kind === 'tool-call' ? toolText(subject.call.name) : 'The question';
}

/** Beginning of a digest, as people compare it. */
export function digestText(digest: string): string {
  return `\`${escapeMrkdwn(digest.slice(0, 12))}\``;
}

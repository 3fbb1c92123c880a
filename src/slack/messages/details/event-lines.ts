import type { Decision } from '../../../approval/decision.js';
import { coversEveryCall, type Verdict } from '../../../approval/request.js';
import type { CallOutcome, EventData, EventKind, RunEvent } from '../../../run/event.js';
import type { Usage } from '../../../run/plan.js';
import { answerText, type RequestItem } from '../../../run/request.js';
import {
  AMOUNTS,
  approverMention,
  clip,
  count,
  escapeMrkdwn,
  joinMentions,
  mention,
  moment,
  peopleText,
  policyText,
} from '../kit/text.js';
import { GONE } from '../plan/folded-card.js';
import { readingText, unsearchedText } from '../plan/reading.js';
import { OVER, VERBS } from '../refusals/refused-decision.js';
import { argumentsText } from '../request/call-fields.js';
import { refusedToolsText, subjectName, toolText } from '../request/subject.js';
import { isQuestion } from '../request/waiting.js';
import type { AskedItem, Find } from './item-index.js';
import { REFUSALS } from './refusal-words.js';
import type { TimedLine } from './timeline.js';

type EventLine = Omit<TimedLine, 'at'>;

/** Lines of Details about one event; empty for an event that doesn't concern people. */
export function eventLines<K extends EventKind>({ kind, data }: RunEvent<K>, find: Find): EventLine[] {
  return [LINES[kind](data, find)].flat().map((line) => (typeof line === 'string' ? { text: line } : line));
}

/** A string is a line without a quote. */
type Lines = string | EventLine | EventLine[];

const LINES: { [K in EventKind]: (data: EventData[K], find: Find) => Lines } = {
  started: ({ goal, requester, retriedBy }) => {
    const retried = retriedBy && `:repeat: ${mention(retriedBy.user)} tried it again`;
    return { text: retried ?? `:speech_balloon: ${mention(requester.user)} asked`, quote: goal };
  },
  read: (reading) => {
    const text = readingText(reading);
    const digest = reading.digest === '' ? '' : ` · fingerprint ${digestText(reading.digest)}`;
    return text === '' ? [] : `:thread: ${text}${digest}`;
  },
  searched: ({ sources, unsearched, usage }) =>
    unsearched === undefined
      ? `:mag: The web was searched: ${count(sources.length, 'source')}${tokensText(usage)}`
      : `:mag: ${unsearchedText(unsearched)}${tokensText(usage)}`,
  planned: ({ plan, revision, digest, editedBy, usage }) => {
    const author = editedBy ? `${mention(editedBy.user)} edited the plan` : 'The plan was written';
    const steps = count(plan.steps.length, 'step');
    const text = `:memo: ${author}: revision ${revision}, ${steps}${tokensText(usage)} · fingerprint ${digestText(digest)}`;
    // A finished card no longer shows its plan.
    const lines = plan.steps.map(({ title, detail }, at) => `${at + 1}. ${title}${detail && ` — ${detail}`}`);
    return { text, quote: lines.join('\n') };
  },
  requested: ({ revision, items }) => items.map((item) => requestedLine(item, revision)),
  posted: ({ copy, item }) => (copy || item !== undefined ? [] : ':page_facing_up: The card was posted'),
  voted: ({ decision, votes, of, ...ref }, find) => {
    const subject = find(ref)?.item.subject;
    const name = subject?.kind === 'tool-call' ? ` ${subjectName(subject)}` : '';
    const text = `:white_check_mark: ${mention(decision.by.user)} approved${name} (${votes} of ${of})`;
    return { text, quote: decision.note };
  },
  lapsed: ({ decision }) =>
    `:heavy_minus_sign: The approval of ${mention(decision.by.user)} no longer counts: they are no longer an approver`,
  extended: ({ decision, expiresAt }) =>
    `:alarm_clock: ${mention(decision.by.user)} extended it to ${moment(expiresAt)}`,
  reminded: ({ mentioned }) => `:bell: A reminder went to ${approversNamed(mentioned)}`,
  escalated: ({ mentioned }) => `:mega: ${approversNamed(mentioned)} may approve, too, from here on`,
  notified: ({ messages }) => `:incoming_envelope: ${count(messages.length, 'direct message')} went out`,
  decided: ({ outcome, ...ref }, find) => decidedLine(outcome, find(ref)),
  refused: refusedLine,
  turned: ({ turn, text, calls, usage, notes = [], refusedTools = [] }) => {
    const without = refusedTools.length > 0 ? `. ${refusedToolsText(refusedTools)}` : '';
    return {
      text: `:robot_face: Turn ${turn}: the agent ${callsText(calls)} (${count(usage.inputTokens + usage.outputTokens, 'token')})${without}`,
      quote: notes.join('\n'),
      markdown: text,
    };
  },
  'tool-called': ({ call, outcome, text, cut }) => {
    const [icon, predicate] = CALL_OUTCOMES[outcome];
    const note = cut ? ' (its answer was cut)' : '';
    return { text: `${icon} ${toolText(call.name)} ${predicate}${note}`, quote: text };
  },
  granted: ({ part, budget, by }) =>
    `:white_check_mark: ${mention(by.user)} granted more: the budget is ${AMOUNTS[part](budget[part])} now`,
  executed: () => ':gear: The plan was carried out',
  continued: () => [],
  ended: (end) => {
    if (end.state === 'gone') return `:octagonal_sign: ${GONE[end.why]}`;
    const text = `:checkered_flag: It ended: ${OVER[end.state] ?? escapeMrkdwn(end.state)}`;
    if (end.state === 'failed') return { text, quote: end.failure.message };
    return end.state === 'cancelled' && end.why !== undefined ? { text, quote: end.why } : text;
  },
  unshown: () => ':warning: Slack did not take the last update of the card; it is tried again',
  repaired: ({ messages: { length } }) => {
    if (length === 0) return [];
    return `:wrench: ${count(length, 'message')} ${length === 1 ? 'was' : 'were'} brought up to date afterwards`;
  },
};

const CALL_OUTCOMES: Record<CallOutcome, readonly [icon: string, predicate: string]> = {
  done: [':gear:', 'was called, and answered'],
  failed: [':warning:', 'was called, and failed'],
  denied: [':no_entry_sign:', 'was not called: the policy denies it'],
  rejected: [':no_entry:', 'was not called: it was not approved'],
  expired: [':alarm_clock:', 'was not called: nobody decided in time'],
  lost: [':question:', 'was called, and its answer was lost'],
  happened: [':gear:', 'was called, as a person found out: its answer was lost'],
  cancelled: [':octagonal_sign:', 'was stopped'],
};

function requestedLine(item: RequestItem, revision: number): EventLine {
  const { subject, policy, expiresAt, choices = [] } = item;
  const approval = `waits for ${policyText(policy)}, until ${moment(expiresAt)}`;
  const answer = `it can be answered until ${moment(expiresAt)}`;
  switch (subject.kind) {
    case 'plan':
      return { text: `:large_yellow_circle: Revision ${revision} ${approval}` };
    case 'tool-call': {
      const { name, step, input } = subject.call;
      const place = step === undefined ? '' : `, for step ${step},`;
      const text = `:large_yellow_circle: ${toolText(name)}${place} ${approval}`;
      return { text, quote: argumentsText(input) };
    }
    case 'question': {
      const labels = choices.map(({ label }) => `• ${clip(label, 100)}`);
      const isAgent = subject.tool === undefined;
      const who = subject.tool === undefined ? 'The agent' : toolText(subject.tool);
      const text = `:question: ${who} asked a question; ${answer}`;
      const asked = [subject.text, ...labels].join('\n');
      return { text, ...(isAgent ? { markdown: asked.replaceAll('\n•', '\n-') } : { quote: asked }) };
    }
    default: {
      const text = `:question: People were asked: ${subjectName(subject)}; ${answer}`;
      return subject.kind === 'lost-call' ? { text, quote: subject.why } : { text };
    }
  }
}

function decidedLine(outcome: EventData['decided']['outcome'], found?: AskedItem): EventLine | string {
  const name = nameOf(found);
  const isAnswerable = found !== undefined && isQuestion(found.item);
  switch (outcome.kind) {
    case 'approve':
      return approvedLine(outcome, name, found?.item);
    case 'expired':
      return `:alarm_clock: ${isAnswerable ? 'Nobody answered' : `${name} was not decided about`} in time`;
    case 'withdrawn':
      return `:octagonal_sign: ${name} is no longer asked${isAnswerable ? '' : ' about'}`;
    default: {
      const person = mention(outcome.decision.by.user);
      const texts = {
        reject: `:no_entry: ${person} rejected ${found?.item.subject.kind === 'plan' ? 'it' : name}`,
        changes: `:pencil2: ${person} asked for changes`,
        edit: `:pencil2: ${person} edited ${found?.item.subject.kind === 'tool-call' ? name : 'the plan'}`,
        answer: `:speech_balloon: ${person} answered`,
      };
      return { text: texts[outcome.kind], quote: answerOf(outcome.decision, found) };
    }
  }
}

function approvedLine(verdict: Verdict, name: string, item?: RequestItem): EventLine {
  const { decision, votes } = verdict;
  const approvers = `:white_check_mark: ${name} was approved by ${peopleText(votes)}`;
  if (item?.subject.kind !== 'tool-call') {
    const digest = item?.digest ?? decision.items[0]?.digest ?? '';
    return { text: `${approvers} · fingerprint ${digestText(digest)}` };
  }
  const notes = votes.map(({ note }) => note).filter((note) => note !== '');
  const standing = coversEveryCall(verdict) ? ', and every later call of it in this run' : '';
  return { text: `${approvers}${standing}`, quote: notes.join('\n') };
}

const MAY_NOT = {
  'cannot-cancel': "isn't allowed to stop the run, so I refused",
  'cannot-retry': "isn't allowed to try it again, so I refused",
  'cannot-see-details': "isn't allowed to see the details, so I refused",
  'other-message': "clicked on a message that isn't this run's",
} as const;

function refusedLine(data: EventData['refused'], find: Find): EventLine | string {
  const often = data.times === undefined ? '' : `, ${data.times} times by now`;
  if (!('decision' in data)) {
    const refused =
      'by' in data ? `${mention(data.by.user)} ${MAY_NOT[data.reason]}` : 'An invalid message was refused';
    return `:no_entry_sign: ${refused}${often}`;
  }
  const { decision, refusal } = data;
  const { by, kind, request, items } = decision;
  const refused =
    kind === 'answer'
      ? `An answer of ${mention(by.user)} was refused: ${REFUSALS[refusal.reason]}`
      : `${mention(by.user)} couldn't ${VERBS[kind][0]} this: ${REFUSALS[refusal.reason]}`;
  const found = items[0] && find({ request, item: items[0].id });
  return { text: `:no_entry_sign: ${refused}${often}`, quote: answerOf(decision, found) };
}

function answerOf(decision: Decision, found?: AskedItem): string {
  return answerText(found?.item.choices ?? [], decision);
}

function nameOf(found?: AskedItem): string {
  if (!found) return 'A request';
  const { subject } = found.item;
  if (subject.kind === 'plan') return `Revision ${found.revision}`;
  return subject.kind === 'tool-call' ? toolText(subject.call.name) : 'The question';
}

/** Beginning of a digest, which people compare by eye. */
function digestText(digest: string): string {
  return `\`${escapeMrkdwn(digest.slice(0, 12))}\``;
}

/** Limit for the named calls of one turn. */
const MAX_CALLS = 10;

function callsText(calls: string[]): string {
  if (calls.length === 0) return 'calls no tool';
  const more = calls.length > MAX_CALLS ? [`${calls.length - MAX_CALLS} more`] : [];
  return `wants ${[...calls.slice(0, MAX_CALLS).map(toolText), ...more].join(', ')}`;
}

function approversNamed(ids: string[]): string {
  return joinMentions(ids.map((id) => approverMention(id, ''))) || 'nobody in particular';
}

function tokensText(usage?: Usage): string {
  return usage ? ` (${count(usage.inputTokens + usage.outputTokens, 'token')})` : '';
}

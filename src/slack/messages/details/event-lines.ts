import type { CallOutcome, EventData, EventKind, RunEvent } from '../../../run/event.js';
import type { Usage } from '../../../run/plan.js';
import { amountText } from '../kit/amounts.js';
import { approverMention } from '../kit/people.js';
import { count, escapeMrkdwn, joinMentions, mention, moment } from '../kit/text.js';
import { goneText } from '../plan/card-state.js';
import { toolText } from '../request/tool-call.js';
import {
  decidedLine,
  digestText,
  type EventLine,
  type ItemIndex,
  refusedLine,
  requestedLines,
  votedLine,
} from './request-lines.js';

/** The lines of Details about one event; none about an event that says nothing to people. */
export function eventLines<K extends EventKind>({ kind, data }: RunEvent<K>, items: ItemIndex): EventLine[] {
  const lines = LINES[kind](data, items);
  if (typeof lines === 'string') return [{ text: lines }];
  return Array.isArray(lines) ? lines : [lines];
}

/** Lines about each kind of event. A string is a line without a quotation. */
const LINES: {
  [K in EventKind]: (data: EventData[K], items: ItemIndex) => string | EventLine | EventLine[];
} = {
  started: ({ goal, requester, retriedBy }) => ({
    text: retriedBy
      ? `:repeat: ${mention(retriedBy.user)} tried it again`
      : `:speech_balloon: ${mention(requester.user)} asked`,
    quote: goal,
  }),
  searched: ({ sources, usage }) =>
    `:mag: The web was searched: ${count(sources.length, 'source')}${tokensText(usage)}`,
  planned: ({ plan, revision, digest, editedBy, usage }) => {
    const author = editedBy ? `${mention(editedBy.user)} edited the plan` : 'The plan was written';
    const steps = count(plan.steps.length, 'step');
    return {
      text: `:memo: ${author}: revision ${revision}, ${steps}${tokensText(usage)} · digest ${digestText(digest)}`,
      quote: plan.steps.map(({ title }, at) => `${at + 1}. ${title}`).join('\n'),
    };
  },
  requested: requestedLines,
  posted: ({ copy, item }) => (copy || item !== undefined ? [] : ':page_facing_up: The card was posted'),
  voted: votedLine,
  lapsed: ({ decision }) =>
    `:heavy_minus_sign: The approval of ${mention(decision.by.user)} no longer counts: they are no approver any more`,
  extended: ({ decision, expiresAt }) =>
    `:hourglass: ${mention(decision.by.user)} extended it to ${moment(expiresAt)}`,
  reminded: ({ mentioned }) => `:bell: A reminder went to ${approversNamed(mentioned)}`,
  escalated: ({ mentioned }) => `:mega: ${approversNamed(mentioned)} may approve, too, from here on`,
  notified: ({ messages }) => `:incoming_envelope: ${count(messages.length, 'direct message')} went out`,
  decided: decidedLine,
  refused: refusedLine,
  turned: ({ turn, text, calls, usage }) => ({
    text: `:robot_face: Turn ${turn} of the model ${callsText(calls)} (${count(usage.inputTokens + usage.outputTokens, 'token')})`,
    quote: text,
  }),
  'tool-called': ({ call, outcome, text, cut }) => {
    const [icon, predicate] = CALL_OUTCOMES[outcome];
    const note = cut ? ' (its answer was cut)' : '';
    return { text: `${icon} ${toolText(call.name)} ${predicate}${note}`, quote: text };
  },
  granted: ({ part, budget, by }) =>
    `:white_check_mark: ${mention(by.user)} granted more: the budget is ${amountText(part, budget[part])} now`,
  executed: () => ':gear: The plan was carried out',
  continued: () => ':repeat: The run goes on in a new run of its workflow',
  ended: (end) => {
    if (end.state === 'gone') return `:octagonal_sign: ${goneText(end.why)}`;
    const text = `:checkered_flag: It ended: ${escapeMrkdwn(end.state)}`;
    return end.state === 'failed' ? { text, quote: end.failure.message } : text;
  },
  unshown: () => ':warning: Slack did not take the last update of the card; it is tried again',
  repaired: ({ messages: { length } }) =>
    length === 0
      ? []
      : `:wrench: ${count(length, 'message')} ${length === 1 ? 'was' : 'were'} brought up to date afterwards`,
};

const CALL_OUTCOMES: Record<CallOutcome, readonly [icon: string, predicate: string]> = {
  done: [':gear:', 'was called, and answered'],
  failed: [':warning:', 'was called, and failed'],
  denied: [':no_entry_sign:', 'was not called: the policy denies it'],
  rejected: [':no_entry:', 'was not called: it was not approved'],
  expired: [':hourglass:', 'was not called: nobody decided in time'],
  lost: [':question:', 'was called, and its answer was lost'],
  happened: [':gear:', 'was called, as a person found out: its answer was lost'],
  cancelled: [':octagonal_sign:', 'was broken off'],
};

/** At most so many calls of one turn are named. */
const MAX_CALLS = 10;

function callsText(calls: string[]): string {
  if (calls.length === 0) return 'calls no tool';
  const named = calls.slice(0, MAX_CALLS).map(toolText);
  const more = calls.length > named.length ? [`${calls.length - named.length} more`] : [];
  return `wants ${[...named, ...more].join(', ')}`;
}

function approversNamed(ids: string[]): string {
  return ids.length > 0 ? joinMentions(ids.map((id) => approverMention(id, ''))) : 'nobody in particular';
}

function tokensText(usage?: Usage): string {
  return usage ? ` (${usage.inputTokens + usage.outputTokens} tokens)` : '';
}

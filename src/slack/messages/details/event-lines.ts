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
  return LINES[kind](data, items);
}

const LINES: { [K in EventKind]: (data: EventData[K], items: ItemIndex) => EventLine[] } = {
  started: ({ goal, requester, retriedBy }) => {
    const text = retriedBy
      ? `:repeat: ${mention(retriedBy.user)} tried it again`
      : `:speech_balloon: ${mention(requester.user)} asked`;
    return [{ text, quote: goal }];
  },
  searched: ({ sources, usage }) => [
    { text: `:mag: The web was searched: ${count(sources.length, 'source')}${tokensText(usage)}` },
  ],
  planned: ({ plan, revision, digest, editedBy, usage }) => {
    const author = editedBy ? `${mention(editedBy.user)} edited the plan` : 'The plan was written';
    const steps = count(plan.steps.length, 'step');
    return [
      {
        text: `:memo: ${author}: revision ${revision}, ${steps}${tokensText(usage)} · digest ${digestText(digest)}`,
        quote: plan.steps.map(({ title }, at) => `${at + 1}. ${title}`).join('\n'),
      },
    ];
  },
  requested: requestedLines,
  posted: ({ copy, item }) =>
    copy || item !== undefined ? [] : [{ text: ':page_facing_up: The card was posted' }],
  voted: (data, items) => [votedLine(data, items)],
  lapsed: ({ decision }) => [
    {
      text: `:heavy_minus_sign: The approval of ${mention(decision.by.user)} no longer counts: they are no approver any more`,
    },
  ],
  extended: ({ decision, expiresAt }) => [
    { text: `:hourglass: ${mention(decision.by.user)} extended it to ${moment(expiresAt)}` },
  ],
  reminded: ({ mentioned }) => [{ text: `:bell: A reminder went to ${approversNamed(mentioned)}` }],
  escalated: ({ mentioned }) => [
    { text: `:mega: ${approversNamed(mentioned)} may approve, too, from here on` },
  ],
  notified: ({ messages }) => [
    { text: `:incoming_envelope: ${count(messages.length, 'direct message')} went out` },
  ],
  decided: (data, items) => [decidedLine(data, items)],
  refused: (data, items) => [refusedLine(data, items)],
  turned: ({ turn, text, calls, usage }) => [
    {
      text: `:robot_face: Turn ${turn} of the model ${callsText(calls)} (${count(usage.inputTokens + usage.outputTokens, 'token')})`,
      quote: text,
    },
  ],
  'tool-called': ({ call, outcome, text, cut }) => {
    const [icon, predicate] = CALL_OUTCOMES[outcome];
    const note = cut ? ' (its answer was cut)' : '';
    return [{ text: `${icon} ${toolText(call.name)} ${predicate}${note}`, quote: text }];
  },
  granted: ({ part, budget, by }) => [
    {
      text: `:white_check_mark: ${mention(by.user)} granted more: the budget is ${amountText(part, budget[part])} now`,
    },
  ],
  executed: () => [{ text: ':gear: The plan was carried out' }],
  continued: () => [{ text: ':repeat: The run goes on in a new run of its workflow' }],
  ended: (end) => [
    end.state === 'gone'
      ? { text: `:octagonal_sign: ${goneText(end.why)}` }
      : {
          text: `:checkered_flag: It ended: ${escapeMrkdwn(end.state)}`,
          ...(end.state === 'failed' && { quote: end.failure.message }),
        },
  ],
  unshown: () => [{ text: ':warning: Slack did not take the last update of the card; it is tried again' }],
  repaired: ({ messages: { length } }) => {
    const text = `${count(length, 'message')} ${length === 1 ? 'was' : 'were'} brought up to date afterwards`;
    return length > 0 ? [{ text: `:wrench: ${text}` }] : [];
  },
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

/** So many calls of one turn are named. */
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

import type { Card, CardActivity, CardAsks } from '../../../run/card.js';
import type { RunStep } from '../../../run/state.js';
import { clip, count, escapeMrkdwn, mention, moment } from '../kit/text.js';
import { namesText, waitingForText } from './approver-names.js';

/** Links of a card: to the result, to the revisions before and after this one, and to the first message that asks people. */
export interface CardLinks {
  result?: string;
  replaces?: string;
  next?: string;
  asks?: string;
}

/** One line that says what the run waits for, does, or has come to. Mrkdwn. */
export function statusLine(card: Card, links: CardLinks = {}): string {
  const { state, requester, activity = {}, planned } = card;
  const { asks } = activity;
  switch (state.kind) {
    case 'waiting':
      return `:large_yellow_circle: *Waiting for* ${waitingForText(state.item, requester.user)}`;
    case 'executing':
      return asks ? asksLine(asks, requester.user, links.asks) : workingLine(activity);
    case 'completed':
      if (state.direct)
        return `:white_check_mark: *Done.* I couldn't post the result here, so ${mention(requester.user)} got it directly.`;
      return `:white_check_mark: *Done* → ${links.result ? `<${links.result}|Open the result>` : 'the result is in the thread'}`;
    case 'rejected':
      return `:no_entry: *Rejected by ${mention(state.decision.by.user)}* · ${moment(state.decision.at)}`;
    case 'changed': {
      const verb = state.decision.kind === 'edit' ? 'edited this plan' : 'asked for changes';
      const head = `:pencil2: *${mention(state.decision.by.user)} ${verb}* · ${moment(state.decision.at)}`;
      if (links.next) return `${head} → <${links.next}|Open revision ${(planned?.revision ?? 0) + 1}>`;
      if (asks) return asksLine(asks, requester.user, links.asks);
      return `${head} · I'm writing the next revision.`;
    }
    case 'expired':
      return `:alarm_clock: *Expired* ${moment(state.at)} · Nobody decided in time.`;
    case 'cancelled':
      return `:octagonal_sign: *Stopped${state.by ? ` by ${mention(state.by.user)}` : ''}* · ${moment(state.at)}`;
    case 'failed':
      return `:warning: *Failed* ${FAILED_AT[state.failure.step]}`;
    case 'retried':
      if (asks) return asksLine(asks, requester.user, links.asks);
      return `:repeat: *Trying again*${state.by ? `, as ${mention(state.by.user)} asked` : ''}`;
    case 'gone':
      return `:octagonal_sign: *Ended* · ${moment(state.at)}`;
  }
}

/** Text of a card for notifications and screen readers: what is to be decided, or what became of it. */
export function summaryText({ state, planned, goal, activity }: Card): string {
  const title = escapeMrkdwn(clip(planned?.plan.title ?? goal, 200));
  switch (state.kind) {
    case 'waiting': {
      const { revision = 1 } = planned ?? {};
      return `Approve?${revision > 1 ? ` Revision ${revision}:` : ''} ${title}`;
    }
    case 'executing':
      return `${activity?.asks ? askedText(activity.asks) : 'Working on it'}: ${title}`;
    case 'changed':
      return `${state.decision.kind === 'edit' ? 'Edited' : 'Changes requested'}: ${title}`;
    default:
      return `${SUMMARIES[state.kind]}: ${title}`;
  }
}

const SUMMARIES = {
  completed: 'Done',
  rejected: 'Rejected',
  expired: 'Expired',
  cancelled: 'Stopped',
  failed: 'Failed',
  retried: 'Trying again',
  gone: 'Ended',
};

/** Steps of a run inside "Failed …". */
export const FAILED_AT: Record<RunStep, string> = {
  search: 'while researching',
  plan: 'while writing the plan',
  post: 'while posting to Slack',
  execution: 'while carrying out the plan',
};

/** "3 actions to approve", "A question to answer". */
function askedText({ actions, questions }: CardAsks): string {
  const parts = [
    actions > 0 && `${count(actions, 'action')} to approve`,
    questions > 0 && (questions === 1 ? 'a question to answer' : `${count(questions, 'question')} to answer`),
  ].filter((part) => part !== false);
  const text = parts.join(' and ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function asksLine(asks: CardAsks, requester: string, link: string | undefined): string {
  const icon = asks.actions > 0 ? ':large_yellow_circle:' : ':question:';
  const open = link ? ` → <${link}|Open>` : '';
  return `${icon} *${askedText(asks)}* · ${namesText(asks.approvers, requester)}${open}`;
}

function workingLine({ pausedUntil, steps }: CardActivity): string {
  if (pausedUntil !== undefined)
    return `:double_vertical_bar: *Paused:* the AI model isn't available right now. I keep trying until ${moment(pausedUntil)}.`;
  const head = ':large_blue_circle: *Working*';
  if (steps?.current !== undefined) return `${head}: step ${steps.current} of ${steps.of}`;
  return steps && steps.done > 0
    ? `${head}: ${steps.done} of ${count(steps.of, 'step')} done`
    : `${head} on it`;
}

import type { DecisionKind } from '../../../src/approval/decision.js';
import type { CardState } from '../../../src/run/card.js';
import type { DecisionMessage } from '../../../src/run/message.js';
import type { WaitMessage } from '../../../src/run/model-wait.js';
import { modelWaitMessage } from '../../../src/slack/messages/notices/model-wait.js';
import { noticeMessage } from '../../../src/slack/messages/notices/notice.js';
import { escalationMessage, reminderMessage } from '../../../src/slack/messages/notices/reminder.js';
import { endingNotice, revisionNotice } from '../../../src/slack/messages/notices/requester-notice.js';
import { findWaitingItem } from '../../../src/slack/messages/request/waiting.js';
import { cardWith, waiting, waitMessage } from '../cards.js';
import { questionMessage, toolMessage } from '../requests.js';
import { ana, ben, decision, policyWith, verdict } from '../samples.js';
import { each, message, type Surface } from './sample.js';

const at = '2026-11-24T10:00:00.000Z';
const policy = policyWith({ approvers: ['SREVIEW'], approvals: 2, requesterMayApprove: false });
const place = { channel: 'C1', link: 'https://slack.example/p1' };
const plan = cardWith(waiting({ policy }));
const call = toolMessage({ policy });

const notice = (about: DecisionMessage, hasApproved?: boolean) =>
  noticeMessage(about, { ...place, ...(hasApproved && { hasApproved }) });
const remind = (about: DecisionMessage, draw: typeof reminderMessage) => {
  const item = findWaitingItem(about);
  if (!item) throw new Error('The sample does not wait');
  return draw(item, { mentions: ['<@UBEN>', '<@UCHLOE>'] }, place.link);
};

const ENDS: Record<Exclude<DecisionKind, 'extend' | 'answer'>, DecisionMessage> = {
  approve: cardWith({ kind: 'executing', votes: [decision({ by: ben })] }),
  reject: cardWith({ kind: 'rejected', decision: decision({ kind: 'reject', by: ben }) }),
  changes: cardWith({ kind: 'changed', decision: decision({ kind: 'changes', by: ben }) }),
  edit: cardWith({ kind: 'changed', decision: decision({ kind: 'edit', by: ben }) }),
};

const WAITS: Record<WaitMessage['state'], true> = {
  waiting: true,
  over: true,
  'given-up': true,
  stopped: true,
};

const run = { shortId: 'abcd2345', title: 'Draft the release notes', requester: ana.user, link: place.link };
const inThread = { ...run, to: { kind: 'thread' as const, nameOf: () => 'Ben Okafor' } };
const directly = { ...run, to: { kind: 'direct' as const } };
const END_STATES: Record<'rejected' | 'expired' | 'cancelled' | 'failed' | 'gone', CardState> = {
  rejected: { kind: 'rejected', decision: decision({ kind: 'reject', by: ben, note: 'Not this week.' }) },
  expired: { kind: 'expired', at },
  cancelled: { kind: 'cancelled', at, by: ben, votes: [] },
  failed: {
    ...{ kind: 'failed', executionId: 'execution-1', votes: [] },
    failure: { step: 'plan', code: 'Overloaded', message: 'The model is not available: Overloaded.' },
  },
  gone: { kind: 'gone', at, why: 'terminated', votes: [] },
};

export const NOTICES: Surface = {
  title: 'Direct messages, reminders and notes in the thread',
  samples: [
    message('a plan waits for you', notice(plan)),
    message('a plan that you approved waits for others', notice(plan, true)),
    message('a tool call waits for you', notice(call)),
    message('a question waits for you', notice(questionMessage())),
    ...each(ENDS, (about) => notice(about)).map((sample) => ({
      ...sample,
      name: `a plan’s end: ${sample.name}`,
    })),
    message('a plan’s end: expired', notice(cardWith({ kind: 'expired', at }))),
    message('a plan’s end: stopped', notice(cardWith({ kind: 'cancelled', at, by: ana, votes: [] }))),
    message(
      'a plan’s end: stopped by itself',
      notice(
        cardWith({
          kind: 'cancelled',
          at,
          votes: [],
          why: "Too few people are left who can approve. People who changed the plan, or asked for changes, can't",
        }),
      ),
    ),
    message(
      'a tool call’s end: rejected',
      notice(toolMessage({ outcome: verdict({ kind: 'reject', by: ben }) })),
    ),
    message(
      'a question’s end: answered',
      notice(questionMessage({ outcome: verdict({ kind: 'answer', by: ana }) })),
    ),
    message('a question’s end: expired', notice(questionMessage({ outcome: { kind: 'expired', at } }))),
    message('reminder: a plan', remind(plan, reminderMessage)),
    message('reminder: a tool call', remind(call, reminderMessage)),
    message('reminder: a question', remind(questionMessage(), reminderMessage)),
    message('escalation: a plan', remind(plan, escalationMessage)),
    message('escalation: a question', remind(questionMessage(), escalationMessage)),
    ...(['edit', 'changes'] as const).map((kind) =>
      message(`to the requester: a new revision, ${kind}`, revisionNotice({ kind, by: ben }, 2, inThread)),
    ),
    message(
      'to the requester: a new revision, with their own changes',
      revisionNotice({ kind: 'changes', by: ana }, 2, inThread),
    ),
    ...[inThread, directly].flatMap((about) =>
      each(END_STATES, (state) => endingNotice(state, about)).map((sample) => ({
        ...sample,
        name: `to the requester, ${about.to.kind}: ${sample.name}`,
      })),
    ),
    ...each(WAITS, (_, state) =>
      modelWaitMessage(waitMessage({ state, endedAt: '2026-11-24T10:20:00.000Z' })),
    ).map((sample) => ({ ...sample, name: `the model is away: ${sample.name}` })),
  ],
};

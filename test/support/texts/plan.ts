import type { CardState } from '../../../src/run/card.js';
import type { GoneOutcome } from '../../../src/run/state.js';
import { cardMessage } from '../../../src/slack/messages/plan/card.js';
import { changeBlocks } from '../../../src/slack/messages/plan/changes.js';
import {
  changesModal,
  editModal,
  extendModal,
  type ModalContext,
  rejectModal,
  tooFewApproversText,
} from '../../../src/slack/messages/plan/modals.js';
import { cardWith, waiting } from '../cards.js';
import { ana, ben, chloe, decision, plan, policyWith } from '../samples.js';
import { confirmations, each, form, message, type Surface } from './sample.js';

const at = '2026-11-24T10:00:00.000Z';
const votes = [decision({ by: ben, note: 'Ship it on Tuesday.' })];
const head = { sequence: 12, hash: 'a1b2c3d4'.repeat(8) };
const quorum = policyWith({ approvers: ['SREVIEW'], approvals: 2, requesterMayApprove: false });
const rejected = decision({ kind: 'reject', by: ben, note: 'Not this week.' });

const STATES: Record<CardState['kind'], CardState> = {
  waiting: waiting(),
  executing: { kind: 'executing', votes },
  completed: { kind: 'completed', votes, result: { channel: 'C1', ts: '2.0' }, head },
  changed: { kind: 'changed', decision: decision({ kind: 'changes', by: ben, note: 'Leave out step 2.' }) },
  rejected: { kind: 'rejected', decision: rejected, head },
  expired: { kind: 'expired', at, head },
  cancelled: {
    kind: 'cancelled',
    at,
    by: ana,
    votes,
    done: ['Add “Buy stickers” to the to-do list: done'],
    head,
  },
  failed: {
    ...{
      kind: 'failed',
      executionId: 'execution-1',
      votes,
      head,
      done: ['Add “Buy stickers” to the to-do list: done'],
    },
    failure: { step: 'execution', code: 'Overloaded', message: 'The model is not available: Overloaded.' },
  },
  retried: { kind: 'retried', by: ana },
  gone: { kind: 'gone', at, why: 'terminated', votes },
};

const about: ModalContext = {
  button: {
    run: 'abcd2345',
    request: 'request-1',
    revision: 1,
    items: [{ id: 'plan', digest: 'd'.repeat(64) }],
  },
  channel: 'C1',
  clickedOn: '1.0',
};
const warning = tooFewApproversText({ policy: quorum, left: 1, escalates: false });
const cut = {
  ...plan,
  steps: Array.from({ length: 12 }, (_, at) => ({
    title: `Part ${at + 1}`,
    detail: 'Much to do. '.repeat(80),
  })),
};
const GONE: Record<GoneOutcome['why'], GoneOutcome['why']> = {
  terminated: 'terminated',
  'timed-out': 'timed-out',
  failed: 'failed',
  unknown: 'unknown',
};
const longer = { ...plan, summary: 'Collect what changed, then write it up for users and partners.' };

export const PLAN: Surface = {
  title: 'The plan’s card',
  samples: [
    ...each(STATES, (state) => cardMessage(cardWith(state))),
    message(
      'waiting for two, after one approval, as revision 2',
      cardMessage(
        cardWith(waiting({ policy: quorum, votes: [decision({ by: chloe })] }), {
          planned: { plan, revision: 2, digest: 'd'.repeat(64), editedBy: ben },
          unsearched: 'Web search is not enabled for this organization',
          read: {
            ...{ messages: 3, older: 0, digest: 'a1b2'.repeat(16) },
            files: [{ name: 'prices.csv' }],
            unread: [{ name: 'plan.key', why: "I can't read this type" }],
          },
        }),
        { replaces: 'https://slack.example/p1' },
      ),
    ),
    message(
      'waiting in a direct message, because its channel is archived',
      cardMessage(cardWith(waiting({}, { unreachable: { channel: 'C1', reason: 'is_archived' } }))),
    ),
    message('waiting, while the rest is being posted', cardMessage(cardWith(waiting()), { isCut: true })),
    message(
      'completed, with the result as a direct message',
      cardMessage(
        cardWith({ kind: 'completed', votes, result: { channel: 'D1', ts: '2.0' }, direct: true, head }),
      ),
    ),
    message(
      'stopped by itself',
      cardMessage(
        cardWith({
          kind: 'cancelled',
          at,
          votes: [],
          why: "Too few people are left who can approve. People who changed the plan, or asked for changes, can't",
        }),
      ),
    ),
    message('changes since the last revision, in the thread', {
      text: 'Changes',
      blocks: changeBlocks(plan, longer, { from: 1, to: 2 }),
    }),
    message(
      'edited by a person',
      cardMessage(cardWith({ kind: 'changed', decision: decision({ kind: 'edit', by: ben }) })),
    ),
    message(
      'paused, because the model is away',
      cardMessage(cardWith(STATES.executing, { activity: { pausedUntil: at } })),
    ),
    message(
      'asking in the thread',
      cardMessage(
        cardWith(STATES.executing, {
          activity: { asks: { actions: 2, questions: 1, approvers: ['SREVIEW'] } },
        }),
        {
          asks: 'https://slack.example/p1',
        },
      ),
    ),
    message(
      'cut, with the rest in the thread',
      cardMessage(cardWith(waiting(), { planned: { plan: cut, revision: 1, digest: 'd'.repeat(64) } })),
    ),
    ...each(GONE, (why) => cardMessage(cardWith({ kind: 'gone', at, why }))).map((sample) => ({
      ...sample,
      name: `gone: ${sample.name}`,
    })),
    ...confirmations(cardMessage(cardWith(STATES.executing)).blocks),
    form('Reject', rejectModal(about)),
    form('Request changes', changesModal({ ...about, warning })),
    form('Edit plan', editModal(about, plan)),
    form('Extend', extendModal(about, { expiresAt: '2026-11-27T10:00:00.000Z' })),
  ],
};

import type { CardState } from '../../../src/run/card.js';
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
import { each, form, message, type Surface } from './sample.js';

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
  cancelled: { kind: 'cancelled', at, by: ana, votes, done: ['todo · add_todo: done'], head },
  failed: {
    ...{ kind: 'failed', executionId: 'execution-1', votes, head, done: ['todo · add_todo: done'] },
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
        cardWith({ kind: 'cancelled', at, votes: [], why: 'Too few people are left who may approve' }),
      ),
    ),
    message('changes since the last revision, in the thread', {
      text: 'Changes',
      blocks: changeBlocks(plan, longer, { from: 1, to: 2 }),
    }),
    form('Reject', rejectModal(about)),
    form('Request changes', changesModal({ ...about, warning })),
    form('Edit plan', editModal(about, plan)),
    form('Extend', extendModal(about, { expiresAt: '2026-11-27T10:00:00.000Z' })),
  ],
};

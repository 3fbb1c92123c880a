import type { Refusal } from '../../../src/approval/judge.js';
import { CountersignError } from '../../../src/platform/errors.js';
import type { NotAdmitted } from '../../../src/run/admission.js';
import { notAdmittedText, startWaitsText } from '../../../src/slack/messages/refusals/not-admitted.js';
import * as clicks from '../../../src/slack/messages/refusals/refused-click.js';
import {
  cannotCancelText,
  refusedDecisionText,
} from '../../../src/slack/messages/refusals/refused-decision.js';
import { typedBlocks } from '../../../src/slack/messages/refusals/typed-blocks.js';
import { planItem } from '../requests.js';
import { ana, ben, chloe, decision, policyWith } from '../samples.js';
import { each, message, type Surface } from './sample.js';

const item = planItem({ policy: policyWith({ approvers: ['SREVIEW'], requesterMayApprove: false }) });
const refused = (refusal: Refusal, kind: 'approve' | 'answer' = 'approve') =>
  refusedDecisionText({
    decision: decision({ kind, by: chloe }),
    ...{ refusal, requester: ana, item, link: 'https://slack.example/p1' },
  });

const REASONS: Record<Refusal['reason'], Refusal> = {
  'not-an-approver': { reason: 'not-an-approver' },
  'four-eyes': { reason: 'four-eyes' },
  edited: { reason: 'edited' },
  unsure: { reason: 'unsure', groups: ['SREVIEW'] },
  'no-longer-an-approver': { reason: 'no-longer-an-approver' },
  'unknown-person': { reason: 'unknown-person' },
  'bad-edit': { reason: 'bad-edit', problem: 'it changes nothing' },
  'bad-extension': { reason: 'bad-extension', problem: 'that time has passed' },
  'other-request': { reason: 'other-request' },
  'other-message': { reason: 'other-message' },
  'not-offered': { reason: 'not-offered' },
  'stale-revision': { reason: 'stale-revision', current: 2 },
  'wrong-digest': { reason: 'wrong-digest' },
  'already-voted': { reason: 'already-voted' },
  'already-decided': { reason: 'already-decided', decision: decision({ kind: 'changes', by: ben }) },
  over: { reason: 'over', state: 'cancelled' },
};

const NOT_ADMITTED: Record<NotAdmitted['reason'], NotAdmitted[]> = {
  'not-a-requester': [{ reason: 'not-a-requester' }],
  elsewhere: [
    { reason: 'elsewhere', channels: ['C1', 'C2'] },
    { reason: 'elsewhere', channels: [] },
  ],
  limit: [
    { reason: 'limit', limit: { of: 'person', part: 'atOnce', limit: 5, running: ['abcd2345', 'efgh2345'] } },
    { reason: 'limit', limit: { of: 'channel', part: 'atOnce', limit: 1 } },
    {
      reason: 'limit',
      limit: { of: 'person', part: 'perDay', limit: 50, goesOnAt: '2026-11-25T09:00:00.000Z' },
    },
  ],
  'others-conversation': [{ reason: 'others-conversation' }],
};

const failed = (code: string) => clicks.failureText(new CountersignError(code, ''), '');
const constants = Object.entries<unknown>(clicks).flatMap(([name, text]) =>
  typeof text === 'string' ? [message(name, text)] : [],
);

export const REFUSALS: Surface = {
  title: 'Refusals',
  samples: [
    ...each(REASONS, (reason) => refused(reason)),
    message('an answer: not-an-approver', refused({ reason: 'not-an-approver' }, 'answer')),
    message('an answer: not-offered', refused({ reason: 'not-offered' }, 'answer')),
    message('a stop by somebody else', cannotCancelText(ana)),
    ...Object.values(NOT_ADMITTED)
      .flat()
      .map((refusal, at) => message(`not admitted, ${at + 1}: ${refusal.reason}`, notAdmittedText(refusal))),
    message('not admitted, in a retry', notAdmittedText({ reason: 'not-a-requester' }, { isOwn: false })),
    message('the start is on hold', startWaitsText('abcd2345')),
    ...constants,
    message('what was typed into a refused form', {
      text: 'What you typed',
      blocks: typedBlocks({ note: 'Leave out step 2.', input: { title: 'Buy stickers' } }),
    }),
    message('limits can’t be checked', failed('StartNotCounted')),
    message('the run is over', clicks.runIsOver('https://slack.example/p1')),
    message('an edit that can’t be saved', clicks.editNotTaken('a plan needs at least one step')),
    ...(['started', 'not-allowed', 'elsewhere', 'stale'] as const).map((kind) =>
      message(`retry: ${kind}`, clicks.retryReply({ kind })),
    ),
  ],
};

import type { Refusal } from '../../../approval/judge.js';

/** Reasons for which a decision didn't count, as the ends of a sentence. */
export const REFUSALS: Record<Refusal['reason'], string> = {
  'not-an-approver': 'they are no approver',
  'four-eyes': 'they asked for this themselves',
  edited: 'they edited it, or asked for its changes',
  unsure: "Slack couldn't tell whether they may",
  'no-longer-an-approver': 'they were no longer an approver',
  'unknown-person': "Slack doesn't list them as an active person",
  'bad-edit': "the edit couldn't be saved",
  'bad-extension': "the new deadline wasn't valid",
  'other-request': 'nothing was waiting for it',
  'other-message': 'the button was on another message',
  'not-offered': 'this needs another button',
  'stale-revision': 'the plan has a newer revision',
  'wrong-digest': 'it had changed since',
  'already-voted': 'they had already approved',
  'already-decided': 'it was already decided',
  over: 'the run was over',
};

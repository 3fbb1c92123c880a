import { CountersignError } from '../../../platform/errors.js';
import type { NotAdmitted, PostObstacle } from '../../../run/admission.js';
import { obstacleText } from '../private/cannot-post.js';
import { notAdmittedText } from './not-admitted.js';

/** Replies to actions that no workflow judged. Temporal, the ledger or Slack did not answer, the run was over, or the person lacks the right. */
export const CLICK_NOT_CONFIRMED =
  ':warning: Your click could not be confirmed: Temporal did not answer. The buttons stay; clicking again is safe.';
export const SUBMISSION_NOT_CONFIRMED =
  'This could not be confirmed: Temporal did not answer. Your text is kept; submitting again is safe.';
export const COMMAND_NOT_CONFIRMED =
  ':warning: This could not be confirmed: Temporal did not answer. Check `/agent list` in a moment, then try again.';
export const MENTION_NOT_CONFIRMED =
  ':warning: This could not be confirmed: Temporal or the ledger did not answer. Check `/agent list` in a moment, then ask me again.';
export const STOP_NOT_CONFIRMED =
  ':warning: The stop could not be confirmed: Temporal or the ledger did not answer. Stopping again is safe.';

export const MEMBERSHIP_UNSURE =
  ':warning: Slack could not say just now whether you may do this. Nothing was changed; try again in a moment.';

const START_NOT_COUNTED =
  ':warning: Nothing was started: the ledger did not answer, so I could not check the limits. Try again in a moment.';

/** Reply to a failed action. `otherwise` is used unless the cause is a missing answer about memberships or limits. */
export function failureText(error: unknown, otherwise: string): string {
  const code = error instanceof CountersignError ? error.code : undefined;
  if (code === 'MembershipUnsure') return MEMBERSHIP_UNSURE;
  return code === 'StartNotCounted' ? START_NOT_COUNTED : otherwise;
}

const RUN_IS_OVER = 'This run is over, so your click changed nothing.';

/** `link` leads to the run's card. */
export function runIsOver(link?: string): string {
  return link ? `${RUN_IS_OVER} <${link}|See its card.>` : RUN_IS_OVER;
}

export const ANSWER_IS_EMPTY = 'Write your answer into the field first, then click `Answer`.';
export const CHANGES_ARE_EMPTY = 'Say what should change.';

export const MODAL_NOT_OPENED = ':warning: Slack did not open the form. Nothing was decided; click again.';
export const MODAL_IS_UNKNOWN = 'This form is not one of ours any more. Close it and click again.';
export const PLAN_NOT_READ =
  ':warning: The plan could not be read for editing. Nothing was changed; click again in a moment.';
export const PLAN_TOO_LONG_TO_EDIT =
  "This plan is too long for Slack's form. Use `Request changes` and say what should be different.";

/** `problem`: a clause, from the check of the edit. */
export function editNotTaken(problem: string): string {
  return `This can't be saved: ${problem}.`;
}

export const TOO_OFTEN =
  'You have clicked here very often. This click changed nothing; wait a minute, then click again.';

export const DECISION_NOT_ALLOWED = 'You are not among those who may decide this. Nothing was changed.';

export const DETAILS_NOT_ALLOWED =
  "The details are for who asked, those who may approve, and the members of the card's channel.";

export const START_AGAIN_NOT_ALLOWED =
  "Only those who can see this run can start it again: who asked, those who may approve, and the members of the card's channel.";

export const SCHEDULE_NOT_ALLOWED =
  'Only the person who asked for this schedule, and those who may approve its runs, can change it.';
export const SCHEDULE_MOVED =
  'Nothing was saved: plans would be posted elsewhere than this draft says. Give the command again where they belong.';
export const SCHEDULE_PASSED =
  'That time has passed, so I saved nothing. Give the command again with a later time.';
export const SCHEDULE_GONE = 'This schedule was deleted already.';

export const OTHER_MESSAGE =
  "This button is not on the run's own message, so your click changed nothing. Use the run's card.";

export function retryReply(outcome: RetryOutcome): string {
  if (outcome.kind === 'not-admitted') return notAdmittedText(outcome.refusal, { isOwn: false });
  if (outcome.kind === 'cannot-post') return obstacleText(outcome.obstacle, outcome.channel);
  return RETRY_REPLIES[outcome.kind];
}

type RetryOutcome =
  | { kind: keyof typeof RETRY_REPLIES }
  | { kind: 'not-admitted'; refusal: NotAdmitted }
  | { kind: 'cannot-post'; channel: string; obstacle: PostObstacle };

const RETRY_REPLIES = {
  started: 'Trying again, from the step that failed.',
  'not-allowed': 'Only the person who asked, and those who may approve, can retry this run.',
  elsewhere: OTHER_MESSAGE,
  stale: 'This was retried already, or is too old to go on. Start again with `/agent`.',
};

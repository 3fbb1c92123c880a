import { CountersignError } from '../../../platform/errors.js';
import type { NotAdmitted, PostObstacle } from '../../../run/admission.js';
import { obstacleText } from '../private/cannot-post.js';
import { notAdmittedText } from './not-admitted.js';

/** Replies to actions that no workflow judged. Temporal, the ledger or Slack did not answer, the run was over, or the person lacks the right. In them, "my server" is Temporal or the ledger. */
export const CLICK_NOT_CONFIRMED =
  ":warning: My server isn't answering, so I couldn't confirm your click. Click again: that's safe.";
export const SUBMISSION_NOT_CONFIRMED =
  "My server isn't answering, so I couldn't confirm this. Your text is still here. Submit again: that's safe.";
export const COMMAND_NOT_CONFIRMED =
  ":warning: My server isn't answering, so I couldn't confirm this. Check `/agent list` in a moment, then try again.";
export const MENTION_NOT_CONFIRMED =
  ":warning: My server isn't answering, so I couldn't confirm this. Check `/agent list` in a moment, then ask me again.";
export const STOP_NOT_CONFIRMED =
  ":warning: My server isn't answering, so I couldn't confirm the stop. Stop it again: that's safe.";

export const MEMBERSHIP_UNSURE =
  ":warning: Slack can't tell me right now whether you may do this. Nothing changed. Try again in a moment.";

const START_NOT_COUNTED =
  ":warning: I couldn't check the limits, so I started nothing. Try again in a moment.";

/** Reply to a failed action. `otherwise` is used unless the cause is a missing answer about memberships or limits. */
export function failureText(error: unknown, otherwise: string): string {
  const code = error instanceof CountersignError ? error.code : undefined;
  if (code === 'MembershipUnsure') return MEMBERSHIP_UNSURE;
  return code === 'StartNotCounted' ? START_NOT_COUNTED : otherwise;
}

const RUN_IS_OVER = 'This run is over. Your click changed nothing.';

/** `link` leads to the run's card. */
export function runIsOver(link?: string): string {
  return link ? `${RUN_IS_OVER} <${link}|Open the card>` : RUN_IS_OVER;
}

export const ANSWER_IS_EMPTY = 'Write your answer first, then click `Answer`.';
export const CHANGES_ARE_EMPTY = 'Say what should change.';
export const EXTENSION_IS_EMPTY = 'Choose how much longer people get.';

export const MODAL_NOT_OPENED = ":warning: Slack didn't open the form. Nothing is decided. Click again.";
export const MODAL_IS_UNKNOWN = 'This form is out of date. Close it, then click the button again.';
export const PLAN_NOT_READ = ":warning: I couldn't read the plan. Nothing changed. Click again in a moment.";
export const PLAN_TOO_LONG_TO_EDIT =
  "This plan is too long for Slack's form. Click `Request changes` and say what should be different.";

export const CALL_NOT_READ =
  ":warning: I couldn't read this action. Nothing changed. Click again in a moment.";
export const CALL_TOO_LONG_TO_EDIT =
  "This action is too long for Slack's form. Reject it, and say what should be different.";
export const CALL_NOT_EDITED = 'You changed nothing. Change a value, or go back and approve it as it is.';

export const FORM_HAS_CHANGED = 'The form has changed. Close it and click Edit again.';

/** `problem`: a clause, from the check of the edit. */
export function editNotTaken(problem: string): string {
  return `I can't save this: ${problem}.`;
}

export const TOO_OFTEN = 'Too many clicks. This one changed nothing. Wait a minute, then click again.';

export const DECISION_NOT_ALLOWED = "You can't decide this. Nothing changed.";

export const DETAILS_NOT_ALLOWED =
  "Only the person who asked, the approvers and the members of the card's channel can see the details.";

export const START_AGAIN_NOT_ALLOWED =
  "Only the person who asked, the approvers and the members of the card's channel can start this run again.";

export const START_AGAIN_NOT_IN_CHANNEL =
  "You aren't in the channel of this run, so I started nothing. Give me the goal with `/agent` where you are.";
export const START_AGAIN_NOT_POSSIBLE = "I can't start this run again. Give me the goal with `/agent`.";

export const SCHEDULE_NOT_ALLOWED =
  'Only the person who asked for this schedule and the approvers of its plans can change it.';
export const SCHEDULE_MOVED =
  'I saved nothing: the plans would now go to another channel. Give the command again in the channel where you want the plans.';
export const SCHEDULE_PASSED =
  'That time has passed, so I saved nothing. Give the command again with a later time.';
export const SCHEDULE_GONE = 'This schedule is already deleted.';

export const OTHER_MESSAGE =
  "This button isn't on the run's own message, so your click changed nothing. Use the run's card.";

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
  started: "I'm trying again, from the step that failed.",
  'not-allowed': 'Only the person who asked and the approvers can retry this run.',
  elsewhere: OTHER_MESSAGE,
  stale: "This was already retried, or it's too old. Start again with `/agent`.",
};

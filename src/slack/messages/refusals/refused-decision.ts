import type { Decision, DecisionKind } from '../../../approval/decision.js';
import type { Refusal } from '../../../approval/judge.js';
import { type Person, samePerson } from '../../../approval/person.js';
import type { ApprovalItem } from '../../../approval/request.js';
import { approversText, escapeMrkdwn, groupMention, joinMentions, mention, moment } from '../kit/text.js';

/** Verb and past participle of each decision. */
const VERBS: Record<DecisionKind, [verb: string, participle: string]> = {
  approve: ['approve', 'approved'],
  reject: ['reject', 'rejected'],
  changes: ['ask for changes to', 'sent back for changes'],
  edit: ['edit', 'edited, and waits anew'],
  extend: ['extend', 'extended'],
  answer: ['answer', 'answered'],
};

/** A decision that did not count. `item` is in its current state; `link` leads to its message. */
export interface RefusedDecision {
  decision: Decision;
  refusal: Refusal;
  requester: Person;
  item?: Pick<ApprovalItem, 'policy' | 'editors'> | undefined;
  link?: string | undefined;
}

/** Explains to a person why their decision did not count. */
export function refusedDecisionText(refused: RefusedDecision): string {
  const { decision, refusal, link } = refused;
  const isAnswer = decision.kind === 'answer';
  const lead = isAnswer ? 'Your answer was not taken' : 'Your click did not count';
  const see = link && !isAnswer ? ` <${link}|See the current card.>` : '';
  const [verb] = VERBS[decision.kind];
  switch (refusal.reason) {
    case 'not-an-approver':
      return `${lead}: ${notAmong(refused, `you are not among those who may ${verb} this`)}${see}`;
    case 'four-eyes':
      return `${lead}: ${notAmong(refused, `you asked for this, so somebody else must ${verb} it`)}${see}`;
    case 'edited':
      return `${lead}: ${notAmong(refused, 'you edited this or asked for its changes, so somebody else must approve it')}${see}`;
    case 'no-longer-an-approver': {
      const subject = decision.kind === 'approve' ? 'approval' : 'click';
      const why = `you are no longer among those who may ${verb} this`;
      return `Your ${subject} does not count any more: ${notAmong(refused, why)}${see}`;
    }
    case 'unsure':
      return `${lead}: Slack could not say just now whether you may ${verb} this${groupsText(refusal.groups)}. Nothing was decided; click again in a moment.${see}`;
    case 'unknown-person':
      return `${lead}: Slack knows no active person of your id.`;
    case 'bad-edit':
      return `Your edit was not taken: ${escapeMrkdwn(refusal.problem)}. ${decision.input ? 'The action' : 'The plan'} waits as it was.${see}`;
    case 'bad-extension':
      return `I didn’t extend it: ${refusal.problem}.${see}`;
    case 'stale-revision':
      return `${lead}: it was on revision ${decision.revision}, and the plan is at revision ${refusal.current} now.${see}`;
    case 'wrong-digest':
      return `${lead}: the button belongs to another request than the one that waits now.${see}`;
    case 'not-offered':
      return isAnswer
        ? `${lead}: this question has no such answer.`
        : `${lead}: this action is decided on its own, with Approve, Reject or Edit.${see}`;
    case 'other-request':
      return `${lead}: nothing waits for an answer on that card.${see}`;
    case 'other-message':
      return `${lead}: the button was on a message that does not ask for this.${see}`;
    case 'already-voted':
      return 'You have approved this already; the others are still to come.';
    case 'already-decided': {
      const { by, kind, at } = refusal.decision;
      const [, participle] = VERBS[kind];
      return `${mention(by.user)} was first: it was ${participle} ${moment(at)}. Your click changed nothing.${see}`;
    }
    case 'over':
      return `${lead}: the run is over (${refusal.state}).${see}`;
  }
}

/** Explains why a person may not decide, and names those who may. */
function notAmong({ decision, refusal, requester, item }: RefusedDecision, why: string): string {
  if (!item) return `${why}.`;
  const { policy, editors = [] } = item;
  const isListed = refusal.reason !== 'edited' || editors.some((editor) => samePerson(editor, decision.by));
  const approvers = approversText(policy, requester.user, isListed ? editors : [...editors, decision.by]);
  return decision.kind === 'answer' ? `this question is for ${approvers}.` : `${why}. Who can: ${approvers}.`;
}

function groupsText(groups: string[]): string {
  return groups.length > 0 ? ` (who is in ${joinMentions(groups.map(groupMention))})` : '';
}

export function cannotCancelText(requester: Person): string {
  return `Only ${mention(requester.user)}, who asked, and those who may approve can cancel this run.`;
}

import type { Decision, DecisionKind } from '../../../approval/decision.js';
import type { Refusal } from '../../../approval/judge.js';
import { type Person, samePerson } from '../../../approval/person.js';
import type { ApprovalItem } from '../../../approval/request.js';
import { approversText, escapeMrkdwn, groupMention, joinMentions, mention, moment } from '../kit/text.js';

/** Verb of each decision, in the present and in the past. */
export const VERBS: Record<DecisionKind, [verb: string, past: string]> = {
  approve: ['approve', 'approved'],
  reject: ['reject', 'rejected'],
  changes: ['request changes to', 'requested changes to'],
  edit: ['edit', 'edited'],
  extend: ['extend', 'extended'],
  answer: ['answer', 'answered'],
};

/** States of a run that is over, in the words of its card. */
export const OVER: Partial<Record<string, string>> = { completed: 'done', cancelled: 'stopped' };

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
  const lead = isAnswer ? "Your answer didn't count" : "Your click didn't count";
  const see = link && !isAnswer ? ` <${link}|Open the card>` : '';
  const [verb] = VERBS[decision.kind];
  switch (refusal.reason) {
    case 'not-an-approver':
      return `${lead}: ${notAmong(refused, `you can't ${verb} this`)}${see}`;
    case 'four-eyes':
      return `${lead}: ${notAmong(refused, `you asked for this, so somebody else must ${verb} it`)}${see}`;
    case 'edited':
      return `${lead}: ${notAmong(refused, 'you edited this or asked for its changes, so somebody else must approve it')}${see}`;
    case 'no-longer-an-approver': {
      const subject = decision.kind === 'approve' ? 'approval' : 'click';
      const why = `you can't ${verb} this any more`;
      return `Your ${subject} no longer counts: ${notAmong(refused, why)}${see}`;
    }
    case 'unsure':
      return `${lead}: Slack can't tell me right now whether you may ${verb} this${groupsText(refusal.groups)}. Click again in a moment.${see}`;
    case 'unknown-person':
      return `${lead}: Slack doesn't list you as an active person.`;
    case 'bad-edit':
      return `I can't save your edit: ${escapeMrkdwn(refusal.problem)}. ${decision.input ? 'The action' : 'The plan'} is unchanged.${see}`;
    case 'bad-extension':
      return `I didn't extend it: ${refusal.problem}.${see}`;
    case 'stale-revision':
      return `${lead}: it was on revision ${decision.revision}. The plan is now revision ${refusal.current}.${see}`;
    case 'wrong-digest':
      return `${lead}: this changed after you saw it. Open the card and decide there.${see}`;
    case 'not-offered':
      return isAnswer
        ? `${lead}: this question has no such answer.`
        : `${lead}: this action is not part of “Approve all”. Use its own Approve, Reject or Edit.${see}`;
    case 'other-request':
      return `${lead}: that card isn't waiting for a decision.${see}`;
    case 'other-message':
      return `${lead}: that message doesn't ask for this.${see}`;
    case 'already-voted':
      return 'You already approved this. It waits for others.';
    case 'already-decided': {
      const { by, kind, at } = refusal.decision;
      const [, past] = VERBS[kind];
      return `${mention(by.user)} already ${past} this, ${moment(at)}. Your click changed nothing.${see}`;
    }
    case 'over':
      return `${lead}: the run is over (${OVER[refusal.state] ?? refusal.state}).${see}`;
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
  return `Only ${mention(requester.user)}, who asked, and the approvers can stop this run.`;
}

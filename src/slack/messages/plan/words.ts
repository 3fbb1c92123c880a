import type { KnownBlock } from '@slack/types';
import type { Decision, Refusal } from '../../../approval/judge.js';
import { type Person, samePerson } from '../../../approval/person.js';
import type { ApprovalPolicy } from '../../../approval/policy.js';
import type { RunFailure } from '../../../run/run.js';
import type { QuestionCard } from '../../../run/thread.js';
import { WRONG_TOKEN } from '../../client/wrong-token.js';
import { retryButton } from '../kit/buttons.js';
import { line } from '../kit/lines.js';
import { clip, escapeMrkdwn, groupMention, listed, mention, moment } from '../kit/text.js';
import { approverWords } from '../kit/who.js';
import { answererWords } from '../question/question-card.js';

const DID: Record<Decision['kind'], string> = {
  approve: 'approved',
  reject: 'rejected',
  changes: 'sent back for changes',
  edit: 'edited, and a new revision waits',
  extend: 'extended',
};

/** Whom a request is for, to those who can't decide about it. */
export interface WhoCan {
  policy: ApprovalPolicy;
  requester: Person;
  /** Those who edited the plan. */
  editors?: Person[];
}

/** Why a click didn't count, to the person who clicked. */
export function refusalWords(
  decision: Decision,
  refusal: Refusal,
  { link, who }: { link?: string; who?: WhoCan } = {},
): string {
  const current = link ? ` <${link}|See the current card.>` : '';
  const can = who ? ` Who can: ${whoCan(who, decision, refusal)}.` : '';
  switch (refusal.reason) {
    case 'not-an-approver':
      return `Your click did not count: you are not among those who may ${VERB[decision.kind]} this.${can}${current}`;
    case 'four-eyes':
      return `Your click did not count: you asked for this, so somebody else must ${VERB[decision.kind]} it.${can}${current}`;
    case 'edited':
      return `Your click did not count: you edited this plan, so somebody else must approve it.${can}${current}`;
    case 'unsure':
      return `Your click did not count: Slack could not say just now whether you may ${VERB[decision.kind]} this${inGroups(refusal.groups)}. Nothing was decided; click again in a moment.${current}`;
    case 'no-longer-an-approver':
      return `Your ${decision.kind === 'approve' ? 'approval' : 'click'} does not count any more: you are no longer among those who may ${VERB[decision.kind]} this.${can}${current}`;
    case 'unknown-person':
      return 'Your click did not count: Slack knows no active person of your id.';
    case 'bad-edit':
      return `Your edit was not taken: ${escapeMrkdwn(refusal.what)}. The plan waits as it was.${current}`;
    case 'stale-revision':
      return `Your click did not count: it was on revision ${decision.revision}, and the plan is at revision ${refusal.current} now.${current}`;
    case 'wrong-digest':
      return `Your click did not count: what it was for is not what waits.${current}`;
    case 'not-offered':
      return `Your click did not count: a tool call can be approved or rejected, and nothing else.${current}`;
    case 'other-request':
      return `Your click did not count: nothing waits for an answer on that card.${current}`;
    case 'already-voted':
      return 'You have approved this already; the others are still to come.';
    case 'already-decided': {
      const { by, kind, at } = refusal.decision;
      return `${mention(by.user)} was first: it was ${DID[kind]} ${moment(at)}. Your click changed nothing.${current}`;
    }
    case 'over':
      return `Your click did not count: the run is over (${refusal.state}).${current}`;
  }
}

function whoCan({ policy, requester, editors = [] }: WhoCan, { by }: Decision, { reason }: Refusal): string {
  const isToldOf = reason !== 'edited' || editors.some((editor) => samePerson(editor, by));
  return approverWords(policy, requester.user, isToldOf ? editors : [...editors, by]);
}

const VERB: Record<Decision['kind'], string> = {
  approve: 'approve',
  reject: 'reject',
  changes: 'ask for changes to',
  edit: 'edit',
  extend: 'extend',
};

function inGroups(groups: string[]): string {
  const mentions = groups.map(groupMention);
  return mentions.length > 0 ? ` (who is in ${listed(mentions)})` : '';
}

/** Why an answer wasn't taken, to the person who gave it. */
export function cannotAnswerWords(question: QuestionCard): string {
  return `Your answer was not taken: this question is for ${answererWords(question)}.`;
}

export function cannotCancelWords(requester: Person): string {
  return `Only ${mention(requester.user)}, who asked, and those who may approve can cancel this run.`;
}

/** What to do when a channel can't be posted to, by Slack's error code. */
const REMEDIES: Record<string, (channel: string) => string> = {
  not_in_channel: (channel) =>
    `I am not a member of <#${channel}>. Invite me there with \`/invite @countersign\`, then retry.`,
  channel_not_found: (channel) =>
    `I can't see the channel \`${channel}\`. If it is private, invite me there; if it is wrong, correct \`APPROVAL_CHANNEL\`. Then retry.`,
  is_archived: (channel) =>
    `<#${channel}> is archived. Unarchive it, or set \`APPROVAL_CHANNEL\` to another channel. Then retry.`,
};

const NEW_TOKEN = () =>
  "Slack refuses my bot token. An operator must set a new `SLACK_BOT_TOKEN` from the app's page. Then retry.";
for (const code of WRONG_TOKEN) REMEDIES[code] = NEW_TOKEN;

/** Tells the asker why nothing appears in the channel, and offers to try again. */
export function cannotPost(
  runId: string,
  channel: string,
  failure: RunFailure,
  attempt: string,
): { text: string; blocks: KnownBlock[] } {
  const name = escapeMrkdwn(channel);
  const why = REMEDIES[failure.code]?.(name) ?? escapeMrkdwn(clip(failure.message, 400));
  const text = `Run \`${escapeMrkdwn(runId)}\` could not go on: the ${failure.step} failed. ${why}`;
  return {
    text,
    blocks: [
      line(text),
      {
        type: 'actions',
        block_id: 'retry',
        elements: [retryButton(runId, attempt)],
      },
    ],
  };
}

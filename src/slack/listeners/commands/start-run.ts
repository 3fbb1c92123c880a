import type { KnownBlock } from '@slack/types';
import type { Person } from '../../../approval/person.js';
import { type FollowUp, GOAL_LIMIT, type Origin } from '../../../run/run.js';
import { clip, escapeMrkdwn, mention } from '../../messages/kit/text.js';
import type { ListenerContext } from '../context.js';

/** Where and by whom a run is asked for. */
export interface Asked {
  runId: string;
  requester: Person;
  origin: Omit<Origin, 'at'>;
  /** The thread that the card goes into, in the channel where it is asked. */
  thread?: string;
  followUp?: FollowUp;
}

/** What the asker is told; `started` once the run is in Temporal. */
export interface Answer {
  words: { text: string; blocks?: KnownBlock[] };
  started: boolean;
}

/** Starts a run and says so: who asked, what, and the run's short id. */
export async function startRun(context: ListenerContext, goal: string, asked: Asked): Promise<Answer> {
  if (goal.length > GOAL_LIMIT) {
    const text = `The goal has ${goal.length} characters; the limit is ${GOAL_LIMIT}. Shorten it and try again.`;
    return { words: { text }, started: false };
  }
  const { runId, requester, origin, followUp } = asked;
  const { channel, thread } = cardPlace(context, asked);
  await context.runs.start({
    runId,
    goal,
    requester,
    origin: { ...origin, at: new Date().toISOString() },
    channel,
    ...(thread && { thread }),
    ...(followUp && { followUp }),
    policy: context.policyFor(channel),
  });
  const here = thread ? 'in this thread' : 'here';
  const where = channel === origin.channel ? here : `in <#${escapeMrkdwn(channel)}>`;
  const after = followUp ? ` It goes on from run \`${escapeMrkdwn(followUp.runId)}\`.` : '';
  const text = [
    `:mag: Run \`${runId}\` has started: ${mention(requester.user)} asked for`,
    `> ${escapeMrkdwn(clip(goal.replaceAll(/\s+/g, ' '), 1500))}`,
    `I am searching the web, then I post a plan ${where}.${after} Nothing is done before it is approved. \`/agent status ${runId}\` says where it stands.`,
  ].join('\n');
  return { words: { text }, started: true };
}

/**
 * Where the card goes. Where cards go to one channel, each is to be seen in it, so that only a follow-up, whose card belongs to the one
 * that it goes on from, stands in a thread there.
 */
function cardPlace(
  { approvalChannel }: ListenerContext,
  { origin, thread, followUp }: Asked,
): { channel: string; thread?: string } {
  if (approvalChannel === undefined || (followUp && approvalChannel === origin.channel)) {
    return { channel: origin.channel, ...(thread && { thread }) };
  }
  return { channel: approvalChannel };
}

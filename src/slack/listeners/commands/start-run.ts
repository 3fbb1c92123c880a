import type { SlashCommand } from '@slack/bolt';
import type { Person } from '../../../core/person.js';
import { GOAL_LIMIT } from '../../../core/run.js';
import { clip, escapeMrkdwn, mention } from '../../blocks/text.js';
import type { ListenerContext } from '../../ports.js';

/** Starts a run and says so: who asked, what, and the run's short id. */
export async function startRun(
  { runs, runIdOf, policyFor, approvalChannel }: ListenerContext,
  command: SlashCommand,
  requester: Person,
  goal: string,
): Promise<string> {
  if (goal.length > GOAL_LIMIT) {
    return `The goal has ${goal.length} characters; the limit is ${GOAL_LIMIT}. Shorten it and try again.`;
  }
  const channel = approvalChannel ?? command.channel_id;
  const runId = runIdOf({
    team: command.team_id,
    channel: command.channel_id,
    user: command.user_id,
    triggerId: command.trigger_id,
    responseUrl: command.response_url,
    text: command.text,
  });
  await runs.start({
    runId,
    goal,
    requester,
    origin: {
      channel: command.channel_id,
      at: new Date().toISOString(),
      ...(command.response_url && { responseUrl: command.response_url }),
    },
    channel,
    policy: policyFor(channel),
  });
  const where = channel === command.channel_id ? 'here' : `in <#${escapeMrkdwn(channel)}>`;
  return [
    `:mag: Run \`${runId}\` has started: ${mention(requester.user)} asked for`,
    `> ${escapeMrkdwn(clip(goal.replaceAll(/\s+/g, ' '), 1500))}`,
    `I am searching the web, then I post a plan ${where}. Nothing is done before it is approved. \`/agent status ${runId}\` says where it stands.`,
  ].join('\n');
}

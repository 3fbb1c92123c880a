import type { WebClient } from '@slack/web-api';
import { type Person, samePerson } from '../../../core/person.js';
import { type ApprovalPolicy, mayApprove } from '../../../core/policy.js';
import { listLines, statusWords } from '../../blocks/listing.js';
import { escapeMrkdwn } from '../../blocks/text.js';
import type { ListenerContext, RunSummary } from '../../ports.js';

const LIST_LIMIT = 15;

export async function listRuns({ runs }: ListenerContext, asker: Person): Promise<string> {
  const visible = await runs.list((memo) => isNear(memo, asker), LIST_LIMIT);
  if (visible.length === 0) return 'No runs yet. `/agent <goal>` starts one.';
  return ['Your runs and those you may approve, newest first:', ...listLines(visible)].join('\n');
}

/** Where a run stands, for the requester, the approvers and members of the card's channel. */
export async function showStatus(
  { runs }: ListenerContext,
  client: WebClient,
  asker: Person,
  runId: string,
): Promise<string> {
  const run = runId === '' ? undefined : await runs.describe(runId);
  if (!run || !(isNear(run.memo, asker) || (await isMember(client, run.memo.channel, asker)))) {
    return unknownRun('status', runId);
  }
  if (run.status !== 'RUNNING') return statusWords(run, undefined, await runs.end(runId));
  return statusWords(run, await runs.snapshot(runId));
}

export async function cancelRun({ runs }: ListenerContext, asker: Person, runId: string): Promise<string> {
  const run = runId === '' ? undefined : await runs.describe(runId);
  if (!run) return unknownRun('cancel', runId);
  if (!isNear(run.memo, asker)) {
    return 'Only the person who asked, and those who may approve, can cancel a run.';
  }
  const name = `\`${escapeMrkdwn(runId)}\``;
  const taken = await runs.cancel(runId, asker);
  return taken ? `Run ${name} is being cancelled.` : `Run ${name} is over already.`;
}

function unknownRun(verb: string, runId: string): string {
  if (runId === '') return `Which run? \`/agent ${verb} <run>\`; \`/agent list\` shows them.`;
  return `There is no run \`${escapeMrkdwn(runId)}\` that you can see. \`/agent list\` shows yours.`;
}

/** The requester, or somebody who may approve. */
function isNear({ requester, approvers }: RunSummary['memo'], person: Person): boolean {
  const policy: ApprovalPolicy = { approvers, approvals: 1, requesterMayApprove: true, expiresAfterMs: 0 };
  return (
    samePerson(requester, person) || (!approvers.includes('anyone') && mayApprove(policy, requester, person))
  );
}

async function isMember(client: WebClient, channel: string, person: Person): Promise<boolean> {
  let cursor: string | undefined;
  try {
    do {
      const page = await client.conversations.members({ channel, limit: 1000, ...(cursor && { cursor }) });
      if (page.members?.includes(person.user)) return true;
      cursor = page.response_metadata?.next_cursor;
    } while (cursor);
  } catch {
    // Where Slack can't say who is in the channel, only those near the run see it.
  }
  return false;
}

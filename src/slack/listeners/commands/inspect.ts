import type { WebClient } from '@slack/web-api';
import type { Person } from '../../../approval/person.js';
import { listLines, problemLines, statusWords } from '../../messages/home/listing.js';
import { clip, escapeMrkdwn } from '../../messages/kit/text.js';
import { isNear, mayCancel, maySee } from '../../permissions/permissions.js';
import type { ListenerContext } from '../context.js';

const LIST_LIMIT = 15;

export async function listRuns(context: ListenerContext, asker: Person): Promise<string> {
  const visible = await context.runs.list((memo) => isNear(context, memo, asker), LIST_LIMIT);
  if (visible.length === 0) return 'No runs yet. `/agent <goal>` starts one.';
  return ['Your runs and those you may approve, newest first:', ...listLines(visible)].join('\n');
}

/** Where a run stands, for the requester, the approvers and members of the card's channel. */
export async function showStatus(
  context: ListenerContext,
  client: WebClient,
  asker: Person,
  runId: string,
): Promise<string> {
  const { runs } = context;
  const run = runId === '' ? undefined : await runs.describe(runId);
  if (!run || !(await maySee(context, client, run.memo, asker))) {
    return unknownRun('status', runId);
  }
  if (run.status !== 'RUNNING') return statusWords(run, undefined, await runs.end(runId));
  return [statusWords(run, await runs.snapshot(runId)), ...problemLines(context.toolProblems())].join('\n');
}

/** Asks a run to stop, for those whom the workflow lets. `once` tells this request apart from the asker's other ones. */
export async function cancelRun(
  context: ListenerContext,
  client: WebClient,
  by: Person,
  { runId, once }: { runId: string; once: string },
): Promise<string> {
  const { runs } = context;
  const run = runId === '' ? undefined : await runs.describe(runId);
  if (!run) return unknownRun('cancel', runId);
  const name = `\`${escapeMrkdwn(runId)}\``;
  const may = await mayCancel(context, client, run, by);
  if (may === 'no' || may === 'later') {
    context.recordRefused(runId, { by, reason: 'cannot-cancel', once });
    return may === 'no'
      ? 'Only the person who asked, and those who may approve, can cancel a run.'
      : `You can cancel run ${name} once it is escalated to you. Until then only the person who asked, and those who may approve now, can.`;
  }
  if (!(await runs.cancel(runId, by))) return `Run ${name} is over already.`;
  if (may === 'yes') return `Run ${name} is being cancelled.`;
  return `Run ${name} is asked to stop. No worker could say just now whether you may; if you may not, you will be told.`;
}

function unknownRun(verb: string, runId: string): string {
  if (runId === '') return `Which run? \`/agent ${verb} <run>\`; \`/agent list\` shows them.`;
  return `There is no run \`${escapeMrkdwn(clip(runId, 50))}\` that you can see. \`/agent list\` shows yours.`;
}

import { isCancellation, workflowInfo } from '@temporalio/workflow';
import type { ResultReport } from '../run/message.js';
import type { MessageRef } from '../run/message-ref.js';
import type { Run, RunContext } from './run.js';
import { postResult } from './runtime/activities.js';
import { tryStep } from './try-step.js';

/** Posts the result under the card; where that can't be done for good, to the requester (`direct`). */
export function deliverResult(
  { run, cards }: RunContext,
  text: string,
): Promise<{ result: MessageRef; direct?: boolean }> {
  const { runId, requester, channel } = run.input;
  const key = `${runId}/${workflowInfo().runId}/result`;
  const thread = cards.current ?? { channel, ts: '' };
  const message = { runId, requester, text, ...reportOf(run) };
  return tryStep('post', async () => {
    try {
      return { result: await postResult({ thread, key, ...message }) };
    } catch (error) {
      if (isCancellation(error)) throw error;
      const direct = { channel: requester.user, ts: '' };
      return { result: await postResult({ thread: direct, key: `${key}/direct`, ...message }), direct: true };
    }
  });
}

/** Facts for the result's footer. */
function reportOf({ resume: { execution, approved, planning } }: Run): { report?: ResultReport } {
  if (!execution || !approved) return {};
  const { spent, sources } = execution;
  const { inputTokens = 0, outputTokens = 0, costUsd = 0 } = planning ?? {};
  const usage = {
    ...spent,
    tokens: spent.tokens + inputTokens + outputTokens,
    costUsd: spent.costUsd + costUsd,
  };
  const tookMs = Math.max(0, Date.now() - Date.parse(approved.decision.at));
  return { report: { usage, tookMs, sources } };
}

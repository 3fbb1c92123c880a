import { condition, defineSignal, proxyActivities, type RetryPolicy, setHandler } from '@temporalio/workflow';
import type { Activities } from './app.js';

export const humanApprove = defineSignal<[string]>('humanApprove');

const retry = {
  initialInterval: '2 seconds',
  maximumAttempts: 5,
  nonRetryableErrorTypes: ['InvalidRequestError'],
} satisfies RetryPolicy;
const { searchWeb } = proxyActivities<Activities>({ startToCloseTimeout: '1 minute', retry });
const { callLlm, post } = proxyActivities<Activities>({ startToCloseTimeout: '5 minutes', retry });

/** The seed's flow with a card and a result in Slack, and no guarantee beyond Temporal's own. */
export async function skeleton(goal: string, channel: string, id: string): Promise<string> {
  let notes: string | undefined;
  setHandler(humanApprove, (said) => {
    notes = said;
  });
  const found = await searchWeb(goal);
  const plan = await callLlm(`Create an action plan for: ${goal}\nContext: ${found}`);
  const thread = await post({ channel, text: plan, button: id });
  await condition(() => notes !== undefined, '3 days');
  const result = await callLlm(`Execute: ${plan}\nApproval: ${notes}`);
  await post({ channel, text: result, thread });
  return result;
}

import {
  ActivityCancellationType,
  type ActivityFunction,
  proxyActivities,
  type RetryPolicy,
} from '@temporalio/workflow';
import type { Activities } from '../activities/types.js';

/** The seed's policy: it binds the calls that go to the model and the web. */
const modelRetry = {
  initialInterval: '2 seconds',
  maximumAttempts: 5,
  nonRetryableErrorTypes: ['InvalidRequestError'],
} satisfies RetryPolicy;

/** Posts and checkpoints try what is transient until a run would have expired. */
const deliveryRetry = { initialInterval: '500 ms', maximumInterval: '30 seconds' } satisfies RetryPolicy;

/** A worker that dies is noticed after this long; activities beat on a timer. */
const heartbeatTimeout = '3 seconds';

type Proxied = Activities & Record<string, ActivityFunction>;

export const { searchWeb } = proxyActivities<Proxied>({
  startToCloseTimeout: '1 minute',
  heartbeatTimeout,
  retry: modelRetry,
});

const plan = proxyActivities<Proxied>({
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout,
  retry: modelRetry,
});

const execution = proxyActivities<Proxied>({
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout,
  retry: modelRetry,
});

/** `callLlm` under the time-out of what it is asked for. */
export const callLlm = { plan: plan.callLlm, execute: execution.callLlm };

export const { persistCheckpoint, postCard, updateCard, postResult, tellPerson } = proxyActivities<Proxied>({
  startToCloseTimeout: '30 seconds',
  scheduleToCloseTimeout: '3 days',
  heartbeatTimeout,
  retry: deliveryRetry,
  // A post that is under way when the run is cancelled may have been made: without its answer the card kept its buttons.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});

import {
  ActivityCancellationType,
  type ActivityFunction,
  proxyActivities,
  type RetryPolicy,
} from '@temporalio/workflow';
import type { Activities, LlmTask } from '../activities/types.js';
import { ridingOutInterruptions } from './interruptions.js';

/** Retry policy of calls that go to the model and the web. An interruption ends them; see `interruptions`. */
const modelRetry = {
  initialInterval: '2 seconds',
  maximumAttempts: 5,
  nonRetryableErrorTypes: ['InvalidRequestError', 'WorkerShutdown', 'TemporalTimeout:Heartbeat'],
} satisfies RetryPolicy;

/** Posts and checkpoints try what is transient until a run would have expired. */
const deliveryRetry = { initialInterval: '500 ms', maximumInterval: '30 seconds' } satisfies RetryPolicy;

/** A worker that dies is noticed after this long; activities beat on a timer. */
const heartbeatTimeout = '3 seconds';

const READ_ATTEMPTS = 3;

type Proxied = Activities & Record<string, ActivityFunction>;

/** The activities of the model and the web; their five attempts are there for faults alone. */
function modelCall<T>(
  startToCloseTimeout: '1 minute' | '2 minutes' | '5 minutes',
  call: (activities: Proxied) => Promise<T>,
): Promise<T> {
  return ridingOutInterruptions(modelRetry.maximumAttempts, (maximumAttempts) =>
    call(
      proxyActivities<Proxied>({
        startToCloseTimeout,
        heartbeatTimeout,
        retry: { ...modelRetry, maximumAttempts },
      }),
    ),
  );
}

export const searchWeb: Activities['searchWeb'] = (input) =>
  modelCall('1 minute', (activities) => activities.searchWeb(input));

const LLM_TIMEOUTS = { plan: '2 minutes', turn: '5 minutes' } as const satisfies Record<LlmTask, string>;

/** `callLlm` under the time-out of its task. */
export const callLlm: Activities['callLlm'] = (request) =>
  modelCall(LLM_TIMEOUTS[request.task], (activities) => activities.callLlm(request));

/** A tool call in flight is told of a cancellation, and what became of it is waited for. */
const toolCall = {
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
} as const;

/** A call that may change something: made once, whatever happens to its answer. */
const { callTool: callToolOnce } = proxyActivities<Proxied>({ ...toolCall, retry: { maximumAttempts: 1 } });

/** `callTool`: what only reads may be tried again, anything else is not. */
export const callTool: Record<'read' | 'once', Activities['callTool']> = {
  read: (call) =>
    ridingOutInterruptions(READ_ATTEMPTS, (maximumAttempts) =>
      proxyActivities<Proxied>({ ...toolCall, retry: { ...modelRetry, maximumAttempts } }).callTool(call),
    ),
  once: callToolOnce,
};

export const {
  persistCheckpoint,
  digestPlan,
  postCard,
  updateCard,
  postResult,
  tellPerson,
  remindApprovers,
  notifyApprovers,
  updateNotices,
  postInThread,
  updateInThread,
} = proxyActivities<Proxied>({
  startToCloseTimeout: '30 seconds',
  scheduleToCloseTimeout: '3 days',
  heartbeatTimeout,
  retry: deliveryRetry,
  // A post that is under way when the run is cancelled may have been made: without its answer the card kept its buttons.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});

/** A run's last entries: its card waits for them, but not for a ledger that is away. */
export const { persistCheckpoint: persistCheckpointSoon } = proxyActivities<Proxied>({
  startToCloseTimeout: '5 seconds',
  scheduleToCloseTimeout: '5 seconds',
  heartbeatTimeout,
  retry: deliveryRetry,
});

/** What somebody waits for at the gate: where Slack can't say in time, the gate stays shut and says so. */
export const { lookUp } = proxyActivities<Proxied>({
  startToCloseTimeout: '10 seconds',
  scheduleToCloseTimeout: '20 seconds',
  heartbeatTimeout,
  retry: deliveryRetry,
});

import {
  ActivityCancellationType,
  type ActivityFunction,
  type ActivityOptions,
  CancellationScope,
  proxyActivities,
  type RetryPolicy,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities, LlmTask } from '../../activities/types.js';
import type { ThreadContext } from '../../run/thread.js';
import { retryInterrupted } from './interruptions.js';
import { callQueues } from './task-queues.js';

/** Binds the calls that go to the model and the web. An interruption ends an attempt for good; `retryInterrupted` makes it again. */
const modelRetry = {
  initialInterval: '2 seconds',
  maximumAttempts: 5,
  nonRetryableErrorTypes: ['InvalidRequestError', 'WorkerShutdown', 'TemporalTimeout:Heartbeat'],
} satisfies RetryPolicy;

/** Posts and checkpoints are tried again after a passing failure until a run would have expired. */
const deliveryRetry = { initialInterval: '500 ms', maximumInterval: '30 seconds' } satisfies RetryPolicy;

/** A worker that dies is noticed after this long; activities beat on a timer. */
const heartbeatTimeout = '3 seconds';

const READ_ATTEMPTS = 3;

type Duration = NonNullable<ActivityOptions['startToCloseTimeout']>;

function proxy(options: ActivityOptions) {
  return proxyActivities<Activities & Record<string, ActivityFunction>>({
    heartbeatTimeout,
    retry: deliveryRetry,
    ...options,
  });
}

/** Calls an activity of the model or the web; its five attempts are there for faults alone. */
function modelCall<T>(
  startToCloseTimeout: Duration,
  call: (activities: Activities) => Promise<T>,
): Promise<T> {
  const taskQueue = callQueues(workflowInfo().taskQueue).models;
  return retryInterrupted(modelRetry.maximumAttempts, (maximumAttempts) =>
    call(proxy({ taskQueue, startToCloseTimeout, retry: { ...modelRetry, maximumAttempts } })),
  );
}

/** A call without a thread has one argument, not an empty second one. */
const ofThread = (thread?: ThreadContext): [ThreadContext] | [] => (thread ? [thread] : []);

export const searchWeb: Activities['searchWeb'] = (input, thread) =>
  modelCall('1 minute', (activities) => activities.searchWeb(input, ...ofThread(thread)));

/** Time-outs of one attempt of `callLlm`, by task. */
const LLM_TIMEOUTS: Record<LlmTask, Duration> = { plan: '2 minutes', turn: '5 minutes' };

export const callLlm: Activities['callLlm'] = (request, thread) =>
  modelCall(LLM_TIMEOUTS[request.task], (activities) => activities.callLlm(request, ...ofThread(thread)));

/** A call has five minutes for itself. Its tool may ask people for an hour in all; the call's own process counts that. */
const CALL_TIMEOUT = '65 minutes';

/** A tool call in flight is told of a cancellation, and its outcome is waited for. */
const toolCall = (retry: RetryPolicy): Activities['callTool'] =>
  proxy({
    taskQueue: callQueues(workflowInfo().taskQueue).tools,
    startToCloseTimeout: CALL_TIMEOUT,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry,
  }).callTool;

/** `callTool`: a call that only reads is tried again; one that may change something is made once, whatever happens to its answer. */
export const callTool: Record<'read' | 'once', Activities['callTool']> = {
  read: (call) =>
    retryInterrupted(READ_ATTEMPTS, (maximumAttempts) => toolCall({ ...modelRetry, maximumAttempts })(call)),
  once: (call) => toolCall({ maximumAttempts: 1 })(call),
};

const scheduleToCloseTimeout = '3 days';

/** Files of others can take long to load and to parse, so posts don't share their slots. */
export const readThread: Activities['readThread'] = (mention) =>
  proxy({
    taskQueue: callQueues(workflowInfo().taskQueue).tools,
    startToCloseTimeout: '5 minutes',
    scheduleToCloseTimeout,
  }).readThread(mention);

const deliveries = proxy({ startToCloseTimeout: '30 seconds', scheduleToCloseTimeout });
/** A post waits until the files that it refers to show in the thread. */
const postsWithFiles = proxy({ startToCloseTimeout: '3 minutes', scheduleToCloseTimeout });

export const {
  admitRun,
  persistCheckpoint,
  digestPlan,
  updateCard,
  sendPrivately,
  remindApprovers,
  notifyApprovers,
  updateNotices,
  updateInThread,
} = deliveries;

/** A post goes on when the run is cancelled. Without its answer, nobody could take the buttons away from a message that was posted. */
const toTheEnd =
  <I, T>(post: (input: I) => Promise<T>) =>
  (input: I): Promise<T> =>
    CancellationScope.nonCancellable(() => post(input));

export const postCard: Activities['postCard'] = toTheEnd(deliveries.postCard);
export const postResult: Activities['postResult'] = toTheEnd(postsWithFiles.postResult);
export const postInThread: Activities['postInThread'] = toTheEnd(postsWithFiles.postInThread);

/** A person waits for the answer: where Slack can't say in time, the request stays shut and says so. */
export const { lookUpMembership, readPolicy } = proxy({
  startToCloseTimeout: '10 seconds',
  scheduleToCloseTimeout: '20 seconds',
});

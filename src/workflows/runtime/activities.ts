import {
  ActivityCancellationType,
  type ActivityFunction,
  type ActivityOptions,
  CancellationScope,
  proxyActivities,
  type RetryPolicy,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities, LlmAnswer, LlmRequest, LlmTask } from '../../activities/types.js';
import type { ThreadContext } from '../../run/thread.js';
import { AWAY, type AwaitModel, retryInterrupted } from './interruptions.js';
import { callQueues } from './task-queues.js';

/** Binds the calls that go to the model and the web. An interruption ends an attempt for good; `retryInterrupted` makes it again. */
const modelRetry = {
  initialInterval: '2 seconds',
  maximumAttempts: 5,
  nonRetryableErrorTypes: ['InvalidRequestError', 'WorkerShutdown', 'TemporalTimeout:Heartbeat'],
} satisfies RetryPolicy;

/** Posts and checkpoints are tried again after a passing failure until a run would have expired. */
const deliveryRetry = { initialInterval: '500 ms', maximumInterval: '30 seconds' } satisfies RetryPolicy;

/**
 * A worker that dies is noticed after this long; activities beat on a timer. A silence of this length also ends an activity whose worker is cut off from
 * Temporal. A post is then looked for and a call is made again; after a call that may have changed something people are asked.
 */
const SILENCE = { delivery: '3 seconds', call: '4 seconds', change: '10 seconds' } as const;

const READ_ATTEMPTS = 3;

type Duration = NonNullable<ActivityOptions['startToCloseTimeout']>;

function proxy(options: ActivityOptions) {
  return proxyActivities<Activities & Record<string, ActivityFunction>>({
    heartbeatTimeout: SILENCE.delivery,
    retry: deliveryRetry,
    ...options,
  });
}

/**
 * Calls an activity of the model or the web; its five attempts are there for faults alone. `awaitModel` waits while the model takes no request.
 */
function modelCall<T>(
  startToCloseTimeout: Duration,
  call: (activities: Activities) => Promise<T>,
  awaitModel: AwaitModel,
): Promise<T> {
  const taskQueue = callQueues(workflowInfo().taskQueue).models;
  const nonRetryableErrorTypes = [...modelRetry.nonRetryableErrorTypes, ...AWAY];
  const attempt = (maximumAttempts: number) => {
    const retry = { ...modelRetry, maximumAttempts, nonRetryableErrorTypes };
    return call(proxy({ taskQueue, startToCloseTimeout, heartbeatTimeout: SILENCE.call, retry }));
  };
  return retryInterrupted(modelRetry.maximumAttempts, attempt, awaitModel);
}

/** A call without a thread has one argument, not an empty second one. */
const ofThread = (thread?: ThreadContext): [ThreadContext] | [] => (thread ? [thread] : []);

/** Longest duration of one attempt. The client's patience for the answer to begin is shorter (`PATIENCE_MS`). */
const TIMEOUTS: Record<'search' | LlmTask, Duration> = {
  search: '5 minutes',
  plan: '5 minutes',
  turn: '15 minutes',
};

export const searchWeb = (
  input: Parameters<Activities['searchWeb']>[0],
  thread: ThreadContext | undefined,
  awaitModel: AwaitModel,
): ReturnType<Activities['searchWeb']> =>
  modelCall(TIMEOUTS.search, (activities) => activities.searchWeb(input, ...ofThread(thread)), awaitModel);

export const callLlm = <T extends LlmTask>(
  request: LlmRequest<T>,
  thread: ThreadContext | undefined,
  awaitModel: AwaitModel,
): Promise<LlmAnswer<T>> =>
  modelCall(
    TIMEOUTS[request.task],
    (activities) => activities.callLlm(request, ...ofThread(thread)),
    awaitModel,
  );

/** A call has five minutes for itself. Its tool may ask people for an hour in all; the call's own process counts that. A minute is left for its end. */
const CALL_TIMEOUT = '66 minutes';

/** A tool call in flight is told of a cancellation, and its outcome is waited for. */
const toolCall = (heartbeatTimeout: Duration, retry: RetryPolicy): Activities['callTool'] =>
  proxy({
    heartbeatTimeout,
    taskQueue: callQueues(workflowInfo().taskQueue).tools,
    startToCloseTimeout: CALL_TIMEOUT,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry,
  }).callTool;

/** `callTool`: a call that only reads is tried again; one that may change something is made once, whatever happens to its answer. */
export const callTool: Record<'read' | 'once', Activities['callTool']> = {
  read: (call) =>
    retryInterrupted(READ_ATTEMPTS, (maximumAttempts) =>
      toolCall(SILENCE.call, { ...modelRetry, maximumAttempts })(call),
    ),
  once: (call) => toolCall(SILENCE.change, { maximumAttempts: 1 })(call),
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
  editCall,
  updateCard,
  sendPrivately,
  remindApprovers,
  notifyApprovers,
  updateNotices,
} = deliveries;

/** A cancelled update says whether Slack took it. */
export const { updateInThread } = proxy({
  startToCloseTimeout: '30 seconds',
  scheduleToCloseTimeout,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});

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

import { Context } from '@temporalio/activity';
import { RemoteError } from '../platform/errors.js';
import { isOver, type Sealed, type ShownCard, sealCard } from '../run/card.js';
import { type Checkpoint, type PostedEvent, postedEntry } from '../run/event.js';
import type { MessageRef } from '../run/message.js';
import { warnOf } from '../telemetry/warnings.js';
import { appendBeside } from './append-entries.js';
import { createAttempts, endedHere } from './attempts.js';
import type { Ledger, Messenger, PostOnce } from './ports.js';
import { runActivity } from './run-activity.js';
import type { Activities, CardUpdate } from './types.js';

type SlackActivities = Pick<Activities, Exclude<keyof Messenger, 'tellRequester'>>;

/** The ledger's part of a post. */
interface Booking {
  entries: Checkpoint[];
  posted: PostedEvent | undefined;
}

/** Slack's clock and ours may differ by this much, in milliseconds. */
const CLOCK_SKEW_MS = 60_000;

/** Longest time that a request is on its way to Slack after its process died or gave it up, in milliseconds. Temporal notices a death a second later. */
const IN_FLIGHT_MS = 2_000;

/** Pause before a post is tried again that an operator must make possible, in milliseconds. */
const FIX_RETRY_MS = 10_000;

export function createSlackActivities(messenger: Messenger, ledger: Ledger): SlackActivities {
  const inTurn = createAttempts();
  const runPost = <T>(work: () => Promise<T>) => runActivity(() => inTurn(work));
  const persist = <T>(work: () => Promise<T>) => runPost(() => untilFixed(work));

  /** Posts, then writes the entries with the event of the post. */
  async function postAndAppend(
    { entries, posted }: Booking,
    shortId: string,
    post: () => Promise<MessageRef>,
  ): Promise<{ message: MessageRef } & Sealed> {
    const message = await drawOnce(post);
    const event = posted && postedEntry(posted, shortId, message);
    return { message, ...(await appendBeside(ledger, event ? [...entries, event] : entries)) };
  }

  // A run that can't post its card, or a message that asks people, must not wait in silence. So a failure that only an operator can end is not tried
  // again, and the requester is told at once.
  return {
    postCard: ({ key, entries, posted, ...input }) =>
      runPost(async () => {
        const { card } = input;
        const post = (sealed: Sealed) =>
          messenger.postCard({ ...input, card: sealCard(card, sealed) }, once(key));
        if (!isOver(card.state))
          return await postAndAppend({ entries, posted }, card.shortId, () => post({}));
        const sealed = await appendBeside(ledger, entries);
        const message = await drawOnce(() => post(sealed));
        // A new message in a direct message notifies by itself.
        if (!message.channel.startsWith('D') || message.thread)
          await untilFixed(() =>
            messenger.tellRequester({ card, at: message, thread: message }, once(`${key}/requester`)),
          );
        return { message, ...sealed };
      }),
    postInThread: ({ key, entries, posted, show, ...input }) =>
      runPost(async () => {
        const done = await postAndAppend({ entries, posted }, input.message.shortId, () =>
          messenger.postInThread(input, once(key)),
        );
        return { ...done, ...(show && { isShown: await tryShow(messenger, leadTo(done.message, show)) }) };
      }),
    updateCard: (input) => runPost(() => showCard(messenger, input)),
    updateInThread: ({ show, ...input }) =>
      persist(async () => {
        // The run, or its next execution, may have shown its end by the time that Slack takes this.
        const { cancellationSignal: signal } = Context.current();
        const isSent = await messenger.updateInThread(input, signal).catch(sentIfCancelled);
        if (!isSent) return { isLeftOut: true };
        return { ...(show && { isShown: !signal.aborted && (await tryShow(messenger, show, signal)) }) };
      }),
    postResult: ({ key, entries, show, ...input }) =>
      runPost(async () => {
        const message = await untilFixed(() => messenger.postResult(input, once(key)));
        const sealed = await appendBeside(ledger, entries);
        const isShown = show !== undefined && (await tryShow(messenger, finished(show, sealed, message)));
        return { message, isShown, ...sealed };
      }),
    remindApprovers: ({ key, ...input }) => persist(() => messenger.remindApprovers(input, once(key))),
    notifyApprovers: ({ key, ...input }) => persist(() => messenger.notifyApprovers(input, once(key))),
    updateNotices: (input) => persist(() => messenger.updateNotices(input)),
    sendPrivately: (input) => persist(() => messenger.sendPrivately(input, once(ownKey(input.shortId)))),
  };
}

/** Shows a card, then tells the requester of the end. A card that can't be shown throws before: the workflow then tells them directly. */
export async function showCard(messenger: Messenger, { ref, card, notice }: CardUpdate): Promise<void> {
  await untilFixed(() => messenger.updateCard({ ref, card }));
  if (!notice) return;
  const { key, thread } = notice;
  await untilFixed(() => messenger.tellRequester({ card, at: ref, thread }, once(key)));
}

/** A finished card, with the place of the result. */
function finished({ ref, card }: ShownCard, sealed: Sealed, result: MessageRef): ShownCard {
  const { state } = card;
  const done = state.kind === 'completed' ? { ...card, state: { ...state, result } } : card;
  return { ref, card: sealCard(done, sealed) };
}

/** A card whose open requests begin with this message, unless it names another one. */
function leadTo(at: MessageRef, { ref, card }: ShownCard): ShownCard {
  const { activity } = card;
  const asks = activity?.asks && { at, ...activity.asks };
  return { ref, card: asks ? { ...card, activity: { ...activity, asks } } : card };
}

/** Shows a card beside other work that was done. False when Slack doesn't take it now: then the workflow tries it again. */
async function tryShow(messenger: Messenger, shown: ShownCard, signal?: AbortSignal): Promise<boolean> {
  try {
    await messenger.updateCard(shown, signal);
    return true;
  } catch (error) {
    warnOf('card-update', error, 'A card could not be updated; its run tries it again');
    return false;
  }
}

/** Handler for an update that failed in Slack: once the run has cancelled it, the run must know that Slack may have taken it. */
function sentIfCancelled(error: unknown): true {
  const { cancellationDetails } = Context.current();
  if (error instanceof RemoteError && cancellationDetails?.cancelRequested) return true;
  throw error;
}

/** Makes a failure that an operator can end, such as a revoked token, one that is tried again. */
export async function untilFixed<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await drawOnce(work);
  } catch (error) {
    if (!(error instanceof RemoteError && error.operatorCanFix)) throw error;
    const traits = { retryable: true, retryAfterMs: FIX_RETRY_MS, cause: error };
    throw new RemoteError(error.code, error.message, traits);
  }
}

/** Makes an error of our own code final: the same text would break the drawing of a message at each attempt. Slack's errors are `RemoteError`s. */
async function drawOnce<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RemoteError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    const message = `The message for Slack could not be drawn: ${why}. Please report it with this run's id.`;
    throw new RemoteError('CannotDraw', message, { retryable: false, cause: error });
  }
}

/** Key of a post whose input holds none: all attempts of one activity have the same. */
function ownKey(shortId: string): string {
  const { workflowExecution, activityId } = Context.current().info;
  return `${shortId}/${workflowExecution?.runId}/${activityId}`;
}

/** From the second attempt on, the first may have posted although its answer was lost. */
function once(key: string): PostOnce {
  const context = Context.current();
  const { cancellationSignal: signal, info } = context;
  const { attempt, scheduledTimestampMs } = info;
  if (attempt === 1) return { key, signal };
  return {
    ...{ key, signal, lookSince: scheduledTimestampMs - CLOCK_SKEW_MS },
    ...(!endedHere(context) && { lookAgainAt: Date.now() + IN_FLIGHT_MS }),
  };
}

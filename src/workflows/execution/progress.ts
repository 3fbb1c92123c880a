import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import {
  finalSteps,
  isOver,
  type ProgressCall,
  type ProgressCard,
  progressCall,
  statusOf,
} from '../../run/execution/progress.js';
import type { ToolCall } from '../../run/execution/tools.js';
import type { ExecutionState } from '../../run/input.js';
import type { MessageRef } from '../../run/message.js';
import { MessageInThread } from '../messages/message-in-thread.js';
import type { RunContext } from '../run.js';
import { updateInThread } from '../runtime/activities.js';
import { bestEffort } from '../runtime/best-effort.js';

/** The message changes at most once in this long, in milliseconds; its end shows at once. Slack limits the updates of a workspace. */
const EVERY_MS = 3_000;

/** Time after the end's update in which Slack takes earlier progress that is on its way, in milliseconds. */
const TAKEN_WITHIN_MS = 1_000;

/** Longest wait for progress before the run continues as new, in milliseconds. */
const LEAVE_WITHIN_MS = 5_000;

/** An update of the message that Slack may not have room for. */
interface Update {
  isPending: boolean;
  /** False once Slack is known not to have taken it. */
  mayBeShown: boolean;
  settled: Promise<unknown>;
  cancel(): void;
}

/** The live message that shows how far the execution is: there from the first tool call on, drawn beside the story. */
export class Progress {
  #calls = new Map<string, ProgressCall>();
  readonly #message: MessageInThread<ProgressCard>;
  #drawing = false;
  #changed = false;
  #drawnAt = 0;
  #state: ProgressCard['state'] = 'working';
  #isWaiting = false;
  /** True once the next execution of the run draws the progress. */
  #isLeft = false;
  /** Progress that was not waited for. */
  #late: Update | undefined;
  #letGo: () => void = () => {};
  /**
   * Resolves when nobody waits for progress any more. No `Trigger`: a cancellation would reject it while nobody waits for it, and the workflow task would
   * fail.
   */
  readonly #released = new Promise<void>((resolve) => {
    this.#letGo = resolve;
  });

  constructor(
    readonly context: RunContext,
    readonly execution: ExecutionState,
  ) {
    this.#message = new MessageInThread(context, 'progress', () => this.#card());
    this.#message.at = execution.progress;
    for (const call of this.#shownCalls()) if (call.id !== undefined) this.#calls.set(call.id, call);
  }

  /** Shows a call under its step. `why`: shown in place of its arguments. */
  set(call: ToolCall, status: ProgressCall['status'], why?: string): void {
    const known = this.#calls.get(call.id);
    const drawn = progressCall(call, status);
    // People may have edited the call.
    if (known) Object.assign(known, { headline: drawn.headline, status, ...(why && { detail: why }) });
    else {
      const shown = { id: call.id, ...drawn };
      this.#calls.set(call.id, shown);
      const step = this.execution.steps[(call.step ?? 0) - 1];
      (step?.calls ?? this.execution.otherCalls).push(shown);
    }
    this.#draw();
  }

  /** Marks a step as the model says. */
  mark(step: number, status: 'done' | 'failed', note: string): void {
    const marked = this.execution.steps[step - 1];
    if (!marked) return;
    marked.status = status;
    marked.note = note;
    this.#redraw();
  }

  /** Says that the whole run waits for people, and not one call of it, or no longer. */
  setWaiting(isWaiting: boolean): void {
    this.#isWaiting = isWaiting;
    this.#redraw();
  }

  /** The run is over, or stops. */
  end(state: 'done' | 'stopped' | 'failed'): void {
    this.#state = state;
    // A run that was about to continue as new may have been cancelled.
    this.#isLeft = false;
    this.context.cardWork.end();
    this.#letGo();
    this.execution.steps = finalSteps(this.execution.steps, state === 'done');
    this.#redraw();
  }

  /** Leaves progress for which Slack has no room now to the next execution of the run, which draws it with its next call. */
  leave(): void {
    this.context.background.track(
      bestEffort(async () => {
        await condition(() => !this.#drawing, LEAVE_WITHIN_MS);
        this.#isLeft = true;
        this.#letGo();
      }),
    );
  }

  /** Draws it again, where there is anything to see yet. */
  #redraw(): void {
    if (this.#message.at || this.#drawing) this.#draw();
  }

  /** Draws what has changed, and again as long as more changes come. */
  #draw(): void {
    this.#changed = true;
    if (this.#drawing) return;
    this.#drawing = true;
    this.context.background.track(this.#drawAll());
  }

  async #drawAll(): Promise<void> {
    const release = this.context.cardWork.expectCarrier();
    try {
      await this.#drawChanges();
    } finally {
      release();
    }
  }

  async #drawChanges(): Promise<void> {
    while (this.#changed && !this.#isLeft) {
      const waitMs = this.#drawnAt + EVERY_MS - Date.now();
      if (this.#message.at && waitMs > 0)
        await bestEffort(() => condition(() => this.#isLeft || isOver({ state: this.#state }), waitMs));
      this.#changed = false;
      const { at: ref } = this.#message;
      if (ref) await this.#update(ref);
      // Where it can't be posted for good, the run goes on without it.
      else if (!(await bestEffort(() => this.#post()))) return;
      this.#drawnAt = Date.now();
    }
    this.#drawing = false;
  }

  async #post(): Promise<void> {
    this.execution.progress = await this.#message.post();
  }

  /** Shows the newest state. The run's end, or its next execution, doesn't wait for progress for which Slack has no room now. */
  async #update(ref: MessageRef): Promise<void> {
    const isEnd = isOver({ state: this.#state });
    const late = isEnd && this.#late?.isPending ? this.#late : undefined;
    const update = this.#beginUpdate(ref);
    await (isEnd ? update.settled : Promise.race([update.settled, this.#released]));
    if (update.isPending) this.#late = update;
    else if (!late) return;
    if (late) await this.#giveUp(late);
    // The end is shown after earlier progress, which may have come last.
    if (late?.mayBeShown ?? true) this.#changed = true;
  }

  /** Waits for progress that Slack is about to take, and cancels what waits for room. */
  async #giveUp(late: Update): Promise<void> {
    await bestEffort(() => condition(() => !late.isPending, TAKEN_WITHIN_MS));
    if (late.isPending) late.cancel();
    await late.settled;
  }

  #beginUpdate(ref: MessageRef): Update {
    const { cardWork } = this.context;
    const update: Update = {
      isPending: true,
      mayBeShown: true,
      settled: Promise.resolve(),
      cancel: () => {},
    };
    const send = async () => {
      const scope = new CancellationScope();
      update.cancel = () => scope.cancel();
      const message = this.#card();
      try {
        const { isLeftOut } = await scope.run(() =>
          cardWork.carry((card) => updateInThread({ ref, message, ...(card && { show: card }) })),
        );
        update.mayBeShown = !isLeftOut;
      } catch (error) {
        if (!isCancellation(error)) throw error;
        update.mayBeShown = false;
      }
    };
    update.settled = bestEffort(send).then(() => {
      update.isPending = false;
    });
    return update;
  }

  #shownCalls(): ProgressCall[] {
    const { steps, otherCalls } = this.execution;
    return [...steps.flatMap((step) => step.calls), ...otherCalls];
  }

  #card(): ProgressCard {
    const { run } = this.context;
    const { steps, otherCalls, spent } = this.execution;
    const asks = this.#isWaiting || this.#shownCalls().some(({ status }) => status === 'asking');
    return {
      kind: 'progress',
      shortId: run.input.shortId,
      title: run.planned?.plan.title ?? run.input.goal,
      steps: steps.map((step) => ({ ...step, status: statusOf(step) })),
      otherCalls,
      state: asks && this.#state === 'working' ? 'waiting' : this.#state,
      spent,
    };
  }
}

import { workflowInfo } from '@temporalio/workflow';
import { namedUsers } from '../../approval/policy.js';
import type { Card, CardState, ShownCard } from '../../run/card.js';
import type { ItemRef } from '../../run/event.js';
import type { ResumePoint } from '../../run/input.js';
import type { MessageRef } from '../../run/message.js';
import type { PlanRevision } from '../../run/plan.js';
import type { RequestItem } from '../../run/request.js';
import { newsOfRevision, type RequesterNotice } from '../../run/requester-notice.js';
import type { RunContext } from '../run.js';
import { postCard, updateCard } from '../runtime/activities.js';
import { bestEffort, Sequence } from '../runtime/best-effort.js';
import { tryStep } from '../try-step.js';
import { CardThread } from './card-thread.js';
import { drawCard, type Waiting, waitingState } from './draw-card.js';
import { showOnMessage } from './show-on-message.js';

/** At most so many people beside the requester get a card of their own when its channel can't be reached. */
const MAX_COPIES = 10;

/** The run's card in Slack and its copies: each is brought to the run's state, in order, beside the story. */
export class Cards {
  current: MessageRef | undefined;
  /** The channel of the run, once it could not be reached: cards go to people directly. */
  unreachable: { channel: string; reason: string } | undefined;
  /** State that the card and its copies show, or are being brought to. */
  shown: CardState | undefined;
  /** The run's work as the card shows it, as JSON. */
  shownActivity: string | undefined;
  /** Card of the revision that is being changed. */
  #superseded: ShownCard | undefined;
  readonly #updates: Sequence;
  /** Messages beside `current` that show the same: sent to people directly, or left in a channel that can't be reached. */
  #copies: MessageRef[] = [];
  /** The last state that was asked for, by message. */
  #wanted = new Map<string, CardState>();
  /** Losses that were dealt with. */
  #lost = new Set<string>();
  /** Posts that are under way: a click on one is judged once its place is known. */
  posting: Promise<unknown> = Promise.resolve();
  /** The people who have got a copy. */
  #copied = new Set<string>();
  readonly #thread: CardThread;

  constructor(readonly parts: Pick<RunContext, 'run' | 'ledger' | 'background' | 'requests'>) {
    this.#updates = new Sequence(parts.background);
    this.#thread = new CardThread(parts.run.input);
  }

  /** Places of the card, for an execution that goes on with the run. */
  get place(): Pick<ResumePoint, 'card' | 'copies' | 'copied' | 'unreachable' | 'thread' | 'isThreadGone'> {
    const { current: card, unreachable } = this;
    return {
      ...(card && { card, copies: this.#copies, copied: [...this.#copied] }),
      ...(unreachable && { unreachable }),
      ...this.#thread.placeOf(card),
    };
  }

  /** Message whose thread takes further messages: the card, or another one if the card's thread is gone. */
  get thread(): MessageRef {
    return this.#thread.under(this.current);
  }

  /** Takes note of where Slack put a message that was meant for the thread of `asked`. If that is gone while the plan waits, the card is posted again. */
  takeLanding(asked: MessageRef, landed: MessageRef): void {
    const isGone = this.#thread.takeLanding(asked, landed, this.current);
    if (isGone && this.waiting && this.current) this.replaceLost(this.current, 'thread_not_found');
  }

  /** Takes over the card of an earlier execution of the run. */
  takeOver(resume: ResumePoint): void {
    const { card, copies = [], copied = [], unreachable, changes: decision } = resume;
    this.current = card;
    this.#thread.takeOver(resume);
    this.#copied = new Set(copied);
    this.#copies = [...copies];
    this.unreachable = unreachable;
    if (!card || !decision || !this.parts.run.input.waits) return;
    // The earlier execution has shown this, and people are asked something before the next revision.
    this.shown = { kind: 'changed', decision };
    this.#superseded = { ref: card, card: this.draw(this.shown) };
  }

  /** True if the card, or a copy of it, has this `ts`. */
  isAt(ts: string): boolean {
    return this.#messages().some((message) => message.ts === ts);
  }

  /** The card in a state. */
  draw(state: CardState): Card {
    return drawCard(this.parts, state);
  }

  /** The card's state while the plan waits; undefined when it shows anything else. */
  get waiting(): Waiting | undefined {
    return this.shown?.kind === 'waiting' ? this.shown : undefined;
  }

  /**
   * Brings the card and its copies to this state, after updates that are still on their way. For each message, a superseded state is skipped. Direct
   * messages about a plan say in the end what became of it. `failed`: the card can't be brought to it. `notice` tells the requester of an end.
   */
  show(state: CardState, failed: () => void = () => {}, notice?: RequesterNotice): void {
    const asked = this.#messages();
    // With the plan as it is now: when the update's turn comes there may be a newer one.
    const card = this.draw(state);
    this.shown = state;
    this.shownActivity = JSON.stringify(card.activity);
    if (state.kind === 'changed' && this.current) this.#superseded ??= { ref: this.current, card };
    if (state.kind !== 'waiting') this.parts.run.planItem?.notices.close();
    for (const { ts } of asked) this.#wanted.set(ts, state);
    this.#updates.add(async () => {
      const now = this.shown === state ? this.#messages() : [];
      const refs = [...now, ...asked.filter((ref) => !now.some(({ ts }) => ts === ref.ts))];
      for (const ref of refs) {
        if (this.shown !== state && this.#wanted.get(ref.ts) !== state) continue;
        const isCurrent = ref.ts === this.current?.ts;
        const isShown = await showOnMessage(this.parts.ledger, ref, card, { isCurrent, notice });
        // The card may have been posted again meanwhile, without the notice.
        if (!isShown && isCurrent) failed();
      }
    });
  }

  /**
   * The card for an activity that shows a state beside its own work. Undefined where that can't be done: several messages show the run, or an update
   * is under way and could come last.
   */
  draft(state: CardState): ShownCard | undefined {
    const { current: ref } = this;
    const isFree = this.#copies.length === 0 && this.#updates.isIdle;
    return ref && isFree ? { ref, card: this.draw(state) } : undefined;
  }

  /** Takes a state over that an activity has shown on this message. Other messages that show the run by now are brought to it. */
  takeShown(state: CardState, { ts }: MessageRef): void {
    if (this.draft(state)?.ref.ts === ts) {
      this.shown = state;
      this.#wanted.set(ts, state);
    } else this.show(state);
  }

  /** While it waits, a run whose card can't be seen or used gets another one: in the channel, else directly to people. */
  replaceLost(card: MessageRef, reason: string): void {
    const loss = `${card.ts} ${reason}`;
    if (this.#lost.has(loss)) return;
    this.#lost.add(loss);
    // Two losses of one card may be reported while another card is posted.
    this.parts.background.track(this.#follow(this.posting.then(() => this.#replace(card, reason))));
  }

  /** Sends the card to those whom the policy names now, one by one, beside the requester, who has it. */
  copyToNamed(): void {
    this.parts.background.track(this.#follow(this.#sendCopies()));
  }

  #follow<T>(post: Promise<T>): Promise<T> {
    this.posting = Promise.allSettled([this.posting, post]);
    return post;
  }

  #messages(): MessageRef[] {
    return this.current ? [this.current, ...this.#copies] : [];
  }

  /** Posts the card of a revision: in the channel, or directly where that can't be reached. */
  async postPlan(ref: ItemRef, item: RequestItem, previous?: PlanRevision): Promise<MessageRef> {
    const { shortId, requester, channel } = this.parts.run.input;
    const { current: replaces, unreachable } = this;
    const state = waitingState(this, ref.request, item);
    const key = `${shortId}/${workflowInfo().runId}/card/${this.parts.run.planned?.revision}`;
    const superseded = this.#superseded?.ref === replaces ? this.#superseded : undefined;
    // Its own update may be under way, and come after the link.
    const isIdle = this.#updates.isIdle;
    const earlier = { ...(replaces && { replaces }), ...(superseded && isIdle && { superseded }) };
    const news = previous && newsOfRevision(requester, this.parts.run.decision);
    const more = { ...earlier, ...(previous && { previous }), ...(news && { news }) };
    const card = this.#cardPost(unreachable ? requester.user : channel, key, state);
    const post = () =>
      this.parts.ledger.carryPost(ref, (booking) => postCard({ ...booking, ...card, ...more }));
    const next = await this.#follow(tryStep('post', post));
    this.current = next;
    this.#superseded = undefined;
    if (superseded && !isIdle)
      this.#updates.add(() => updateCard({ ref: superseded.ref, card: { ...superseded.card, next } }));
    this.#thread.takeCard(card, this.current);
    this.#copies = [];
    this.#copied.clear();
    this.shown = state;
    return this.current;
  }

  #cardPost(to: string, key: string, state: CardState) {
    return { channel: to, key, card: this.draw(state), ...this.#thread.forCardIn(to) };
  }

  async #replace(lost: MessageRef, reason: string): Promise<void> {
    const { waiting } = this;
    if (!waiting || this.current !== lost) return;
    const { channel, requester } = this.parts.run.input;
    const isDeleted = this.#thread.takeLoss(lost, reason);
    const state: Waiting = isDeleted ? waiting : { ...waiting, unreachable: { channel, reason } };
    this.shown = state;
    if (!isDeleted) this.unreachable = { channel, reason };
    const card = await this.#postAgain(isDeleted ? lost.channel : requester.user, state);
    // The next revision may have got its card meanwhile: then that one stays the run's.
    const isSuperseded = this.current !== lost;
    if (card) this.#addPosted(card, waiting.request, isSuperseded);
    if (card && !isSuperseded && !isDeleted) this.#copies.push(lost);
    if (!isDeleted && !isSuperseded) await this.#sendCopies();
    // A decision or a vote of meanwhile shows on the new messages, too.
    if (this.shown !== state) this.show(this.shown);
  }

  async #sendCopies(): Promise<void> {
    const isNew = (user: string) => user !== this.parts.run.input.requester.user && !this.#copied.has(user);
    const named = namedUsers(this.waiting?.item.policy ?? { approvers: [] });
    for (const user of named.filter(isNew).slice(0, MAX_COPIES)) {
      // As it is now: a vote may have come while the copies before it were sent.
      const state = this.waiting;
      if (!state || this.#copied.has(user)) continue;
      this.#copied.add(user);
      const copy = await this.#postAgain(user, state);
      if (!copy) continue;
      this.#addPosted(copy, state.request, true);
      if (this.shown && this.shown !== state) this.show(this.shown);
    }
  }

  /** Another message shows the card from now on: the run's own, or a copy. */
  #addPosted(message: MessageRef, request: string, isCopy: boolean): void {
    if (isCopy) this.#copies.push(message);
    else this.current = message;
    this.parts.ledger.record('posted', { message, request, ...(isCopy && { copy: true }) });
  }

  async #postAgain(to: string, state: Waiting): Promise<MessageRef | undefined> {
    const { input, planned } = this.parts.run;
    const key = `${input.shortId}/${workflowInfo().runId}/card/${planned?.revision}/${to}/${this.#lost.size}`;
    let ref: MessageRef | undefined;
    await bestEffort(async () => {
      const card = this.#cardPost(to, key, state);
      ref = (await postCard({ entries: [], ...card })).message;
      this.#thread.takeCard(card, ref);
    });
    return ref;
  }
}

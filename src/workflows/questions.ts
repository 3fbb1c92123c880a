import { log, Trigger } from '@temporalio/workflow';
import { groupsOf } from '../approval/policy.js';
import { fits, mayAnswer } from '../approval/question.js';
import { type Answer, type Asked, parseAnswer, type QuestionCard } from '../run/thread.js';
import type { LookUp } from './approval-gate.js';
import { AskedInThread } from './asked-in-thread.js';
import { firstWithin } from './first-within.js';
import type { Run } from './run.js';

/** How a question is put. */
export interface Put {
  asked: Asked;
  options: readonly string[];
  freeText: boolean;
}

/** A question that waits for one answer. */
class AskedQuestion extends AskedInThread<QuestionCard, Answer> {
  readonly what = 'a question';
  readonly answer = new Trigger<Answer>();
  /** Set by the first answer that counts. */
  answered: Answer | undefined;
  closed = false;
  /** Answers whose giver is being looked up, one after the other. */
  judging: Promise<unknown> = Promise.resolve();

  constructor(
    run: Run,
    readonly put: Put,
  ) {
    super(run);
    const { asked, options } = put;
    if (this.#isRequesters) {
      // It stays the requester's, however long it waits.
      const { escalate: _, ...policy } = this.policy;
      this.waiting.policy = policy;
    }
    run.record('questioned', {
      question: this.id,
      asked,
      options,
      policy: this.policy,
      expiresAt: this.expiresAt,
    });
    run.ledger.write();
  }

  get about(): object {
    return { question: this.id };
  }

  get #isRequesters(): boolean {
    const { asked } = this.put;
    return asked.what === 'ask-person' && asked.to === 'requester';
  }

  protected override get tellsApprovers(): boolean {
    return !this.#isRequesters;
  }

  card(state: QuestionCard['state']): QuestionCard {
    const { runId, requester } = this.run.input;
    const { editors } = this.run.resume;
    const { asked, options, freeText } = this.put;
    return {
      kind: 'question',
      runId,
      requester,
      questionId: this.id,
      asked,
      options: [...options],
      freeText,
      policy: this.policy,
      ...(editors && { editors }),
      state,
    };
  }

  waits(): QuestionCard['state'] {
    return { kind: 'waiting', expiresAt: this.expiresAt };
  }

  /** The answer; the message shows it, the ledger has it. Throws when the run is cancelled, or nobody can be asked. */
  async heard(): Promise<Answer | 'expired'> {
    try {
      const answer = await this.ask();
      this.closed = true;
      if (answer === 'expired') {
        this.run.record('answered', { question: this.id, expired: true });
        this.end({ kind: 'expired', at: new Date().toISOString() });
      } else {
        this.run.record('answered', { question: this.id, answer });
        this.end({ kind: 'answered', answer });
      }
      this.run.ledger.write();
      return answer;
    } catch (error) {
      this.closed = true;
      this.run.record('answered', { question: this.id, withdrawn: true });
      this.end({ kind: 'withdrawn' });
      throw error;
    }
  }

  protected hear(waitMs: number): Promise<Answer | 'due'> {
    return firstWithin(waitMs, [this.answer]);
  }

  protected async expire(): Promise<Answer | 'expired'> {
    await this.judging;
    return this.answered ?? 'expired';
  }

  protected escalate(): void {}
}

/** Questions to people in the thread. An answer is judged like a click: by who may give it, in the order of arrival. */
export class Questions {
  #asked = new Map<string, AskedQuestion>();

  constructor(
    readonly run: Run,
    readonly lookUp: LookUp,
  ) {}

  /** Asks, and resolves with the first answer that counts. */
  async ask(put: Put): Promise<Answer | 'expired'> {
    const question = new AskedQuestion(this.run, put);
    this.#asked.set(question.id, question);
    return await question.heard();
  }

  /** A handler must not throw: it would wedge the run. */
  receive(payload: unknown): void {
    const answer = parseAnswer(payload);
    const question = answer && this.#asked.get(answer.question);
    if (!answer || !question) {
      log.warn('A humanAnswer signal answers no question of this run and was left aside');
      return;
    }
    const judged = question.judging.then(() => this.#judge(question, answer));
    question.judging = judged;
    this.run.background.track(judged);
  }

  async #judge(question: AskedQuestion, answer: Answer): Promise<void> {
    const card = question.card(question.waits());
    let may = mayAnswer(card, answer.by, answer.option);
    const groups = groupsOf(question.policy);
    if (!may && groups.length > 0 && !question.closed && !question.answered) {
      const evidence = await this.lookUp({ groups, fresh: true });
      may = mayAnswer(card, answer.by, answer.option, evidence.groups);
    }
    const { put } = question;
    if (question.answered || question.closed || !may || !fits(put, answer)) {
      this.#refuse(question, answer);
      return;
    }
    const { option } = answer;
    const counted = { ...answer, text: option === undefined ? answer.text : (put.options[option] ?? '') };
    question.answered = counted;
    question.answer.resolve(counted);
  }

  #refuse(question: AskedQuestion, answer: Answer): void {
    const { answered } = question;
    // A second click on the same button, or Slack's own second delivery.
    if (answered && answered.by.user === answer.by.user && answered.option === answer.option) return;
    this.run.record('refused', { answer, reason: 'cannot-answer' });
    this.run.ledger.write();
    const card = question.card(question.ended ?? question.waits());
    this.run.tell(answer.by, { kind: 'cannot-answer', question: card });
  }
}

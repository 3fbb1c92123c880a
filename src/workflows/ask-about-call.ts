import type { DecisionKind, Verdict } from '../approval/judge.js';
import type { ApprovalPolicy } from '../approval/policy.js';
import type { ToolCard, ToolCardState } from '../run/thread.js';
import type { ToolCall } from '../run/tools.js';
import { AskedInThread } from './asked-in-thread.js';
import type { Run } from './run.js';

/** A tool call that people are asked about: at the same gate as the plan, under the same policy. */
export class AskedCall extends AskedInThread<ToolCard, Verdict> {
  readonly what: string;

  constructor(
    run: Run,
    readonly call: ToolCall,
    readonly stepTitle: string | undefined,
  ) {
    super(run);
    this.what = `whether ${call.name} may be called`;
    const { requester } = run.input;
    const request = {
      id: this.id,
      revision: this.#revision,
      digest: call.digest,
      requester,
      policy: this.policy,
      takes: ['approve', 'reject'] satisfies DecisionKind[],
      ...this.#editors,
    };
    run.gate.open(request, run.timesOf(this.waiting));
    run.record('tool-requested', {
      request: this.id,
      call,
      ...(stepTitle && { stepTitle }),
      policy: this.policy,
      expiresAt: this.expiresAt,
    });
    run.ledger.write();
  }

  get about(): object {
    return { request: this.id, tool: this.call.name, digest: this.call.digest };
  }

  get #revision(): number {
    return this.run.planned?.revision ?? 0;
  }

  get #editors() {
    const { editors } = this.run.resume;
    return editors ? { editors } : {};
  }

  card(state: ToolCardState): ToolCard {
    const { runId, requester } = this.run.input;
    return {
      kind: 'tool-call',
      runId,
      requester,
      requestId: this.id,
      revision: this.#revision,
      call: this.call,
      ...(this.stepTitle && { stepTitle: this.stepTitle }),
      policy: this.policy,
      ...this.#editors,
      state,
    };
  }

  waits(): ToolCardState {
    return { kind: 'waiting', votes: this.run.gate.votesOf(this.id), expiresAt: this.expiresAt };
  }

  /** What people decide. The message shows it, the ledger has it. Throws when the run is cancelled, or nobody can be asked. */
  async decided(): Promise<Verdict | 'expired'> {
    try {
      const verdict = await this.ask();
      this.#ended(verdict);
      return verdict;
    } catch (error) {
      this.run.gate.close(this.id, { reason: 'over', state: 'cancelled' });
      this.#record('withdrawn', {});
      this.end({ kind: 'withdrawn' });
      throw error;
    }
  }

  protected hear(waitMs: number): Promise<Verdict | 'due'> {
    return this.run.gate.wait(this.id, waitMs) as Promise<Verdict | 'due'>;
  }

  protected async expire(): Promise<Verdict | 'expired'> {
    return (await this.run.gate.expire(this.id)) as Verdict | 'expired';
  }

  protected escalate(policy: ApprovalPolicy): void {
    this.run.gate.escalate(this.id, policy);
  }

  #ended(verdict: Verdict | 'expired'): void {
    if (verdict === 'expired') {
      this.#record('expired', {});
      this.end({ kind: 'expired', at: new Date().toISOString() });
    } else if (verdict.kind === 'reject') {
      this.#record('rejected', { decision: verdict.decision });
      this.end({ kind: 'rejected', decision: verdict.decision });
    } else {
      const { votes } = verdict;
      const all = isForAll(verdict);
      this.#record('approved', { votes, all });
      this.end({ kind: 'approved', votes, all });
    }
    this.run.ledger.write();
  }

  #record(outcome: string, more: object): void {
    this.run.record('tool-decided', { request: this.id, call: this.call, outcome, ...more });
  }
}

/** Whether everybody whose approval counted approved all calls like it. */
export function isForAll({ kind, votes }: Verdict): boolean {
  return kind === 'approve' && votes.every((vote) => vote.all === true);
}

import type { RunStep } from './state.js';

/** Message in the thread while a step waits for a model that takes no request. It turns into the outcome of the wait. */
export interface WaitMessage {
  kind: 'model-wait';
  shortId: string;
  goal: string;
  step: RunStep;
  /** The model's last refusal, in its words. */
  reason: string;
  /** Begin and latest end of the wait, ISO 8601. */
  since: string;
  until: string;
  /** `over`: the model took a request again. `given-up`: the wait was too long, so the step failed. `stopped`: the run was cancelled. */
  state: 'waiting' | 'over' | 'given-up' | 'stopped';
  /** End of the wait, ISO 8601. */
  endedAt?: string;
}

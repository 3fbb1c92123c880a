import type { Decision } from '../approval/decision.js';
import type { Refusal } from '../approval/judge.js';
import type { Person } from '../approval/person.js';
import type { NotAdmitted } from './admission.js';
import type { Card, CardState } from './card.js';
import type { ProgressCard } from './execution/progress.js';
import type { WaitMessage } from './model-wait.js';
import type { Source } from './plan.js';
import type { RequestItem, RequestMessage } from './request.js';
import type { RunFailure } from './state.js';

/** Place of a message in Slack. */
export interface MessageRef {
  channel: string;
  ts: string;
  /** The `ts` of its thread, for a reply. Further messages about it go into that thread. */
  thread?: string;
}

/**
 * Slack's errors for the update of a message that was deleted. A deleted root with replies stays in its thread as Slack's own message, which the app
 * can't update.
 */
export const DELETED: ReadonlySet<string> = new Set(['message_not_found', 'cant_update_message']);

/** Place of the command, for private answers. */
export interface Origin {
  channel: string;
  /** The thread, for a run that was started in a thread. */
  thread?: string;
  /** Time of the command, ISO 8601. */
  at: string;
}

/** A message in which people decide or answer. */
export type DecisionMessage = Card | RequestMessage;

/** A message in the thread of a run's card. */
export type ThreadMessage = RequestMessage | ProgressCard | WaitMessage;

/** A message that only one person sees. */
export type PrivateMessage =
  /** `item`: the item of the refused decision, in its current state. `at`: the item's message. */
  | {
      kind: 'refused';
      decision: Decision;
      refusal: Refusal;
      requester: Person;
      item?: RequestItem;
      at?: MessageRef;
    }
  /** The run waits until Slack can say whether its requester may ask. */
  | { kind: 'start-waits' }
  | { kind: 'not-admitted'; refusal: NotAdmitted }
  | { kind: 'cannot-cancel'; requester: Person }
  /** The button was on a message that isn't the run's. */
  | { kind: 'other-message' }
  /** Slack could not tell whether the person may cancel the run. */
  | { kind: 'cancel-unsure' }
  | { kind: 'cannot-post'; channel: string; failure: RunFailure; executionId: string }
  /** The run has ended, and no card could say so. */
  | { kind: 'ended'; title: string; state: CardState };

/** Facts for the result's footer. */
export interface ResultReport {
  /** Usage of the whole run, including the research and the plans. */
  usage: { turns: number; toolCalls: number; tokens: number; costUsd: number };
  /** Time from the approval to the result, in milliseconds. */
  tookMs: number;
  sources: Source[];
  /** Names of tools that the model's API refused, so that the run had to do without them. */
  refusedTools?: string[];
}

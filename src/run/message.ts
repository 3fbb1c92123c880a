import type { Decision } from '../approval/decision.js';
import type { Refusal } from '../approval/judge.js';
import type { Person } from '../approval/person.js';
import type { Card } from './card.js';
import type { ProgressCard } from './execution/progress.js';
import type { Source } from './plan.js';
import type { RequestItem, RequestMessage } from './request.js';
import type { RunFailure } from './state.js';

/** Place of a message in Slack. */
export interface MessageRef {
  channel: string;
  ts: string;
  /** The `ts` of the thread that it is a reply in. What belongs under it goes into that thread. */
  thread?: string;
}

/** Where the command was given, so that the asker can be answered there. */
export interface Origin {
  channel: string;
  /** The thread in it, for a run that was asked for in a thread. */
  thread?: string;
  /** Slack's `response_url`: five uses within 30 minutes of `at`. */
  responseUrl?: string;
  /** When the command came, ISO 8601. */
  at: string;
}

/** A message that people can decide in, or answer. */
export type DecisionMessage = Card | RequestMessage;

/** A message in the thread of a run's card. */
export type ThreadMessage = RequestMessage | ProgressCard;

/** A message to one person, which only they see. */
export type PrivateMessage =
  /** `item`: the item that they decided about, as it is now; `at`: its message. */
  | {
      kind: 'refused';
      decision: Decision;
      refusal: Refusal;
      requester: Person;
      item?: RequestItem;
      at?: MessageRef;
    }
  | { kind: 'cannot-cancel'; requester: Person }
  /** Slack could not say whether they may cancel the run. */
  | { kind: 'cancel-unsure' }
  | { kind: 'cannot-post'; channel: string; failure: RunFailure; executionId: string };

/** Facts for the result's footer. */
export interface ResultReport {
  /** Of the whole run, the research and the plans too. */
  usage: { turns: number; toolCalls: number; tokens: number; costUsd: number };
  /** From the approval to the result, in milliseconds. */
  tookMs: number;
  sources: Source[];
}

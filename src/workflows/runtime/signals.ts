import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { SentDecision } from '../../approval/decision.js';
import type { Person } from '../../approval/person.js';
import { TOOL_ASKS, type ToolAnswer, type ToolQuestion } from '../../run/execution/tool-question.js';
import type { MessageRef } from '../../run/message.js';
import type { RunSnapshot } from '../../run/state.js';

/** Asks a run to stop. The workflow decides whether this person may. */
export interface CancelRequest {
  by: Person;
  /** Place of the clicked button, as in a `Decision`; unset for a command or a mention. */
  clickedOn?: string;
  /** When the person asked, ISO 8601. */
  at: string;
}

/** Tells a run that people can't see or use its card, or a message that asks them in the thread. */
export interface LostCard {
  card: MessageRef;
  /** `deleted`, or Slack's error code: `thread_not_found`, `is_archived`, `not_in_channel`, `channel_not_found`. */
  reason: string;
}

/** A click on a card, or a modal's submission: a decision about a plan or about tool calls. */
export const humanApprove = defineSignal<[SentDecision]>('humanApprove');
/** An answer to a question in the thread: a decision of kind `answer`, which approves nothing. */
export const humanAnswer = defineSignal<[SentDecision]>('humanAnswer');
export const cancelRun = defineSignal<[CancelRequest]>('cancelRun');
export const cardLost = defineSignal<[LostCard]>('cardLost');
/** A question of a tool whose call is under way. Its result is the answer. */
export const toolAsks = defineUpdate<ToolAnswer, [ToolQuestion & { call: string }]>(TOOL_ASKS);
export const status = defineQuery<RunSnapshot>('status');

/** The workflow's type, as Temporal's histories and lists name it. */
export const WORKFLOW_TYPE = 'durableAIAgentWorkflow';

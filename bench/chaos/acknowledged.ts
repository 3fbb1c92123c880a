import type { Message } from '../../sandbox/workspace/index.js';
import type { DecisionKind } from '../../src/approval/decision.js';

/** What a person did, and Slack saw acknowledged without a word of doubt: it must be in Temporal, and on record. */
export type Acknowledged = { run: string /** Milliseconds since the epoch. */; at: number } & (
  | { kind: DecisionKind; request: string }
  | { kind: 'answer'; question: string; option?: number; text: string }
  | { kind: 'stop' }
);

/** What a button is about. */
export interface Ref {
  run: string;
  request: string;
  question: string;
}

/** What the first button of a message is about. */
export function refOf(message: Message): Ref {
  const actions = message.blocks?.find((block) => block.type === 'actions');
  return refIn((actions?.elements as { value?: string }[] | undefined)?.[0]?.value);
}

export function refIn(value: string | undefined): Ref {
  const { run = '', request = '', question = '' } = JSON.parse(value ?? '{}') as Partial<Ref>;
  return { run, request, question };
}

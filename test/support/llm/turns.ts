import type { Model } from '../../../src/activities/ports.js';
import { type KeptContext, keepContext } from '../../../src/run/execution/context.js';
import {
  type Exchange,
  resultBlock,
  type ServerTool,
  textBlock,
} from '../../../src/run/execution/conversation.js';
import type { ToolSpec } from '../../../src/run/execution/tools.js';
import type { Plan } from '../../../src/run/plan.js';

type Turn = Awaited<ReturnType<Model['takeTurn']>>;

/** A tool's answer; an error as `{ error }`. */
type Answer = string | { error: string };

const METADATA = { plan_step: { type: 'integer' }, reason: { type: 'string' } };

/** A tool as the model is offered it, with the metadata fields of a call. */
export function tool(name: string, own: Record<string, unknown> = {}, readOnly = false): ToolSpec {
  const inputSchema = {
    type: 'object',
    properties: { ...METADATA, ...own },
    required: Object.keys(own),
  };
  return { name, description: `${name} does it.`, inputSchema, readOnly };
}

export const MARK_STEP: ToolSpec = {
  name: 'mark_step',
  description: 'Says that a step is done.',
  inputSchema: {
    type: 'object',
    properties: { step: { type: 'integer' }, status: { type: 'string' }, note: { type: 'string' } },
    required: ['step', 'status'],
  },
  readOnly: true,
};

export const TODO_TOOLS: ToolSpec[] = [
  tool('todo__list_todos', {}, true),
  tool('todo__add_todo', { title: { type: 'string' } }),
  tool('todo__complete_todo', { id: { type: 'integer' } }),
  tool('todo__remove_todo', { id: { type: 'integer' } }),
];

export const ASK_PERSON = tool(
  'ask_person',
  {
    question: { type: 'string' },
    options: { type: 'array', items: { type: 'string' } },
    to: { type: 'string' },
  },
  true,
);

export const FETCH_URL = tool('fetch_url', { url: { type: 'string' } }, true);

/** Carries a plan out as the workflow does: turn by turn, the tools' answers in between. */
export async function carryOut(
  model: Pick<Model, 'takeTurn'>,
  input: { goal: string; plan: Plan; tools: ToolSpec[]; serverTools?: ServerTool[] },
  answer: (name: string, input: Record<string, unknown>) => Answer,
  { most = 10, onTurn = (_: Exchange[]): void => {} } = {},
): Promise<{ turns: Turn[]; exchanges: Exchange[]; result: string }> {
  const turns: Turn[] = [];
  const state: KeptContext = { exchanges: [] };
  const assignment = { serverTools: [], ...input, approval: { by: 'UANA', note: '' } };
  for (let count = 0; count < most; count += 1) {
    // The activity's input has been through JSON.
    const { notes: _, ...known } = JSON.parse(JSON.stringify(state)) as KeptContext;
    const turn = await model.takeTurn({ ...assignment, ...known });
    turns.push(turn);
    const { calls: __, ...kept } = turn;
    keepContext(state, kept);
    const { exchanges } = state;
    exchanges.push({ role: 'assistant', content: turn.content });
    if (turn.end === 'calls') {
      const content = turn.calls.map(({ id, name, input: given }) => {
        const said = answer(name, given);
        return typeof said === 'string'
          ? resultBlock(id, [textBlock(said)], false)
          : resultBlock(id, [textBlock(said.error)], true);
      });
      exchanges.push({ role: 'user', content });
      onTurn(exchanges);
    } else if (turn.end !== 'paused') return { turns, exchanges, result: turn.text };
  }
  throw new Error(`No end after ${most} turns`);
}

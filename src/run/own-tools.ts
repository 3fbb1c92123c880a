import type { ToolSpec } from './tools.js';

/** Tools that the workflow answers itself, without calling anything: asking people, and saying how far a step is. */
export const ASK_PERSON: ToolSpec = {
  name: 'ask_person',
  description:
    'Asks a person a question in the Slack thread and waits for the answer, for days if need be. Use it for what only they know or must choose. An answer is no approval of anything else.',
  inputSchema: {
    type: 'object',
    properties: {
      question: { type: 'string', description: 'One clear question, in plain text.' },
      options: {
        type: 'array',
        items: { type: 'string' },
        maxItems: 10,
        description: 'Answers to choose from, each a few words. They may always answer in their own words.',
      },
      to: {
        type: 'string',
        enum: ['requester', 'approvers'],
        description: 'Who is asked: who gave the goal (usual), or those who approve plans.',
      },
    },
    required: ['question'],
  },
  readOnly: true,
};

export const MARK_STEP: ToolSpec = {
  name: 'mark_step',
  description:
    'Says that a step of the plan is done, or failed. Call it together with your next calls, not in a turn of its own.',
  inputSchema: {
    type: 'object',
    properties: {
      step: { type: 'integer', description: 'The number of the step, from 1.' },
      status: { type: 'string', enum: ['done', 'failed'] },
      note: { type: 'string', description: 'What came of it, in a few words. Plain text.' },
    },
    required: ['step', 'status'],
  },
  readOnly: true,
};

export const OWN_TOOLS: readonly ToolSpec[] = [ASK_PERSON, MARK_STEP];

export function isOwnTool(name: string): boolean {
  return OWN_TOOLS.some((tool) => tool.name === name);
}

/** What every call says of itself, beside its arguments. */
const SAYS = {
  plan_step: { type: 'integer', description: 'The number of the plan’s step that this call belongs to.' },
  reason: {
    type: 'string',
    description: 'Why this call is needed, in one short sentence for the people who see it.',
  },
} as const;

type Said = { step?: number; reason?: string };

/** The tool with the properties in which a call says what it is for; one whose own schema has a property of that name keeps it. */
export function offered(tool: ToolSpec): ToolSpec {
  const own = propertiesOf(tool);
  return { ...tool, inputSchema: { ...tool.inputSchema, type: 'object', properties: { ...SAYS, ...own } } };
}

/** Takes what a call says of itself out of its arguments. Without its `tool` they are taken as ours. */
export function split(
  tool: ToolSpec | undefined,
  input: Record<string, unknown>,
): { input: Record<string, unknown>; said: Said } {
  const own = tool ? propertiesOf(tool) : {};
  const said: Said = {};
  const rest = { ...input };
  if (!('plan_step' in own)) {
    if (typeof rest.plan_step === 'number' && Number.isInteger(rest.plan_step)) said.step = rest.plan_step;
    delete rest.plan_step;
  }
  if (!('reason' in own)) {
    if (typeof rest.reason === 'string' && rest.reason.trim() !== '') said.reason = rest.reason.trim();
    delete rest.reason;
  }
  return { input: rest, said };
}

function propertiesOf({ inputSchema }: ToolSpec): Record<string, unknown> {
  const { properties } = inputSchema;
  return typeof properties === 'object' && properties !== null ? (properties as Record<string, unknown>) : {};
}

/** What `ask_person` is called with; undefined where there is no question in it. */
export function readQuestion(
  input: Record<string, unknown>,
): { text: string; options: string[]; to: 'requester' | 'approvers' } | undefined {
  const { question, options, to } = input;
  if (typeof question !== 'string' || question.trim() === '') return undefined;
  const given = Array.isArray(options)
    ? options.filter((option) => typeof option === 'string' && option !== '')
    : [];
  return {
    text: question.trim(),
    options: [...new Set(given as string[])].slice(0, 10),
    to: to === 'approvers' ? 'approvers' : 'requester',
  };
}

/** What `mark_step` is called with; undefined where it makes no sense. */
export function readMark(
  input: Record<string, unknown>,
  steps: number,
): { step: number; status: 'done' | 'failed'; note: string } | undefined {
  const { step, status, note } = input;
  if (typeof step !== 'number' || !Number.isInteger(step) || step < 1 || step > steps) return undefined;
  if (status !== 'done' && status !== 'failed') return undefined;
  return { step, status, note: typeof note === 'string' ? note : '' };
}

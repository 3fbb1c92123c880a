import { showHidden } from '../../approval/hidden-text.js';
import { clip } from '../../platform/cut.js';
import { FIND_TOOLS } from './find-tools.js';
import type { ToolCall, ToolSpec } from './tools.js';

/** Tools that the workflow answers itself: asking people, and marking a step's status. */
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
  return [...OWN_TOOLS, FIND_TOOLS].some((tool) => tool.name === name);
}

/** Limit for a call's sentence, in characters. */
const MAX_SENTENCE = 200;

/** Metadata fields that are added to each tool's schema. */
const METADATA_PROPERTIES = {
  sentence: {
    type: 'string',
    description:
      'What this call does, as one short imperative sentence for the people who decide about it: Remove “Buy stickers” from the to-do list. Name what an id stands for. Plain text.',
  },
  plan_step: { type: 'integer', description: "The number of the plan's step that this call belongs to." },
  reason: {
    type: 'string',
    description: 'Why this call is needed, in one short sentence for the people who see it.',
  },
} as const;

/** Adds the metadata fields to a tool's schema. A property of the tool with the same name wins. */
export function addCallMetadata(tool: ToolSpec): ToolSpec {
  const { sentence, ...others } = METADATA_PROPERTIES;
  const properties = { ...(!isOwnTool(tool.name) && { sentence }), ...others, ...propertiesOf(tool) };
  return { ...tool, inputSchema: { ...tool.inputSchema, type: 'object', properties } };
}

/** Splits a call's input into arguments and metadata. Without a `tool`, every field with a metadata name is metadata. */
export function separateCallMetadata(
  tool: ToolSpec | undefined,
  given: Record<string, unknown>,
): { input: Record<string, unknown>; metadata: Pick<ToolCall, 'sentence' | 'step' | 'reason'> } {
  const own = tool ? propertiesOf(tool) : {};
  const input = { ...given };
  const take = (name: keyof typeof METADATA_PROPERTIES): unknown => {
    if (name in own) return undefined;
    const { [name]: value } = input;
    delete input[name];
    return value;
  };
  const sentence = lineOf(take('sentence'));
  const step = take('plan_step');
  const reason = take('reason');
  return {
    input,
    metadata: {
      ...(sentence !== '' && { sentence }),
      ...(typeof step === 'number' && Number.isInteger(step) && { step }),
      ...(typeof reason === 'string' && reason.trim() !== '' && { reason: reason.trim() }),
    },
  };
}

/** Text in one line, of a bounded length. */
function lineOf(value: unknown): string {
  return typeof value === 'string' ? clip(value.replaceAll(/\s+/g, ' ').trim(), MAX_SENTENCE) : '';
}

/** A call's input with its sentence and reason, or the question of `ask_person`, as people read them. The arguments of other tools stay exact. */
export function visibleInput(
  tool: ToolSpec | undefined,
  given: Record<string, unknown>,
): Record<string, unknown> {
  const areWords = (name: string) =>
    (name === 'sentence' || name === 'reason') && !(tool && name in propertiesOf(tool));
  const isShown = (name: string) => areWords(name) || isOwnTool(tool?.name ?? '');
  const show = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(show);
    return typeof value === 'string' ? showHidden(value) : value;
  };
  const fields = Object.entries(given);
  return Object.fromEntries(fields.map(([name, value]) => [name, isShown(name) ? show(value) : value]));
}

function propertiesOf({ inputSchema }: ToolSpec): Record<string, unknown> {
  const { properties } = inputSchema;
  return typeof properties === 'object' && properties !== null ? (properties as Record<string, unknown>) : {};
}

/** Reads the arguments of `ask_person`; undefined without a question. */
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

/** Reads the arguments of `mark_step`; undefined without a valid step or status. */
export function readMark(
  input: Record<string, unknown>,
  steps: number,
): { step: number; status: 'done' | 'failed'; note: string } | undefined {
  const { step, status, note } = input;
  if (typeof step !== 'number' || !Number.isInteger(step) || step < 1 || step > steps) return undefined;
  if (status !== 'done' && status !== 'failed') return undefined;
  return { step, status, note: typeof note === 'string' ? note : '' };
}

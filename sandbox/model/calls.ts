import type { OfferedTool } from './request.js';

export interface Call {
  name: string;
  input: Record<string, unknown>;
}

/** Metadata of a call, for tools whose schema asks for it. */
export interface CallMetadata {
  step: number;
  reason: string;
  /** One sentence on what the call does, for the people who decide about it. */
  sentence?: string;
}

const NAMES = {
  title: ['title', 'text', 'name', 'item', 'task', 'todo', 'content'],
  id: ['id', 'todo_id', 'item_id', 'number'],
} as const;

/** Makes a call with its main argument, if the schema has it. Other required arguments get the reason as their value. */
export function callOf(
  tool: OfferedTool,
  argument: { kind: keyof typeof NAMES; value: string } | undefined,
  metadata: CallMetadata,
): Call {
  const { properties, required } = schemaOf(tool);
  const input: Record<string, unknown> = {};
  if (argument) {
    const own = Object.keys(properties).filter((name) => !(name in metadataFor(properties, metadata)));
    const name = NAMES[argument.kind].find((known) => own.includes(known)) ?? own[0] ?? argument.kind;
    input[name] = typed(properties[name], argument.value);
  }
  for (const name of required) {
    const isGiven =
      name in input || name in metadataFor(properties, metadata) || hasDefault(properties[name]);
    if (!isGiven) input[name] = typed(properties[name], metadata.reason);
  }
  return { name: tool.name, input: { ...input, ...metadataFor(properties, metadata) } };
}

/** Makes a call with those of the arguments that the schema knows. */
export function callWith(tool: OfferedTool, input: Record<string, unknown>, metadata: CallMetadata): Call {
  const { properties } = schemaOf(tool);
  const known = Object.entries(input).filter(([name]) => name in properties);
  return { name: tool.name, input: { ...Object.fromEntries(known), ...metadataFor(properties, metadata) } };
}

function metadataFor(
  properties: Record<string, unknown>,
  { step, reason, sentence }: CallMetadata,
): Record<string, unknown> {
  return {
    ...('sentence' in properties && sentence !== undefined && { sentence }),
    ...('plan_step' in properties && { plan_step: step }),
    ...('reason' in properties && { reason }),
  };
}

function schemaOf({ input_schema = { type: 'object' } }: OfferedTool) {
  const { properties, required } = input_schema as { properties?: unknown; required?: unknown };
  return {
    properties: (properties ?? {}) as Record<string, unknown>,
    required: Array.isArray(required) ? required.map(String) : [],
  };
}

function hasDefault(schema: unknown): boolean {
  return typeof schema === 'object' && schema !== null && 'default' in schema;
}

/** Converts a value to the schema's type. A value that is no number or list stays a string. */
function typed(schema: unknown, value: string): unknown {
  const { type } = (schema ?? {}) as { type?: unknown };
  if ((type === 'integer' || type === 'number') && Number.isFinite(Number(value))) return Number(value);
  if (type === 'integer' || type === 'number') return 1;
  if (type === 'boolean') return true;
  if (type === 'array') return [value];
  return value;
}

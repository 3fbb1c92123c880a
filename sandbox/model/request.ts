import { z } from 'zod';

/** An error answer of the API. */
export class RequestError extends Error {
  constructor(
    readonly status: number,
    readonly type: string,
    message: string,
  ) {
    super(message);
  }
}

/** Makes the API's error for an invalid request. */
export function badRequest(message: string): RequestError {
  return new RequestError(400, 'invalid_request_error', message);
}

const block = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  id: z.string().optional(),
  name: z.string().optional(),
  tool_use_id: z.string().optional(),
  is_error: z.boolean().optional(),
});

const tool = z.looseObject({
  type: z.string().nullish(),
  name: z.string(),
  input_schema: z.looseObject({ type: z.literal('object') }).optional(),
});

const request = z.looseObject({
  model: z.string().min(1),
  max_tokens: z.int().min(1),
  messages: z
    .array(
      z.looseObject({ role: z.enum(['user', 'assistant']), content: z.union([z.string(), z.array(block)]) }),
    )
    .min(1),
  system: z.union([z.string(), z.array(block)]).optional(),
  stream: z.boolean().optional(),
  tools: z.array(tool).optional(),
  output_config: z
    .looseObject({
      effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).nullish(),
      format: z.looseObject({ type: z.literal('json_schema'), schema: z.looseObject({}) }).optional(),
    })
    .optional(),
});

export type MessagesRequest = z.infer<typeof request>;
export type Part = z.infer<typeof block>;
export type OfferedTool = z.infer<typeof tool>;

/** Kinds of requests. The beginning of a prompt tells its kind. */
export type Task = 'search' | 'plan' | 'turn' | 'summary' | 'other';

/** Parses a request. @throws RequestError with the API's text. */
export function parseRequest(text: string, counting: boolean): MessagesRequest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw badRequest('The request body is not valid JSON');
  }
  const fields = typeof json === 'object' && json !== null ? json : {};
  const parsed = request.safeParse(counting ? { max_tokens: 1, ...fields } : fields);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw badRequest(`${issue?.path.join('.')}: ${issue?.message}`);
}

/** Content of a message, as blocks. */
export function partsOf({ content }: MessagesRequest['messages'][number]): Part[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content;
}

/** Prompt of a request: the first block of its first message. */
export function promptOf({ messages = [] }: Partial<MessagesRequest>): string {
  const [first] = messages;
  return first ? textOf(partsOf(first).slice(0, 1)) : '';
}

/** Names of the files that follow the prompt. */
export function filesIn({ messages = [] }: Partial<MessagesRequest>): string[] {
  const blocks = messages[0] ? partsOf(messages[0]) : [];
  return blocks.flatMap(
    ({ text = '' }) => /^=== \w+ (?:begin|image): file (.+), from /.exec(text)?.[1] ?? [],
  );
}

export function textOf(parts: readonly Part[]): string {
  return parts.map((part) => part.text ?? '').join('');
}

/** Tools that the client runs; the API runs the others. */
export function customTools({ tools = [] }: MessagesRequest): OfferedTool[] {
  return tools.filter(isCustom);
}

export function isCustom({ type }: OfferedTool): boolean {
  return type === undefined || type === null || type === 'custom';
}

/** True if the model may search the web. */
export function hasSearch({ tools = [] }: Partial<MessagesRequest>): boolean {
  return tools.some(({ name, type }) => name === 'web_search' && type !== undefined);
}

export function taskOf(body: MessagesRequest): Task {
  const prompt = promptOf(body);
  if (prompt.startsWith('Create an action plan for:')) return 'plan';
  if (prompt.startsWith('Execute:')) return 'turn';
  if (prompt.startsWith('Sum up what was done so far')) return 'summary';
  return prompt.startsWith('Research this goal:') || hasSearch(body) ? 'search' : 'other';
}

/** Number of the requested turn in its conversation, from 1. */
export function turnNumber({ messages }: MessagesRequest): number {
  return messages.filter(({ role }) => role === 'assistant').length + 1;
}

import { z } from 'zod';

/** An answer of the API that is an error. */
export class RequestError extends Error {
  constructor(
    readonly status: number,
    readonly type: string,
    message: string,
  ) {
    super(message);
  }
}

const block = z.looseObject({ type: z.string(), text: z.string().optional() });

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
  tools: z.array(z.looseObject({ type: z.string().optional(), name: z.string() })).optional(),
  output_config: z
    .looseObject({
      format: z.looseObject({ type: z.literal('json_schema'), schema: z.looseObject({}) }).optional(),
    })
    .optional(),
});

export type MessagesRequest = z.infer<typeof request>;

/** What a request asks for, told by how its prompt begins. */
export type Task = 'search' | 'plan' | 'execute' | 'other';

/** @throws RequestError as the API words it. */
export function checkRequest(text: string, counting: boolean): MessagesRequest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new RequestError(400, 'invalid_request_error', 'The request body is not valid JSON');
  }
  const fields = typeof json === 'object' && json !== null ? json : {};
  const parsed = request.safeParse(counting ? { max_tokens: 1, ...fields } : fields);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new RequestError(400, 'invalid_request_error', `${issue?.path.join('.')}: ${issue?.message}`);
}

/** What the person, or the program, asks. */
export function promptOf({ messages }: MessagesRequest): string {
  const [first] = messages;
  if (typeof first?.content === 'string') return first.content;
  return first?.content.map((part) => part.text ?? '').join('') ?? '';
}

export function taskOf(body: MessagesRequest): Task {
  const prompt = promptOf(body);
  if (prompt.startsWith('Create an action plan for:')) return 'plan';
  if (prompt.startsWith('Execute:')) return 'execute';
  return body.tools?.some((tool) => tool.name === 'web_search') ? 'search' : 'other';
}

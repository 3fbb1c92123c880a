/**
 * Answers that MCP servers were seen to give, or give easily: null for what is absent, parts left out, texts in place of lists. Each
 * is the rest of a message after `"jsonrpc":"2.0"` and the id, by the name of the tool that gives it.
 */
export const ANSWERS: Record<string, (id: number) => object> = {
  null_result: () => ({ result: null }),
  no_result: () => ({}),
  null_parts: () => ({ result: { content: null, structuredContent: null, isError: null, _meta: null } }),
  odd_meta: () => ({ result: { content: [{ type: 'text', text: 'done', _meta: null }], _meta: 'none' } }),
  text_result: () => ({ result: 'done' }),
  text_content: () => ({ result: { content: 'done' } }),
  one_block: () => ({ result: { content: { type: 'text', text: 'done' } } }),
  plain_blocks: () => ({ result: { content: ['done', null] } }),
  null_error: () => ({
    result: { content: [{ type: 'text', text: 'done', annotations: null }] },
    error: null,
  }),
  null_beside_error: () => ({ result: null, error: { code: -32000, message: 'not today', data: null } }),
  no_message: () => ({ error: { code: -32000 } }),
  null_message: () => ({ error: { code: null, message: null, data: { reason: 'the disk is full' } } }),
  text_error: () => ({ error: 'not today' }),
  text_code: () => ({ error: { code: 'E_LATER', message: 'not today' } }),
  more_keys: () => ({ result: { content: [{ type: 'text', text: 'done' }] }, took: 3 }),
  no_version: () => ({ jsonrpc: undefined, result: { content: [{ type: 'text', text: 'done' }] } }),
  text_id: (id) => ({ id: String(id), result: { content: [{ type: 'text', text: 'done' }] } }),
  other_id: () => ({ id: 4711, result: { content: [{ type: 'text', text: 'done' }] } }),
  not_a_number: () => ({ result: { content: [], structuredContent: { mean: '#NaN' } } }),
  in_a_list: () => ({ result: { content: [{ type: 'text', text: 'done' }] } }),
  no_id: () => ({ id: null, error: { code: -32603, message: 'Internal error' } }),
};

const tools = [
  ...Object.keys(ANSWERS).map((name) => ({
    name,
    title: null,
    description: null,
    inputSchema: { type: 'object', properties: { kind: { enum: ['a', null] } } },
    outputSchema: null,
    annotations: null,
    execution: null,
    icons: null,
    _meta: null,
  })),
  {
    name: 'odd_texts',
    title: 7,
    description: ['no', 'text'],
    inputSchema: null,
    annotations: { readOnlyHint: null },
  },
  null,
];

interface Message {
  id?: number;
  method: string;
  params?: { name: string };
}

/** Answers one message as a server of quirks; undefined for a notification. */
export function answer({ id, method, params }: Message): object | undefined {
  if (id === undefined) return undefined;
  const say = (rest: object) => ({ jsonrpc: '2.0', id, ...rest });
  if (method === 'initialize')
    return say({
      result: {
        protocolVersion: '2025-06-18',
        capabilities: { tools: { listChanged: null }, logging: null, prompts: true },
        serverInfo: { name: 'quirks', version: null, icons: [{ src: 'x', sizes: '48x48' }] },
        instructions: null,
        _meta: null,
      },
    });
  if (method === 'tools/list') return say({ result: { tools, nextCursor: null, _meta: null }, error: null });
  if (method === 'tools/call') return say(ANSWERS[params?.name ?? '']?.(id) ?? { result: null });
  return say({ result: null });
}

/** Writes a message as JSON, with NaN where Python writes it. */
export const toJson = (message: object): string => JSON.stringify(message).replaceAll('"#NaN"', 'NaN');

import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  CallToolRequestSchema,
  CreateMessageResultSchema,
  type ElicitRequestFormParams,
  ElicitResultSchema,
  ListRootsResultSchema,
  ListToolsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';

const schema = { type: 'object', properties: {} } as const;

/** The form of `book`; a test may change it. */
const FORM: ElicitRequestFormParams = {
  message: 'Which seat shall it be?',
  requestedSchema: {
    type: 'object',
    properties: {
      seat: { type: 'string', title: 'Seat', enum: ['window', 'aisle'] },
      bags: { type: 'integer', title: 'Bags', minimum: 0, maximum: 3 },
    },
    required: ['seat'],
  },
};

/** An MCP server over HTTP, with a session for each client, whose tools ask back and change. */
export async function startAskingServer() {
  const calls: { name: string; answer?: unknown }[] = [];
  const tools = new Map<string, { description: string; annotations?: { readOnlyHint: boolean } }>([
    ['book', { description: 'Books a seat' }],
    ['pay', { description: 'Pays' }],
    ['look', { description: 'Looks', annotations: { readOnlyHint: true } }],
    ['sample', { description: 'Asks the client’s model' }],
    ['roots', { description: 'Asks for folders' }],
  ]);
  const form = { ...FORM };
  /** Time-out of the server's own requests, in milliseconds, as the SDK's servers have one. */
  const waits = { ms: 60_000, listMs: 0 };
  const sessions = new Map<string, { server: Server; transport: StreamableHTTPServerTransport }>();

  const open = async () => {
    const server = new Server(
      { name: 'asking', version: '1' },
      { capabilities: { tools: { listChanged: true } } },
    );
    server.setRequestHandler(ListToolsRequestSchema, async () => {
      const list = [...tools].map(([name, tool]) => ({ name, ...tool, inputSchema: schema }));
      await new Promise((resolve) => setTimeout(resolve, waits.listMs));
      return { tools: list };
    });
    server.setRequestHandler(CallToolRequestSchema, async ({ params: { name } }, { sendRequest }) => {
      const call: (typeof calls)[number] = { name };
      calls.push(call);
      const timeout = waits.ms;
      const answer = await {
        book: () =>
          sendRequest({ method: 'elicitation/create', params: form }, ElicitResultSchema, { timeout }),
        sample: () =>
          sendRequest(
            { method: 'sampling/createMessage', params: { messages: [], maxTokens: 10 } },
            CreateMessageResultSchema,
            { timeout },
          ),
        roots: () => sendRequest({ method: 'roots/list' }, ListRootsResultSchema, { timeout }),
      }[name as 'book']?.();
      call.answer = answer;
      return { content: [{ type: 'text', text: answer ? JSON.stringify(answer) : `did ${name}` }] };
    });
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void sessions.set(id, { server, transport }),
    });
    await server.connect(transport as Transport);
    return transport;
  };

  const listener = createServer(async (request, response) => {
    const known = sessions.get(String(request.headers['mcp-session-id']));
    await (known?.transport ?? (await open())).handleRequest(request, response);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/mcp`;

  return {
    settings: { name: 'asking', transport: 'http', url, headers: {} } as const,
    calls,
    tools,
    form,
    waits,
    /** Tells each client that the tools have changed. */
    tellOfChange: () => Promise.all([...sessions.values()].map(({ server }) => server.sendToolListChanged())),
    stop(): void {
      listener.closeAllConnections();
      listener.close();
    },
  };
}

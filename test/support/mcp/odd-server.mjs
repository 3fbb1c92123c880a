import { appendFileSync } from 'node:fs';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { CallToolRequestSchema, ListToolsRequestSchema, McpError } from '@modelcontextprotocol/sdk/types.js';

/**
 * An MCP server that does what servers shouldn't, and some things that they may. Each call it gets is a line in the file that it is
 * given, so that a test can count what really reached it.
 */
const [file = ''] = process.argv.slice(2);
const note = (line) => appendFileSync(file, `${line}\n`);

const object = (properties = {}, more = {}) => ({ type: 'object', properties, ...more });
const pages = [
  [
    { name: 'big', description: 'Much text', inputSchema: object({ bytes: { type: 'integer' } }) },
    { name: 'die', description: 'Ends the server in the middle of the call', inputSchema: object() },
    {
      name: 'expensive',
      description: 'Its pattern takes years',
      inputSchema: object({ text: { type: 'string', pattern: '^(a+)+$' } }),
    },
    { name: 'grow', description: 'Makes a new tool', inputSchema: object() },
    {
      name: 'record',
      description: 'Takes a long id, and answers a structure with one',
      inputSchema: object({
        id: { type: 'integer', maximum: 2 ** 63 },
        others: { type: 'array', items: { type: 'integer' } },
      }),
    },
    { name: 'hang', description: 'Never answers', inputSchema: object() },
    { name: 'refuse', description: 'Answers with an error of the protocol', inputSchema: object() },
  ],
  [
    { name: 'files.read', description: 'A name with a dot', inputSchema: object() },
    { name: 'files/read', description: 'The same name but for a slash', inputSchema: object() },
    { name: `long_${'x'.repeat(100)}`, description: 'A long name', inputSchema: object() },
    {
      name: 'either',
      description: 'One or the other',
      inputSchema: object(
        { a: { type: 'string' }, b: { type: 'string' } },
        { anyOf: [{ required: ['a'] }, { required: ['b'] }] },
      ),
    },
    {
      name: 'deep',
      description: 'A deep schema',
      inputSchema: object({
        a: JSON.parse(`${'{"properties":{"a":'.repeat(1000)}{}${'}}'.repeat(1000)}`),
      }),
    },
    { name: 'spaced', description: 'An argument with a space', inputSchema: object({ 'a b': {} }) },
    // The SDK's own schema refuses the whole list for this one.
    {
      name: 'shapeless',
      description: 'An odd output schema',
      inputSchema: object(),
      outputSchema: { type: 'string' },
    },
  ],
];

const server = new Server({ name: 'odd', version: '1' }, { capabilities: { tools: { listChanged: true } } });
server.setRequestHandler(ListToolsRequestSchema, ({ params }) => {
  const index = Number(params?.cursor ?? 0);
  const tools = pages[index] ?? [];
  return { tools, ...(index + 1 < pages.length && { nextCursor: String(index + 1) }) };
});
server.setRequestHandler(CallToolRequestSchema, async ({ params }, { signal, requestId }) => {
  note(params.name);
  const say = (text) => ({ content: [{ type: 'text', text }] });
  switch (params.name) {
    case 'big':
      return say('ä'.repeat(Number(params.arguments?.bytes) / 2));
    case 'grow':
      pages[1]?.push({ name: 'grown', description: 'A new tool', inputSchema: object() });
      await server.sendToolListChanged();
      return say('grown');
    case 'die':
      console.error('Something broke, the key is s3cret-of-the-server');
      return process.exit(1);
    case 'hang':
      return await new Promise(() => {
        signal.addEventListener('abort', () => note('cancelled'));
      });
    case 'record': {
      // Written as a server of another language would: JavaScript has no such number.
      const given = JSON.stringify(params.arguments?.id);
      const result = `{"content":[],"structuredContent":{"id":2512292042121000001,"given":${given}}}`;
      process.stdout.write(`{"jsonrpc":"2.0","id":${requestId},"result":${result}}\n`);
      return await new Promise(() => {});
    }
    case 'refuse':
      throw new McpError(-32000, 'Not today');
    default:
      return say(`called as ${params.name}`);
  }
});
await server.connect(new StdioServerTransport());

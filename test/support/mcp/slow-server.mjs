import { appendFileSync, readFileSync } from 'node:fs';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';

/**
 * An MCP server with one tool, which only reads: its first call is never answered. Each call that it gets is a line in the file that it is
 * given, so that a test can count what really reached it.
 */
const [file = ''] = process.argv.slice(2);
process.stdin.once('end', () => process.exit(0));
const server = new Server({ name: 'slow', version: '1' }, { capabilities: { tools: {} } });
server.setRequestHandler(ListToolsRequestSchema, () => ({
  tools: [
    {
      name: 'list_todos',
      description: 'Lists the to-dos, slowly',
      inputSchema: { type: 'object', properties: {} },
      annotations: { readOnlyHint: true },
    },
  ],
}));
server.setRequestHandler(CallToolRequestSchema, async () => {
  appendFileSync(file, 'called\n');
  const calls = readFileSync(file, 'utf8').split('\n').length - 1;
  if (calls === 1) await new Promise(() => {});
  return { content: [{ type: 'text', text: '1. [ ] Answer in the end' }] };
});
await server.connect(new StdioServerTransport());

import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { createTodoServer } from './server.js';

/** `node index.js <file>`: serves the to-do list in that file over standard input and output. */
const [path] = process.argv.slice(2);
if (path === undefined) {
  console.error('The to-do list needs the file in which it is kept, as its only argument.');
  process.exit(1);
}
// Without its parent the server must not finish a pending change.
process.stdin.once('end', () => process.exit(0));
process.stdin.once('close', () => process.exit(0));
const server = createTodoServer({ path, delayMs: Number(process.env.TODO_DELAY_MS || 0) });
await server.connect(new StdioServerTransport());

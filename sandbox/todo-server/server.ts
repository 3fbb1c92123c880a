import { setTimeout as pause } from 'node:timers/promises';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
import { takeSlowChange } from './slow-change.js';
import { openTodos, type Todo, type TodoList } from './todos.js';

const id = z.int().min(1).describe('The number of the item, as list_todos shows it');

/**
 * Creates the to-do list's MCP server. `delayMs` delays each change, half before and half after the write, so a kill in between leaves
 * the outcome unknown. A slow change is delayed before its write. A call that is cancelled before the write has no effect.
 */
export function createTodoServer({ path, delayMs }: { path: string; delayMs: number }): McpServer {
  const todos = openTodos(path);
  const server = new McpServer({ name: 'todo', version: '1.0.0' });
  const change = async (signal: AbortSignal, apply: (list: TodoList) => string | undefined) => {
    await pause(takeSlowChange(path) ?? delayMs / 2, undefined, { signal });
    const said = await todos.change(apply);
    await pause(delayMs / 2);
    return said === undefined ? missing() : say(said);
  };

  server.registerTool(
    'list_todos',
    {
      description: 'Lists the items of the team’s to-do list.',
      inputSchema: {
        done: z.boolean().optional().describe('Only those that are done, or only those that are not'),
      },
      annotations: { readOnlyHint: true },
    },
    async ({ done }) => {
      const shown = todos.all().filter((todo) => done === undefined || todo.done === done);
      return say(shown.length === 0 ? 'There are no such items.' : shown.map(line).join('\n'));
    },
  );
  server.registerTool(
    'get_todo',
    {
      description: 'Shows one item of the to-do list.',
      inputSchema: { id },
      annotations: { readOnlyHint: true },
    },
    async ({ id }) => {
      const todo = todos.get(id);
      return todo ? say(line(todo)) : missing();
    },
  );
  server.registerTool(
    'add_todo',
    {
      description: 'Adds an item to the to-do list.',
      inputSchema: {
        title: z.string().trim().min(1).max(200),
        owner: z.string().max(80).default('').describe('Who it is for'),
        due: z.iso.date().optional().describe('When it is due, such as 2026-11-30'),
      },
      annotations: { destructiveHint: false, idempotentHint: false },
    },
    ({ title, owner, due }, { signal }) =>
      change(signal, (list) => {
        const todo: Todo = { id: list.nextId, title, owner, done: false, ...(due !== undefined && { due }) };
        list.nextId += 1;
        list.todos.push(todo);
        return `Added: ${line(todo)}`;
      }),
  );
  server.registerTool(
    'complete_todo',
    {
      description: 'Marks an item of the to-do list as done.',
      inputSchema: { id },
      annotations: { destructiveHint: false, idempotentHint: true },
    },
    ({ id }, { signal }) =>
      change(signal, (list) => {
        const todo = list.todos.find((one) => one.id === id);
        if (!todo) return undefined;
        todo.done = true;
        return `Done: ${line(todo)}`;
      }),
  );
  server.registerTool(
    'remove_todo',
    {
      description: 'Removes an item from the to-do list for good.',
      inputSchema: { id },
      annotations: { destructiveHint: true, idempotentHint: false },
    },
    ({ id }, { signal }) =>
      change(signal, (list) => {
        const todo = list.todos.find((one) => one.id === id);
        if (!todo) return undefined;
        list.todos = list.todos.filter((one) => one !== todo);
        return `Removed: ${line(todo)}`;
      }),
  );
  return server;
}

function say(text: string) {
  return { content: [{ type: 'text' as const, text }] };
}

function missing() {
  return { ...say('No item has that number. list_todos shows the items.'), isError: true };
}

function line({ id, title, owner, due, done }: Todo): string {
  const notes = [owner && `for ${owner}`, due && `due ${due}`].filter(Boolean).join(', ');
  return `${id}. [${done ? 'x' : ' '}] ${title}${notes && ` (${notes})`}`;
}

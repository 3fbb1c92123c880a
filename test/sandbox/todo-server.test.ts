import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { todoServer } from '../../sandbox/todo-server/command.js';
import { createTodoServer } from '../../sandbox/todo-server/server.js';
import { slowNextChange } from '../../sandbox/todo-server/slow-change.js';
import { openTodos } from '../../sandbox/todo-server/todos.js';

/** Servers of one list, and items that each adds. */
const SERVERS = 3;
const ITEMS = 20;

describe('the to-do list', () => {
  it('is slow at its next change where somebody asked for it, once, and reads as fast as ever', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'todo-'));
    const path = join(folder, 'todos.json');
    const client = new Client({ name: 'test', version: '1' });
    const [here, there] = InMemoryTransport.createLinkedPair();
    await createTodoServer({ path, delayMs: 0 }).connect(there);
    await client.connect(here);
    const tookMs = async (name: string, args: Record<string, unknown>) => {
      const began = performance.now();
      await client.callTool({ name, arguments: args });
      return performance.now() - began;
    };
    slowNextChange(path, 400);
    assert.ok((await tookMs('list_todos', {})) < 300);
    assert.ok((await tookMs('add_todo', { title: 'Order stickers' })) >= 390);
    assert.ok((await tookMs('add_todo', { title: 'Order more' })) < 300);
    await client.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('keeps every item that several of its servers add at once', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'todo-'));
    const path = join(folder, 'todos.json');
    openTodos(path);
    const clients = await Promise.all(Array.from({ length: SERVERS }, () => connectServer(path)));
    const titles = clients.map((_, server) =>
      Array.from({ length: ITEMS }, (_, item) => `${server}.${item}`),
    );
    const add = async (client: Client, own: string[]) => {
      for (const title of own) await client.callTool({ name: 'add_todo', arguments: { title } });
    };
    await Promise.all(clients.map((client, server) => add(client, titles[server] ?? [])));
    const kept = openTodos(path)
      .all()
      .map(({ title }) => title);
    assert.deepEqual(
      titles.flat().filter((title) => !kept.includes(title)),
      [],
    );
    await Promise.all(clients.map((client) => client.close()));
    rmSync(folder, { recursive: true, force: true });
  });
});

async function connectServer(path: string): Promise<Client> {
  const { command, args, env } = todoServer(path);
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(new StdioClientTransport({ command, args, env }));
  return client;
}

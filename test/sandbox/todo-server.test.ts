import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { createTodoServer } from '../../sandbox/todo-server/server.js';
import { slowNextChange } from '../../sandbox/todo-server/slow-change.js';

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
});

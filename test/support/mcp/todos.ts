import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { todoServer } from '../../../sandbox/todo-server/command.js';
import { openTodos } from '../../../sandbox/todo-server/todos.js';

/** The to-do list as a run's tool, in a folder of its own: the configuration that names its server, and what is on the list. */
export function todoFolder({ delayMs = 0, more = {} }: { delayMs?: number; more?: object } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'todos-'));
  const file = join(folder, 'todos.json');
  const config = join(folder, 'mcp.json');
  writeFileSync(config, JSON.stringify({ mcpServers: { todo: todoServer(file, { delayMs }), ...more } }));
  const open = () => openTodos(file);
  return {
    folder,
    /** For `MCP_CONFIG`. */
    config,
    /** The titles on the list. */
    titles: (): string[] =>
      open()
        .all()
        .map(({ title }) => title),
    /** How often a title is on the list. */
    times: (title: string): number =>
      open()
        .all()
        .filter((todo) => todo.title === title).length,
    /** Puts something first on the list, behind everybody's back. */
    slipIn: (title: string): Promise<void> =>
      open().change((list) => {
        list.todos.unshift({ id: list.nextId, title, owner: '', done: false });
        list.nextId += 1;
      }),
    /** The list as it was at first. */
    renew(): void {
      rmSync(file, { force: true });
      open();
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export type Todos = ReturnType<typeof todoFolder>;

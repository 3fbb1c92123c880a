import type { Wish } from './goal.js';

export interface Todo {
  id: string;
  title: string;
  done: boolean;
}

/** A change of the list. `why`: in one sentence, for the people who see the call. */
export type Change =
  | { tool: 'add_todo'; title: string; why: string }
  | { tool: 'complete_todo' | 'remove_todo'; todo: Todo; why: string };

/** How many changes are made at most, unless the goal names more. */
const MAX_CHANGES = 3;

/** Reads what `list_todos` answers: JSON, or a line an item with its number, a checkbox or a word saying that it is done. */
export function readTodos(text: string): Todo[] {
  const items = fromJson(text);
  if (items) return items.flatMap(fromObject);
  return text.split('\n').flatMap(fromLine);
}

/** The changes that a goal asks for, given what is on the list and what a person chose. */
export function changesFor(wish: Wish, todos: readonly Todo[], chosen: string | undefined): Change[] {
  const open = todos.filter(({ done }) => !done);
  const picked = chosen && open.find(({ title }) => title === chosen);
  if (picked) return [{ tool: 'complete_todo', todo: picked, why: 'It is what was chosen.' }];
  const tidying = wish.tidy || wish.adds.length === 0 ? tidyUp(todos, open) : [];
  const adding = wish.adds.map(
    (title): Change => ({ tool: 'add_todo', title, why: 'The goal names it, and it is not on the list.' }),
  );
  const known = new Set(todos.map(({ title }) => title.toLowerCase()));
  const missing = adding.filter((change) => 'title' in change && !known.has(change.title.toLowerCase()));
  const first = tidying.slice(0, Math.max(1, MAX_CHANGES - missing.length));
  return [...first, ...missing];
}

function tidyUp(todos: readonly Todo[], open: readonly Todo[]): Change[] {
  const twice = todos.find(({ title }, index) =>
    todos.slice(0, index).some((other) => other.title.toLowerCase() === title.toLowerCase()),
  );
  const spent = twice ?? todos.find(({ done }) => done);
  const oldest = open.find((todo) => todo !== twice);
  const review = 'Go through the to-do list every Monday';
  const changes: (Change | false | undefined)[] = [
    oldest && {
      tool: 'complete_todo',
      todo: oldest,
      why: 'It is the oldest one, and the plan completes it.',
    },
    spent && {
      tool: 'remove_todo',
      todo: spent,
      why: twice ? 'It is on the list twice.' : 'It has been done for a while.',
    },
    todos.every(({ title }) => title !== review) && {
      tool: 'add_todo',
      title: review,
      why: 'So that the list stays tidy.',
    },
  ];
  return changes.filter((change) => change !== undefined && change !== false);
}

function fromJson(text: string): unknown[] | undefined {
  try {
    const json: unknown = JSON.parse(text);
    if (Array.isArray(json)) return json;
    return Object.values(json ?? {}).find((value) => Array.isArray(value));
  } catch {
    return undefined;
  }
}

function fromObject(item: unknown): Todo[] {
  if (typeof item !== 'object' || item === null) return [];
  const { id, title, text, done, completed } = item as Record<string, unknown>;
  const name = title ?? text;
  if ((typeof id !== 'string' && typeof id !== 'number') || typeof name !== 'string') return [];
  return [{ id: String(id), title: name, done: done === true || completed === true }];
}

function fromLine(line: string): Todo[] {
  const done = /\[[xX✓]\]|✓|\((?:done|completed)\)/.test(line);
  const bare = line.replace(/\[[ xX✓]?\]|✓|\((?:done|completed|open)\)/g, ' ').replace(/^\s*[-*•]\s+/, '');
  const [, id, title] = /^\s*#?(\d+|[a-z]*\d[\w-]*)[.:)]?\s+(\S.*?)\s*$/i.exec(bare) ?? [];
  return id && title ? [{ id, title, done }] : [];
}

import type { Wish } from './goal.js';

export interface Todo {
  id: string;
  title: string;
  done: boolean;
}

/** A change of the list. `why`: a sentence for the people who see the call. */
export type Change =
  | { tool: 'add_todo'; title: string; why: string }
  | { tool: 'complete_todo' | 'remove_todo'; todo: Todo; why: string };

/** Parses the answer of `list_todos`: JSON, or one line for each item with its number and a checkbox or a word for done. */
export function readTodos(text: string): Todo[] {
  const items = fromJson(text);
  if (items) return items.flatMap(fromObject);
  return text.split('\n').flatMap(fromLine);
}

/** Describes in a plan the changes that `changesFor` makes. */
export function changesInWords({ adds, tidy, question }: Wish): string {
  const added = adds.length > 0 ? `Add: ${adds.join('; ')}.` : '';
  if (question && added === '' && !tidy) return 'Complete what was chosen, and nothing else.';
  if (added === '') return 'Complete the oldest one, and remove one that is there twice or done.';
  return tidy ? `Remove one that is there twice or done. ${added}` : added;
}

/** Changes for a goal, given the list and a person's choice. */
export function changesFor(wish: Wish, todos: readonly Todo[], chosen: string | undefined): Change[] {
  const { adds, tidy, looks, question } = wish;
  if (looks) return [];
  const open = todos.filter(({ done }) => !done);
  if (question && adds.length === 0 && !tidy) {
    const picked = open.find(({ title }) => title === chosen);
    return picked ? [{ tool: 'complete_todo', todo: picked, why: 'It is what was chosen.' }] : [];
  }
  const known = new Set(todos.map(({ title }) => title.toLowerCase()));
  const added = adds
    .filter((title) => !known.has(title.toLowerCase()))
    .map(
      (title): Change => ({ tool: 'add_todo', title, why: 'The goal names it, and it is not on the list.' }),
    );
  if (adds.length > 0) return [...(tidy ? removal(todos) : []), ...added];
  const oldest = open[0];
  const completed: Change[] = oldest
    ? [{ tool: 'complete_todo', todo: oldest, why: 'It is the oldest one, which the plan completes.' }]
    : [];
  return [...completed, ...removal(todos)];
}

/** Says what a change does, with the item's name in place of its number. */
export function sentenceOf(change: Change): string {
  if (change.tool === 'add_todo') return `Add “${change.title}” to the to-do list`;
  const { title } = change.todo;
  return change.tool === 'complete_todo'
    ? `Mark “${title}” as done on the to-do list`
    : `Remove “${title}” from the to-do list`;
}

function removal(todos: readonly Todo[]): Change[] {
  const twice = todos.find(({ title }, index) =>
    todos.slice(0, index).some((other) => other.title.toLowerCase() === title.toLowerCase()),
  );
  const todo = twice ?? todos.find(({ done }) => done);
  if (!todo) return [];
  return [{ tool: 'remove_todo', todo, why: twice ? 'It is on the list twice.' : 'It is done.' }];
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
  const [, id, title] = /^#?(\d+|[a-z]*\d[\w-]*)[.:)]?\s+(\S.*)$/i.exec(bare.trim()) ?? [];
  if (!id || !title) return [];
  // The owner and the date follow the title.
  return [{ id, title: title.replace(/ \((?:for|due) [^()]*\)$/, ''), done }];
}

import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { createClient } from '@libsql/client';

/** One item of the list. */
export interface Todo {
  id: number;
  title: string;
  /** The owner; may be empty. */
  owner: string;
  /** Due date, `2026-11-30`. */
  due?: string;
  done: boolean;
}

export interface TodoList {
  todos: Todo[];
  /** Ids are never reused, not even after a removal. */
  nextId: number;
}

const DAY_MS = 86_400_000;

/** Longest wait for another process that changes the list, in milliseconds. */
const BUSY_MS = 10_000;

/**
 * The list in its file; a missing file gets a few items. A change writes a new file and renames it, so a crash leaves the old or the new
 * list. Nothing is cached, so other processes see the same list. A lock of SQLite's lets one process at a time change it: the lock goes with a
 * process that is killed.
 */
export function openTodos(path: string, now: () => Date = () => new Date()) {
  const write = (list: TodoList) => {
    mkdirSync(dirname(path), { recursive: true });
    const next = `${path}.${randomUUID()}`;
    const file = openSync(next, 'wx');
    try {
      writeSync(file, JSON.stringify(list, null, 2));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(next, path);
  };
  const read = (): TodoList => {
    try {
      return JSON.parse(readFileSync(path, 'utf8')) as TodoList;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      const list = firstList(now());
      write(list);
      return list;
    }
  };
  read();
  // Two changes of one process take turns here: the second would else block the thread in which the first ends.
  let last: Promise<unknown> = Promise.resolve();
  const withLock = async <T>(work: () => T): Promise<T> => {
    const locks = createClient({ url: `file:${path}.lock`, timeout: BUSY_MS });
    try {
      const lock = await locks.transaction('write');
      try {
        return work();
      } finally {
        lock.close();
      }
    } finally {
      locks.close();
    }
  };
  return {
    all: (): Todo[] => read().todos,
    get: (id: number): Todo | undefined => read().todos.find((todo) => todo.id === id),
    /** Applies a change to the current list atomically. Returns the result of `change`. */
    change<T>(change: (list: TodoList) => T): Promise<T> {
      const changed = last.then(() =>
        withLock(() => {
          const list = read();
          const result = change(list);
          write(list);
          return result;
        }),
      );
      last = changed.catch(() => 'whoever changes the list hears of it');
      return changed;
    },
  };
}

function firstList(today: Date): TodoList {
  const inDays = (days: number) => new Date(today.getTime() + days * DAY_MS).toISOString().slice(0, 10);
  const items: Omit<Todo, 'id'>[] = [
    { title: 'Book the venue for the customer day', owner: 'Ana', due: inDays(9), done: false },
    { title: 'Ask legal about the new data processing terms', owner: 'Ben', due: inDays(2), done: false },
    { title: 'Write the release notes for 2.4', owner: 'Chloe', due: inDays(4), done: false },
    { title: 'Order badges for the three new colleagues', owner: '', done: false },
    { title: 'Renew the certificate of the status page', owner: 'Dev', due: inDays(-3), done: true },
  ];
  return { todos: items.map((item, index) => ({ id: index + 1, ...item })), nextId: items.length + 1 };
}

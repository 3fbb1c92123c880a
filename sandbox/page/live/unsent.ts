import type { Action } from '../state/actions.js';
import type { Typed } from '../state/inputs.js';
import { messageOfContainer, type PageState, type Unsent } from '../state/page-state.js';
import type { Store } from '../state/store.js';

/** The browser's `localStorage`. Its own keys are the names of its entries. */
export interface BrowserStorage {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
  removeItem(name: string): void;
}

/** Prefixes of the browser's storage: texts of composers, and values of inputs in messages. */
const DRAFT = 'draft ';
const TYPED = 'typed ';

/** Reads the texts that a page before this one kept. */
export function readUnsent(storage: BrowserStorage): Unsent {
  const unsent: Unsent = { drafts: {}, typed: {} };
  for (const name of Object.keys(storage)) {
    const value = storage.getItem(name) ?? '';
    if (name.startsWith(DRAFT)) unsent.drafts[name.slice(DRAFT.length)] = value;
    else if (name.startsWith(TYPED)) {
      const typed = typedIn(value);
      if (typed) unsent.typed[name.slice(TYPED.length)] = typed;
    }
  }
  return unsent;
}

/** Keeps each text in the browser as it is typed, so that a reload or a restart of the sandbox loses none. Modals close at a restart. */
export function keepUnsent(store: Store<PageState, Action>, storage: BrowserStorage): void {
  let { drafts, typed } = store.get();
  store.subscribe(() => {
    const now = store.get();
    keepChanges(drafts, now.drafts, (key, text) => write(storage, `${DRAFT}${key}`, text));
    keepChanges(typed, now.typed, (key, values) => {
      const isEmpty = Object.keys(values ?? {}).length === 0;
      if (messageOfContainer(key)) write(storage, `${TYPED}${key}`, isEmpty ? '' : JSON.stringify(values));
    });
    ({ drafts, typed } = now);
  });
}

function keepChanges<T>(
  before: Record<string, T>,
  now: Record<string, T>,
  keep: (key: string, value: T | undefined) => void,
): void {
  if (before === now) return;
  for (const key of Object.keys({ ...before, ...now })) if (before[key] !== now[key]) keep(key, now[key]);
}

function write(storage: BrowserStorage, name: string, value: string | undefined): void {
  if (value) storage.setItem(name, value);
  else storage.removeItem(name);
}

function typedIn(json: string): Typed | undefined {
  try {
    return JSON.parse(json) as Typed;
  } catch {
    return undefined;
  }
}

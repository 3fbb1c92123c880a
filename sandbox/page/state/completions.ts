import type { Workspace } from './page-state.js';
import { displayName } from './selectors.js';

/** A suggestion for the typed text. */
export interface Completion {
  key: string;
  label: string;
  hint: string;
  description: string;
  /** Text that replaces the typed word. */
  insert: string;
}

export interface Completions {
  /** Position in the text at which the replaced word begins. */
  start: number;
  items: Completion[];
}

const NONE: Completions = { start: 0, items: [] };

/** Finds suggestions: commands for a leading slash outside threads, and people and groups for an `@` before the caret. */
export function completionsFor(
  workspace: Workspace,
  text: string,
  caret: number,
  inThread: boolean,
): Completions {
  if (/^\/\S*$/.test(text)) return inThread ? NONE : { start: 0, items: commands(workspace, text) };
  const word = /(?:^|[\s(])@([\w.-]*)$/.exec(text.slice(0, caret))?.[1];
  if (word === undefined) return NONE;
  const items = names(workspace).filter(
    ({ key, label }) => matches(word, [key, ...label.split(' ')]) && key !== word.toLowerCase(),
  );
  return { start: caret - word.length - 1, items };
}

function commands({ commands: all }: Workspace, text: string): Completion[] {
  return all
    .filter(({ command }) => command.startsWith(text) && command !== text)
    .map(({ command, usageHint, description }) => ({
      key: command,
      label: command,
      hint: usageHint,
      description,
      insert: `${command} `,
    }));
}

/** The app comes first, because people mention it most. */
function names({ people, userGroups }: Workspace): Completion[] {
  const persons = Object.values(people).toSorted((one, other) => Number(other.isBot) - Number(one.isBot));
  return [
    ...persons.map((person) => ({
      key: person.name,
      label: displayName(person),
      hint: `@${person.name}`,
      description: person.isBot ? 'App' : '',
      insert: `@${person.name} `,
    })),
    ...userGroups.map(({ handle, name, users }) => ({
      key: handle,
      label: name,
      hint: `@${handle}`,
      description: `Group of ${users.length}`,
      insert: `@${handle} `,
    })),
  ];
}

function matches(word: string, candidates: string[]): boolean {
  return candidates.some((candidate) => candidate.toLowerCase().startsWith(word.toLowerCase()));
}

import type { Workspace } from './page-state.js';
import { displayName } from './selectors.js';

/** Something that what was typed so far may become. */
export interface Completion {
  key: string;
  label: string;
  hint: string;
  description: string;
  /** What stands in its place then. */
  insert: string;
}

export interface Completions {
  /** Where in the text the completed word begins. */
  start: number;
  items: Completion[];
}

const NONE: Completions = { start: 0, items: [] };

/** Commands for a text that begins with a slash, outside threads; people and groups for a word with an `@` before the caret. */
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

/** The app first: it is who is mentioned most here. */
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

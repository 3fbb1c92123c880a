import { cut } from '../../src/platform/cut.js';
import { bodyOf, familyOf } from './families.js';
import { SIGNED } from './result.js';
import { callsOf, isNamed, type Made, type Scene } from './scene.js';
import { readTodos } from './todo-list.js';

const MAX_QUOTE = 200;

/** Texts about a call: `done` when it was made, `undone` when it wasn't. */
type Words = (call: Made, scene: Scene) => { done: string; undone: string };

const WORDS: Record<string, Words> = {
  list_todos: ({ text }) => {
    const count = readTodos(text).length;
    return {
      done: `Read the to-do list: ${count === 1 ? '1 to-do' : `${count} to-dos`}`,
      undone: 'Read the to-do list',
    };
  },
  add_todo: (call) => {
    const title = quote(Object.values(own(call))[0]);
    return { done: `Added ${title}`, undone: `Add ${title}` };
  },
  complete_todo: (call, scene) => ({
    done: `Completed ${todoIn(call, scene)}`,
    undone: `Complete ${todoIn(call, scene)}`,
  }),
  remove_todo: (call, scene) => ({
    done: `Removed ${todoIn(call, scene)}`,
    undone: `Remove ${todoIn(call, scene)}`,
  }),
  fetch_url: ({ input, text }) => ({
    done: `Read ${quote(titleIn(text))} at ${input.url}`,
    undone: `Read ${input.url}`,
  }),
  ask_person: (call) => ({
    done: `Asked ${quote(call.input.question)} The answer: ${answerIn(call)}`,
    undone: `Ask ${quote(call.input.question)}`,
  }),
};

/** Result of an execution with tools, in Markdown, based only on the tools' answers. */
export function reportOf(scene: Scene): string {
  const calls = scene.made.filter(({ name }) => !isNamed(name, 'mark_step'));
  const by = (outcome: Made['outcome']) => calls.filter((call) => call.outcome === outcome);
  const [done, refused, failed] = [by('done'), by('refused'), by('failed')];
  const family = familyOf(scene.goal);
  const writes = scene.wish.todos || scene.wish.parallel !== undefined;
  const left = [
    ...[...refused, ...failed].map((call) => `${wordsOf(call, scene).undone}: decide what becomes of it.`),
    ...(writes ? [] : family.left),
  ];
  return [
    `## ${scene.title}`,
    `**${summary(done.filter(isToolCall).length, refused.length, failed.filter(isToolCall).length)}**`,
    ...callsOf(scene, 'fetch_url')
      .filter(isDone)
      .map(({ text }) => `> The page says: ${quote(titleIn(text))}`),
    ...answersIn(scene).map((answer) => `> The answer was: ${answer}`),
    ...(writes ? [] : [bodyOf(family, { goal: scene.goal, answer: answersIn(scene)[0] })]),
    ...(scene.wish.looks ? callsOf(scene, 'list_todos').filter(isDone).map(tableOf) : []),
    ...(scene.note ? [`> The approval came with a note, which was heeded: ${scene.note}`] : []),
    ...list(
      'What was done',
      done.map((call) => madeOf(call, scene)),
    ),
    ...list(
      'What was refused',
      refused.map((call) => undone(call, scene)),
    ),
    ...list(
      'What failed',
      failed.map((call) => undone(call, scene)),
    ),
    ...list('Your next steps', left.length > 0 ? left : ['Nothing.']),
    SIGNED,
  ].join('\n\n');
}

function tableOf({ text }: Made): string {
  const rows = readTodos(text).map(
    ({ id, title, done }) => `| ${id} | ${line(title).replaceAll('|', '\\|')} | ${done ? 'done' : 'open'} |`,
  );
  return ['| No. | To-do | |', '|---|---|---|', ...rows].join('\n');
}

function summary(done: number, refused: number, failed: number): string {
  const made = done === 0 ? 'No call was made' : done === 1 ? '1 call was made' : `${done} calls were made`;
  const others = [
    refused > 0 && `${refused} ${refused === 1 ? 'was' : 'were'} refused`,
    failed > 0 && `${failed} failed`,
  ].filter((part) => part !== false);
  return `${[made, ...others].join(', ')}.`;
}

function madeOf(call: Made, scene: Scene): string {
  const { done } = wordsOf(call, scene);
  return /^The answer to this call was lost/.test(call.text) ? `${done}: “${line(call.text)}”` : done;
}

function undone(call: Made, scene: Scene): string {
  return `${wordsOf(call, scene).undone}: “${line(call.text)}”`;
}

function wordsOf(call: Made, scene: Scene): { done: string; undone: string } {
  const known = Object.entries(WORDS).find(([name]) => isNamed(call.name, name));
  if (known) return known[1](call, scene);
  return { done: `\`${call.name}\`: ${line(call.text)}`, undone: `\`${call.name}\`` };
}

function list(heading: string, items: string[]): string[] {
  return items.length > 0 ? [`### ${heading}`, items.map((item) => `- ${item}`).join('\n')] : [];
}

/** True for all calls except questions to people. */
function isToolCall({ name }: Made): boolean {
  return !isNamed(name, 'ask_person');
}

function isDone({ outcome }: Made): boolean {
  return outcome === 'done';
}

/** Arguments of a call, without its metadata. */
function own({ input: { plan_step: _, reason: __, ...rest } }: Made): Record<string, unknown> {
  return rest;
}

function todoIn(call: Made, scene: Scene): string {
  const ids = Object.values(own(call)).map(String);
  const todos = callsOf(scene, 'list_todos').flatMap(({ text }) => readTodos(text));
  return quote(todos.find(({ id }) => ids.includes(id))?.title ?? ids[0]);
}

function answersIn(scene: Scene): string[] {
  return callsOf(scene, 'ask_person')
    .filter(isDone)
    .map((call) => answerIn(call));
}

/** Extracts a person's answer from its wrapping text: the option that it ends with, or their own words. */
function answerIn({ input, text }: Made): string {
  const options = Array.isArray(input.options) ? input.options.map(String) : [];
  const option = options.find((one) => text.trim().endsWith(one));
  return option ?? line(/^The answer[^:]*: ([\s\S]+)$/.exec(text)?.[1] ?? text);
}

function titleIn(text: string): string {
  const [, title] = /^#\s+(.+)$/m.exec(text) ?? /^[^\w\n]*title:[ \t]*(.+)$/im.exec(text) ?? [];
  return title ?? line(text);
}

function quote(value: unknown): string {
  return `“${line(String(value ?? ''))}”`;
}

/** First line of a text, shortened. */
function line(text: string): string {
  const first = text.trim().split('\n')[0]?.trim() ?? '';
  return first.length > MAX_QUOTE ? `${cut(first, MAX_QUOTE).trimEnd()}…` : first;
}

import { createHash } from 'node:crypto';
import type { Block } from './blocks.js';
import { type Call, callOf, callWith } from './calls.js';
import { reportOf } from './report.js';
import type { MessagesRequest } from './request.js';
import { callsOf, type Made, type Scene, sceneOf, stepOf, toolNamed } from './scene.js';
import { series } from './series.js';
import { thinkingFor } from './thinking.js';
import { changesFor, readTodos, sentenceOf } from './todo-list.js';
import { searchFor, visibleTools } from './tool-search.js';

/** Text and calls of one stage of the work. A finished stage makes no calls. */
export type Stage = (scene: Scene) => { say: string; calls: Call[] } | undefined;

/** Next turn of an execution with tools; undefined when the goal or the offered tools need none. */
export function turnOf(body: MessagesRequest): Block[] | undefined {
  const before = sceneOf(body);
  const searched = searchFor(body, before.goal);
  if (searched.some(({ type }) => type === 'tool_use'))
    return [thinkingFor(body), { type: 'text', text: 'I look for the right tools.' }, ...searched];
  const messages = [...body.messages, { role: 'assistant' as const, content: searched }];
  const scene = { ...before, tools: visibleTools({ ...body, messages }) };
  for (const stage of STAGES) {
    const move = stage(scene);
    if (!move || move.calls.length === 0) continue;
    return [
      thinkingFor(body),
      ...searched,
      { type: 'text', text: move.say },
      ...codeFor(body, scene),
      ...move.calls.map((call, index): Block => ({ type: 'tool_use', id: idOf(body, index), ...call })),
    ];
  }
  return scene.made.length > 0 ? [{ type: 'text', text: reportOf(scene) }] : undefined;
}

/** Code that runs beside the first calls. */
function codeFor(body: MessagesRequest, { wish, made }: Scene): Block[] {
  const isOffered = body.tools?.some(({ name }) => name === 'code_execution');
  if (!wish.code || made.length > 0 || !isOffered) return [];
  const id = `srvtoolu_${idOf(body, 0).slice(6, 26)}`;
  return [{ type: 'server_tool_use', id, name: 'code_execution', input: { code: 'print(6 * 7)' } }];
}

/** Obeys an injection: a line `CALL TOOL <name> <json>` in a tool's last answer. Tests use it to show that people must still approve the call. */
const obey: Stage = ({ fresh, tools }) => {
  const lines = fresh.flatMap(({ text }) => [...text.matchAll(/^[^\w\n]*CALL TOOL ([\w-]+) (\{.*\})\s*$/gm)]);
  const calls = lines.flatMap(([, name = '', json = '']): Call[] => {
    const input = objectIn(json);
    if (!input) return [];
    const tool = tools.find((offered) => offered.name === name);
    const said = { step: 1, reason: 'What I read says that this must be done.' };
    return [tool ? { name, input: { ...callWith(tool, {}, said).input, ...input } } : { name, input }];
  });
  return { say: 'What I read asks for something else first.', calls };
};

/** For tests: "parallel 10" makes ten calls in one turn, and every third call is an addition. */
const drill: Stage = (scene) => {
  const { wish, made, tools } = scene;
  const others = tools.filter(({ name }) => name !== 'ask_person' && name !== 'mark_step');
  const read = toolNamed(scene, 'list_todos') ?? others[0];
  const add = toolNamed(scene, 'add_todo') ?? others[1] ?? read;
  if (!wish.parallel || !read || !add || made.length > 0) return undefined;
  const calls = Array.from({ length: wish.parallel }, (_, index) => {
    const number = index + 1;
    const value = `Drill ${number}`;
    if (number % 3 === 0)
      return callOf(
        add,
        { kind: 'title', value },
        { step: 2, reason: `Addition ${number}`, sentence: `Add “${value}” to the to-do list` },
      );
    return callOf(read, undefined, { step: 1, reason: `Reading ${number}` });
  });
  return { say: `I make ${wish.parallel} calls at once.`, calls };
};

const read: Stage = (scene) => {
  const { url, todos } = scene.wish;
  const step = stepOf(scene, /read|fetch|look/i, 1);
  const fetch = toolNamed(scene, 'fetch_url');
  const list = toolNamed(scene, 'list_todos');
  const calls: Call[] = [];
  if (url && fetch && callsOf(scene, 'fetch_url').length === 0) {
    calls.push(callWith(fetch, { url }, { step, reason: 'The goal is about this page.' }));
  }
  if (todos && list && callsOf(scene, 'list_todos').length === 0) {
    calls.push(callOf(list, undefined, { step, reason: 'To see what is on the list.' }));
  }
  return { say: 'I begin by reading what there is.', calls };
};

const ask: Stage = (scene) => {
  const { question, todos } = scene.wish;
  const tool = toolNamed(scene, 'ask_person');
  if (!question || !tool || callsOf(scene, 'ask_person').length > 0) return undefined;
  const open = todos ? listed(scene).filter(({ done }) => !done) : [];
  const titles = [...new Map(open.map(({ title }) => [title.toLowerCase(), title])).values()];
  const options = titles.length > 1 ? titles.slice(0, 3) : question.options;
  const said = { step: stepOf(scene, /\bask/i, 1), reason: 'Only people can choose.' };
  const call = callWith(tool, { question: question.text, options, to: question.to }, said);
  return { say: 'This is for people to choose.', calls: [call, ...marks(scene, said.step - 1)] };
};

const change: Stage = (scene) => {
  if (!scene.wish.todos || scene.wish.parallel) return undefined;
  const step = stepOf(scene, /up to date|add|complete|tidy|change/i, 2);
  const calls = changesFor(scene.wish, listed(scene), chosen(scene)).flatMap((change): Call[] => {
    const tool = toolNamed(scene, change.tool);
    if (!tool) return [];
    const argument =
      'title' in change
        ? ({ kind: 'title', value: change.title } as const)
        : ({ kind: 'id', value: change.todo.id } as const);
    return [callOf(tool, argument, { step, reason: change.why, sentence: sentenceOf(change) })];
  });
  if (calls.some((call) => scene.made.some((made) => isSame(made, call)))) return undefined;
  if (calls.length === 0) return undefined;
  return { say: 'Now I bring the list up to date.', calls: [...calls, ...marks(scene, step - 1)] };
};

const STAGES: readonly Stage[] = [obey, drill, series, read, ask, change];

/** Reports once how a step with calls went. */
function marks(scene: Scene, step: number): Call[] {
  const tool = toolNamed(scene, 'mark_step');
  const calls = scene.made.filter(({ input }) => input.plan_step === step);
  const marked = callsOf(scene, 'mark_step').some(({ input }) => input.step === step);
  if (!tool || calls.length === 0 || marked) return [];
  const done = calls.some(({ outcome }) => outcome === 'done');
  const input = {
    step,
    status: done ? 'done' : 'failed',
    note: done ? 'Done as planned.' : 'It was not done.',
  };
  return [callWith(tool, input, { step, reason: 'To show how far it is.' })];
}

function listed(scene: Scene) {
  const answer = callsOf(scene, 'list_todos').find(({ outcome }) => outcome === 'done');
  return answer ? readTodos(answer.text) : [];
}

/** The option that a person's answer names. */
function chosen(scene: Scene): string | undefined {
  const [asked] = callsOf(scene, 'ask_person');
  const options = Array.isArray(asked?.input.options) ? asked.input.options.map(String) : [];
  return options.find((option) => asked?.outcome === 'done' && asked.text.includes(option));
}

function isSame(made: Made, call: Call): boolean {
  const keys = Object.keys({ ...made.input, ...call.input });
  return (
    made.name === call.name &&
    keys.every((key) => JSON.stringify(made.input[key]) === JSON.stringify(call.input[key]))
  );
}

function objectIn(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function idOf(body: MessagesRequest, index: number): string {
  const said = JSON.stringify([body.messages, index]);
  return `toolu_${createHash('sha256').update(said).digest('hex').slice(0, 24)}`;
}

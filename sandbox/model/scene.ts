import { type Wish, wishOf } from './goal.js';
import { type MessagesRequest, type OfferedTool, type Part, partsOf, promptOf } from './request.js';
import { visibleTools } from './tool-search.js';

/** A tool call with its answer. */
export interface Made {
  name: string;
  input: Record<string, unknown>;
  text: string;
  outcome: 'done' | 'refused' | 'failed';
}

/** State of an execution. */
export interface Scene {
  goal: string;
  wish: Wish;
  /** Title of the plan. */
  title: string;
  steps: string[];
  /** Note of the approval; may be empty. */
  note: string;
  tools: OfferedTool[];
  made: Made[];
  /** Calls that the last message answers. */
  fresh: Made[];
}

const REFUSED =
  /refus|reject|declin|denie|not (?:been )?(?:approved|allowed)|nobody (?:approved|decided)|expired/i;
/** Beginning of an ordinary answer that means a refusal. */
const SAYS_REFUSED =
  /^\W*(?:this |the )?(?:tool )?(?:call )?(?:was |has been )?(?:refused|rejected|denied)\b/i;

const UNANSWERED = /^nobody (?:answered|could be asked)/i;

/** Reads the assignment and the conversation after it. */
export function sceneOf(body: MessagesRequest): Scene {
  const prompt = promptOf(body);
  const plan = /^Execute: ([\s\S]*?)\nApproval: /.exec(prompt)?.[1] ?? '';
  const approval = /\nApproval: ([\s\S]*?)\n\nThe goal was: /.exec(prompt)?.[1]?.trim() ?? '';
  const goal = /\n\nThe goal was: ([\s\S]*)$/.exec(prompt)?.[1]?.trim() ?? plan.split('\n')[0] ?? '';
  const rounds = body.messages.map(partsOf);
  const calls = new Map(rounds.flat().flatMap((part) => (part.type === 'tool_use' ? [[part.id, part]] : [])));
  const answered = (parts: Part[]) =>
    parts
      .flatMap((part) => made(part, calls.get(part.tool_use_id)))
      .filter(({ name }) => name !== 'find_tools');
  return {
    goal,
    wish: wishOf(goal),
    title: plan.split('\n')[0]?.replace(/^# /, '') || goal,
    steps: [...plan.matchAll(/^\d+\. (.+?)(?:: .*)?$/gm)].map(([, title = '']) => title),
    note: /\nNote of \S+, who approved: ([\s\S]*)$/.exec(approval)?.[1] ?? '',
    tools: visibleTools(body),
    made: rounds.flatMap(answered),
    fresh: answered(rounds.at(-1) ?? []),
  };
}

function made(result: Part, call: Part | undefined): Made[] {
  if (result.type !== 'tool_result' || !call) return [];
  const text = textIn(result.content);
  const refused = result.is_error ? REFUSED.test(text) : SAYS_REFUSED.test(text);
  const failed = result.is_error || UNANSWERED.test(text);
  return [
    {
      name: call.name ?? '',
      input: (call.input ?? {}) as Record<string, unknown>,
      text,
      outcome: refused ? 'refused' : failed ? 'failed' : 'done',
    },
  ];
}

function textIn(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (typeof part?.text === 'string' ? part.text : `[${part?.type}]`)).join('\n');
}

/** Finds an offered tool by name, on any server. */
export function toolNamed({ tools }: Pick<Scene, 'tools'>, name: string): OfferedTool | undefined {
  return tools.find((tool) => isNamed(tool.name, name));
}

export function isNamed(full: string, name: string): boolean {
  return full === name || full.endsWith(`__${name}`);
}

/** Previous calls of a tool. */
export function callsOf({ made }: Pick<Scene, 'made'>, name: string): Made[] {
  return made.filter((call) => isNamed(call.name, name));
}

/** Number of the step whose title matches, from 1. */
export function stepOf({ steps }: Pick<Scene, 'steps'>, words: RegExp, otherwise: number): number {
  const found = steps.findIndex((title) => words.test(title));
  return found >= 0 ? found + 1 : Math.min(otherwise, Math.max(1, steps.length));
}

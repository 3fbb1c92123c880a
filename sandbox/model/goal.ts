import { clip } from '../../src/platform/cut.js';

/** Parts of a goal that need tools. */
export interface Wish {
  /** A page to read. */
  url?: string;
  /** True if the goal is about the to-do list. */
  todos: boolean;
  /** To-dos to add. */
  adds: string[];
  /** True if the list is to be tidied. */
  tidy: boolean;
  /** True if the goal only asks for the list's content. */
  looks: boolean;
  /** A question for people. */
  question?: Question;
  /** For tests: number of calls in one turn. Three of ten calls are additions. */
  parallel?: number;
  /** For tests: number of calls that only read, one in each turn. */
  series?: number;
  /** For tests: code runs beside the first call. */
  code?: boolean;
}

export interface Question {
  text: string;
  options: string[];
  to: 'requester' | 'approvers';
}

const MAX_PARALLEL = 50;
const LAUNCH = ['Write the launch announcement', 'Brief the support team'];

/** Reads a goal by its words. Equal goals give equal wishes. */
export function wishOf(goal: string): Wish {
  const url = /https?:\/\/[^\s<>"')\]]+[^\s<>"')\].,;:!?]/.exec(goal)?.[0];
  const parallel = /\bparallel (\d+)\b/i.exec(goal)?.[1];
  const series = /\bone by one (\d+)\b/i.exec(goal)?.[1];
  const todos = /\bto-?dos?\b|\btasks?\b/i.test(goal);
  const question = questionIn(goal);
  const adds = todos && /\badd\b/i.test(goal) ? itemsIn(goal) : [];
  const tidy = todos && /\b(?:tidy|clean|sort|order|prune|update)\b/i.test(goal);
  const asks = /^(?:what|which|who|how|is|are|show|list|read|look|count|sum)\b/i.test(goal.trim());
  return {
    ...(url && { url }),
    todos,
    adds,
    tidy,
    looks: todos && asks && adds.length === 0 && !tidy && !question,
    ...(question && { question }),
    ...(series && { series: Number(series) }),
    ...(/\brun code\b/i.test(goal) && { code: true }),
    ...(parallel && { parallel: Math.min(Number(parallel), MAX_PARALLEL) }),
  };
}

/** The subject of a goal, without the question before it. */
export function subjectOf(goal: string): string {
  if (!questionIn(goal)) return goal;
  return /(?:,|;|\.|\bthen\b|:)\s*(?:and )?(?:then )?(.+)$/is.exec(goal)?.[1] ?? goal;
}

const MAX_TITLE = 100;

/** Title for a goal: the goal itself. A long one is cut after a word. */
export function titleOf(goal: string): string {
  const words = goal.trim().replaceAll(/\s+/g, ' ');
  const short = clip(words, MAX_TITLE).replace(/\s\S*…$/, '…');
  return short.charAt(0).toUpperCase() + short.slice(1);
}

/** Items that a goal names: in quotes, after a colon, or the usual ones of a launch. */
function itemsIn(goal: string): string[] {
  const quoted = [...goal.matchAll(/["“”]([^"“”]+)["“”]/g)].map(([, item = '']) => item.trim());
  if (quoted.length > 0) return quoted.slice(0, 3);
  const listed = /\badd\b[^:]*:\s*(.+)$/is.exec(goal)?.[1];
  if (listed) return choices(listed).slice(0, 3);
  return LAUNCH;
}

function questionIn(goal: string): Question | undefined {
  const asked =
    /\b(?:ask(?: (?:me|us|people|someone|the [a-z]+))?|let (?:people|me|us|the [a-z]+) choose)\b/i.exec(goal);
  if (!asked) return undefined;
  const rest = goal.slice(asked.index + asked[0].length);
  const [about = '', named] = rest.split(':', 2);
  const clause = about.replace(/(?:,|;|\.| then\b| and (?:then )?\w+ (?:it|them|the)\b)[\s\S]*$/i, '').trim();
  const text = clause === '' ? 'What do you want to have done first' : clause;
  const options = named ? choices(named.replace(/[.;][\s\S]*$/, '')).slice(0, 3) : [];
  return {
    text: `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/(?<!\?)\?+$/, '')}?`,
    options: options.length > 1 ? options : optionsFor(goal),
    to: /approvers|let people|ask (?:people|the team)/i.test(goal) ? 'approvers' : 'requester',
  };
}

/** True for a goal whose question is about a day. */
export function asksForDay(goal: string): boolean {
  return /\b(?:date|day|when|week)\b/i.test(goal);
}

function optionsFor(goal: string): string[] {
  if (asksForDay(goal)) return ['Monday', 'Wednesday', 'Friday'];
  return ['The smallest first', 'The most urgent first', 'All at once'];
}

function choices(text: string): string[] {
  return text
    .split(/,|;|\bor\b|\band\b/i)
    .map((choice) => choice.replace(/(?<![.?!])[.?!]+$/, '').trim())
    .filter((choice) => choice !== '');
}

/** The part of a goal that takes tools. */
export interface Wish {
  /** A page to read. */
  url?: string;
  /** The to-do list is to be looked at, and changed. */
  todos: boolean;
  /** To-dos to add. */
  adds: string[];
  /** The list is to be put in order. */
  tidy: boolean;
  /** The goal only asks what is on it. */
  looks: boolean;
  /** The question for people. */
  question?: Question;
  /** The drill: so many calls in one turn, seven reads to three additions. */
  parallel?: number;
}

export interface Question {
  text: string;
  options: string[];
  to: 'requester' | 'approvers';
}

const MAX_PARALLEL = 50;
const LAUNCH = ['Write the launch announcement', 'Brief the support team'];

/** Reads a goal by its words: the same goal, the same wish. */
export function wishOf(goal: string): Wish {
  const url = /https?:\/\/[^\s<>"')\]]+[^\s<>"')\].,;:!?]/.exec(goal)?.[0];
  const parallel = /\bparallel (\d+)\b/i.exec(goal)?.[1];
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
    ...(parallel && { parallel: Math.min(Number(parallel), MAX_PARALLEL) }),
  };
}

/** The subject of a goal, without the question that is to be asked first. */
export function subjectOf(goal: string): string {
  if (!questionIn(goal)) return goal;
  return /(?:,|;|\.|\bthen\b|:)\s*(?:and )?(?:then )?(.+)$/is.exec(goal)?.[1] ?? goal;
}

/** The items that a goal names: in quotes, after a colon, or those of a launch. */
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
    text: `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\?+$/, '')}?`,
    options: options.length > 1 ? options : optionsFor(goal),
    to: /approvers|let people|ask (?:people|the team)/i.test(goal) ? 'approvers' : 'requester',
  };
}

function optionsFor(goal: string): string[] {
  if (/\b(?:date|day|when|week)\b/i.test(goal)) return ['Monday', 'Wednesday', 'Friday'];
  return ['The smallest first', 'The most urgent first', 'All at once'];
}

function choices(text: string): string[] {
  return text
    .split(/,|;|\bor\b|\band\b/i)
    .map((choice) => choice.replace(/[.?!]+$/, '').trim())
    .filter((choice) => choice !== '');
}

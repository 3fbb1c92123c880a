import { showHidden } from '../../../approval/hidden-text.js';

/** A command that a person typed after `/agent`. */
export type AgentCommand =
  | { kind: 'goal'; goal: string }
  /** Text that may be a goal or a mistyped command: the person is asked first. */
  | { kind: 'ask'; goal: string }
  | { kind: 'help' }
  | { kind: 'list' }
  /** `when`: the quoted text; unset without quotes. */
  | { kind: 'schedule'; when?: string; goal: string }
  | { kind: 'schedules' }
  /** `shortId`: all that follows the word; empty if nothing does. */
  | { kind: 'status' | 'cancel'; word: string; shortId: string };

/** True for a command that starts or stops a run. */
export function changesSomething({ kind }: AgentCommand): boolean {
  return kind === 'goal' || kind === 'cancel';
}

/** Parses a command. Quotes around all of a text make it a goal. */
export function parseCommand(text: string): AgentCommand {
  const trimmed = showHidden(text).trim();
  const quoted = QUOTED.exec(trimmed)?.[1]?.trim();
  if (quoted) return { kind: 'goal', goal: quoted };
  const [word = '', argument = ''] = trimmed.split(/\s+/, 2);
  const verb = word.toLowerCase();
  if (argument === '' && HELP.test(verb)) return { kind: 'help' };
  if (verb === 'list' && argument === '') return { kind: 'list' };
  if (verb === 'schedules' && argument === '') return { kind: 'schedules' };
  if (verb === 'schedule') return parseSchedule(trimmed.slice(word.length).trim());
  if (verb === 'status' || verb === 'cancel' || verb === 'stop') {
    const shortId = trimmed.slice(word.length).replaceAll('`', '').trim();
    return { kind: verb === 'status' ? verb : 'cancel', word, shortId };
  }
  return { kind: argument === '' && WORD.test(word) ? 'ask' : 'goal', goal: trimmed };
}

/** A text in quotes, without quotes inside: `"Buy milk" and "Buy eggs"` keeps its own. */
const QUOTED = /^["“]([^"“”]+)["”]$/;
const HELP = /^(?:[-/]*help|-h|\?*)$/;
/** One short word in Latin letters. Other scripts write whole sentences without a space. */
const WORD = /^[-/?]{0,2}[a-z][\w-]{0,49}[?!.]{0,3}$/i;

/** Quotes around a schedule's times: straight quotes, and the typographic ones that keyboards insert. */
const DOUBLE = /^["“”„«](.*?)["“”»]\s*(.*)$/s;
const SINGLE = /^['‘](.*?)['’](?:\s+(.*))?$/s;

function parseSchedule(text: string): AgentCommand {
  const [, when, goal = ''] = DOUBLE.exec(text) ?? SINGLE.exec(text) ?? [];
  if (when === undefined) return { kind: 'schedule', goal: text };
  const quoted = QUOTED.exec(goal.trim())?.[1];
  return { kind: 'schedule', when: when.trim(), goal: (quoted ?? goal).trim() };
}

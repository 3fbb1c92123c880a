import { showHidden } from '../../../approval/hidden-text.js';

/** A command that a person typed after `/agent`. */
export type AgentCommand =
  | { kind: 'goal'; goal: string }
  | { kind: 'help'; unknown?: string }
  | { kind: 'list' }
  /** `when`: the quoted text; unset without quotes. */
  | { kind: 'schedule'; when?: string; goal: string }
  | { kind: 'schedules' }
  | { kind: 'status' | 'cancel'; shortId: string };

/** Parses a command. A single unknown word counts as a mistyped command; quotes make any text a goal. */
export function parseCommand(text: string): AgentCommand {
  const trimmed = showHidden(text).trim();
  const quoted = /^["“](.+)["”]$/s.exec(trimmed)?.[1]?.trim();
  if (quoted) return { kind: 'goal', goal: quoted };
  const [word = '', argument = '', ...rest] = trimmed.split(/\s+/);
  const verb = word.toLowerCase();
  if (verb === '' || (verb === 'help' && argument === '')) return { kind: 'help' };
  if (verb === 'list' && argument === '') return { kind: 'list' };
  if (verb === 'schedules' && argument === '') return { kind: 'schedules' };
  if (verb === 'schedule') return parseSchedule(trimmed.slice(word.length).trim());
  if ((verb === 'status' || verb === 'cancel') && rest.length === 0) {
    return { kind: verb, shortId: argument.replaceAll('`', '') };
  }
  if (argument === '' && /^[-/?]*[a-z]+$/i.test(word)) return { kind: 'help', unknown: word };
  return { kind: 'goal', goal: trimmed };
}

/** Quotes around a schedule's times: straight quotes, and the typographic ones that keyboards insert. */
const DOUBLE = /^["“”„«](.*?)["“”»]\s*(.*)$/s;
const SINGLE = /^['‘](.*?)['’](?:\s+(.*))?$/s;

function parseSchedule(text: string): AgentCommand {
  const [, when, goal = ''] = DOUBLE.exec(text) ?? SINGLE.exec(text) ?? [];
  if (when === undefined) return { kind: 'schedule', goal: text };
  const quoted = /^["“](.+)["”]$/s.exec(goal.trim())?.[1];
  return { kind: 'schedule', when: when.trim(), goal: (quoted ?? goal).trim() };
}

/** A command that a person typed after `/agent`. */
export type AgentCommand =
  | { kind: 'goal'; goal: string }
  | { kind: 'help'; unknown?: string }
  | { kind: 'list' }
  /** `when`: the text in quotes; unset where there are none. */
  | { kind: 'schedule'; when?: string; goal: string }
  | { kind: 'schedules' }
  | { kind: 'status' | 'cancel'; shortId: string };

/** Reads the text of the command. A single word is no goal but a mistyped command; quotes make anything a goal. */
export function parseCommand(text: string): AgentCommand {
  const trimmed = text.trim();
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

/** A schedule's times come in quotes: straight ones, or those that keyboards make of them. */
const DOUBLE = /^["“”„«](.*?)["“”»]\s*(.*)$/s;
const SINGLE = /^['‘](.*?)['’](?:\s+(.*))?$/s;

function parseSchedule(text: string): AgentCommand {
  const [, when, goal = ''] = DOUBLE.exec(text) ?? SINGLE.exec(text) ?? [];
  if (when === undefined) return { kind: 'schedule', goal: text };
  const quoted = /^["“](.+)["”]$/s.exec(goal.trim())?.[1];
  return { kind: 'schedule', when: when.trim(), goal: (quoted ?? goal).trim() };
}

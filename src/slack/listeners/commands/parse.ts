/** What a person typed after `/agent`. */
export type AgentCommand =
  | { kind: 'goal'; goal: string }
  | { kind: 'help'; unknown?: string }
  | { kind: 'list' }
  | { kind: 'status' | 'cancel'; runId: string };

/**
 * Reads the text of the command. A single word is no goal but a mistyped command; quotes make anything a goal.
 */
export function parseCommand(text: string): AgentCommand {
  const trimmed = text.trim();
  const quoted = /^["“](.+)["”]$/s.exec(trimmed)?.[1]?.trim();
  if (quoted) return { kind: 'goal', goal: quoted };
  const [word = '', argument = '', ...rest] = trimmed.split(/\s+/);
  const verb = word.toLowerCase();
  if (verb === '' || (verb === 'help' && argument === '')) return { kind: 'help' };
  if (verb === 'list' && argument === '') return { kind: 'list' };
  if ((verb === 'status' || verb === 'cancel') && rest.length === 0) {
    return { kind: verb, runId: argument.replaceAll('`', '') };
  }
  if (argument === '' && /^[-/?]*[a-z]+$/i.test(word)) return { kind: 'help', unknown: word };
  return { kind: 'goal', goal: trimmed };
}

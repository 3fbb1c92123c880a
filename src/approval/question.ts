import { askedOf } from '../run/asks.js';
import { type Answer, BUDGET_OPTIONS, LOST_CALL_OPTIONS, type QuestionCard } from '../run/thread.js';
import type { Person } from './person.js';
import { samePerson } from './person.js';
import { editShutsOut, type GroupMembers, mayApprove } from './policy.js';

/** Who may answer a question. What the model asks the requester is the requester's alone; else those who may approve; and the requester may always stop. */
export function mayAnswer(
  { asked, requester, policy, editors }: Pick<QuestionCard, 'asked' | 'requester' | 'policy' | 'editors'>,
  by: Person,
  option: number | undefined,
  groups: GroupMembers = {},
): boolean {
  if (samePerson(requester, by) && option !== undefined && isStop(asked.what, option)) return true;
  const own = askedOf(policy, asked);
  return mayApprove(own, requester, by, groups) && !editShutsOut(own, editors, by);
}

/** Whether an answer fits what was asked. */
export function fits(
  { options, freeText }: { options: readonly string[]; freeText: boolean },
  { option, text }: Answer,
): boolean {
  if (option !== undefined) return option < options.length;
  return freeText && text.trim() !== '';
}

function isStop(what: QuestionCard['asked']['what'], option: number): boolean {
  if (what === 'lost-call') return LOST_CALL_OPTIONS[option] === 'Stop';
  return what === 'budget' && BUDGET_OPTIONS[option] === 'Stop';
}

import type { Decision, Refusal } from '../../../approval/judge.js';
import type { Person } from '../../../approval/person.js';
import type { Answer } from '../../../run/thread.js';
import { escapeMrkdwn, mention } from '../kit/text.js';
import type { Told } from './execution-story.js';

/** What an entry of a refusal may hold: a click, an answer, or what else a person asked of the run. */
interface Refused {
  decision: Decision;
  refusal: Refusal;
  answer: Answer;
  by: Person;
  reason: string;
}

const MAY_NOT: Record<string, string> = {
  'cannot-cancel': 'wanted to cancel the run, and may not',
  'cannot-retry': 'wanted to try it again, and may not',
  'cannot-see-details': 'wanted to see the details, and may not',
};

/** Tells who was refused, what, and why. */
export function tellRefused({ decision, refusal, answer, by, reason }: Partial<Refused>): Told {
  const why = escapeMrkdwn(refusal?.reason ?? reason ?? 'not said');
  if (decision) {
    const who = mention(decision.by.user);
    return { text: `:no_entry_sign: ${who} was refused (${decision.kind}: ${why})`, words: decision.note };
  }
  if (answer) {
    const who = mention(answer.by.user);
    return { text: `:no_entry_sign: An answer of ${who} was refused (${why})`, words: answer.text };
  }
  const who = by ? mention(by.user) : 'A signal';
  return { text: `:no_entry_sign: ${who} ${MAY_NOT[reason ?? ''] ?? `was refused (${why})`}` };
}

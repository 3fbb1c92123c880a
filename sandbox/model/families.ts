import { subjectOf } from './goal.js';
import { FAMILIES, source } from './known-families.js';

/** The simulated model's knowledge about one kind of goal. */
export interface Family {
  /** Words of a goal that select this kind. */
  match: RegExp;
  query: string;
  findings: string[];
  sources: { title: string; url: string }[];
  summary: string;
  steps: [title: string, detail: string][];
  risks: string[];
  /** Body of the result, in Markdown. It may go by the goal, and by a person's answer. */
  result: string | ((said: Said) => string);
  /** Work that a person or another system still has to do. */
  left: string[];
}

/** Words that a result may go by. */
export interface Said {
  goal: string;
  answer?: string | undefined;
}

const GENERIC: Omit<Family, 'match'> = {
  query: 'breaking a goal into steps that can be checked',
  findings: [
    'A goal becomes a plan when each step has a result that somebody can look at.',
    'The first step should tell early whether the whole is worth doing.',
  ],
  sources: [
    source('From goals to steps that can be checked', 'https://docs.example.com/guides/planning'),
    source('Small first steps', 'https://blog.example.org/small-first-steps'),
  ],
  summary:
    'Find out what is known, draft a first version, check it against the goal, and hand it over with the open questions.',
  steps: [
    ['Clarify the goal', 'Write down what a good result looks like, and what is out of scope.'],
    ['Gather what is known', 'From the research and from what the team has written before.'],
    ['Draft the result', 'A first complete version, as short as it can be.'],
    ['Check and hand over', 'Compare with the goal, mark what is open, post it in the thread.'],
  ],
  risks: [
    'The goal leaves room for interpretation: say so with “Request changes”.',
    'Facts need a check before they are used outside.',
  ],
  result:
    'A first complete version, to be read by somebody who knows the subject:\n\n- what is known is written down\n- what is missing is marked\n- the next decision is named',
  left: ['Read it with the goal next to it.', 'Decide on the open questions.'],
};

/** Body of a result, in Markdown. */
export function bodyOf({ result }: Pick<Family, 'result'>, said: Said): string {
  return typeof result === 'string' ? result : result(said);
}

export function familyOf(goal: string): Family {
  const subject = subjectOf(goal);
  return FAMILIES.find(({ match }) => match.test(subject)) ?? { ...GENERIC, match: /(?:)/ };
}

import { type Family, familyOf } from './families.js';
import { titleOf, type Wish, wishOf } from './goal.js';
import { isNamed } from './scene.js';
import { changesInWords } from './todo-list.js';

export interface PlanJson {
  title: string;
  summary: string;
  steps: { title: string; detail: string }[];
  risks: string[];
  sources: { title: string; url: string }[];
}

/** Writes a plan for the goal, with the tools that the prompt lists and the files of its thread. With feedback, the plan is a revision that mentions the feedback. */
export function planOf(prompt: string, files: string[] = []): PlanJson {
  const goal = /^Create an action plan for: ([\s\S]*?)\nContext: /.exec(prompt)?.[1]?.trim() ?? 'the goal';
  const feedback = [
    ...prompt.matchAll(/\n\nA person asked for these changes: ([\s\S]*?)\nWrite the new revision\./g),
  ].at(-1)?.[1];
  const before = /\n\nThe goal above follows up on [^\n]*\nIts plan: (.*)\n/.exec(prompt)?.[1];
  const family = familyOf(goal);
  const work = workFor(goal, prompt, family);
  const own = work?.summary ?? family.summary;
  const summary = files.length > 0 ? `${own} It goes by ${files.join(', ')}.` : own;
  const plan: PlanJson = {
    title: titleOf(goal),
    summary: before ? `${summary} It goes on from “${before.trim()}”.` : summary,
    steps: (work?.steps ?? family.steps).map(([title, detail]) => ({ title, detail })),
    risks: work?.risks ?? family.risks,
    sources: family.sources,
  };
  if (!feedback) return plan;
  const last = plan.steps.pop();
  return {
    ...plan,
    summary: `${plan.summary} Changed as asked: ${feedback.trim()}`,
    steps: [
      ...plan.steps,
      { title: 'Work in the requested change', detail: feedback.trim() },
      ...(last ? [last] : []),
    ],
  };
}

export function planMarkdown({ title, summary, steps, risks }: PlanJson): string {
  const numbered = steps.map((step, index) => `${index + 1}. **${step.title}**: ${step.detail}`).join('\n');
  return `# ${title}\n\n${summary}\n\n${numbered}\n\n## Risks\n\n${risks.map((risk) => `- ${risk}`).join('\n')}`;
}

/** Work with tools for a goal; undefined when the prompt lists no suitable tools. */
function workFor(
  goal: string,
  prompt: string,
  family: Family,
): Pick<Family, 'summary' | 'steps' | 'risks'> | undefined {
  const listed = /\n\n(?:The steps are carried out with these tools|No tools are connected)[\s\S]*$/.exec(
    prompt,
  )?.[0];
  if (listed === undefined) return undefined;
  const names = [...listed.matchAll(/^- ([\w-]+) \(/gm)].map(([, name = '']) => name);
  const has = (name: string) => names.some((full) => isNamed(full, name));
  const wish = wishOf(goal);
  const { url, todos, looks, question } = wish;
  const page = url !== undefined && has('fetch_url');
  const list = todos && has('list_todos');
  if (!page && !list && !question) return undefined;
  const steps: Family['steps'] = [];
  if (page) steps.push(['Read the page', `Fetch ${url} and note its title and what it says.`]);
  if (list) steps.push(['Read the to-do list', 'See what is open, what is done and what is there twice.']);
  if (question) steps.push(['Ask people to choose', question.text]);
  if (list && !looks) {
    steps.push(['Bring the list up to date', changesInWords(wish)]);
  } else if (!list) {
    steps.push(['Write it out', 'A first complete version, by what was read and what was answered.']);
  }
  steps.push(['Sum up', SUM_UP[looks ? 'looks' : 'changes']]);
  return {
    summary: looks
      ? 'Read the to-do list, and show what is on it. Nothing is changed.'
      : list
        ? 'Read the to-do list, bring it up to date one approved change at a time, and sum up what was done.'
        : 'Find out what is missing first, then write it out and say what is left.',
    steps,
    risks: list ? risksOf(wish) : family.risks,
  };
}

/** Risks of the changes that `changesFor` makes. */
function risksOf({ adds, tidy, looks, question }: Wish): string[] {
  const removes = tidy || (adds.length === 0 && !looks && !question);
  return removes ? ['What is removed from the list is gone.'] : [];
}

const SUM_UP = {
  looks: 'Show what is on the list, as a table.',
  changes: 'Say what was changed, what was refused and what is left.',
};

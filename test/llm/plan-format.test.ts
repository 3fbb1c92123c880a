import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readPlan } from '../../src/llm/plan/plan-format.js';

const written = JSON.stringify({ title: 'A', summary: '', steps: [{ title: 'One', detail: '' }] });

const one = { title: 'One', detail: '' };
const stepsOf = (answer: string) => readPlan(answer, 'goal', []).steps;

/** A text that holds the plan in some form. */
const READ = {
  alone: written,
  'in a fence': `Here it is:\n\`\`\`json\n${written}\n\`\`\`\nWell?`,
  'in the second of two fences': `\`\`\`sh\nls\n\`\`\`\n\`\`\`\n${written}\n\`\`\``,
  'between prose': `Here it is: ${written} Well?`,
  'after braces in prose': `{the plan}: ${written}`,
  'with trailing commas': '{"title": "A", "steps": [{"title": "One", "detail": "",},], "risks": [],}',
  'with line ends in its texts': '{"title": "A\nB", "steps": [{"title": "One", "detail": ""}]}',
  'with comments': '{"steps": [ // in order\n{"title": "One"}]}',
  'in two objects, of which the first counts': written + written.replace('One', 'Two'),
  'in two objects, of which the second has steps': `{"title":"A","steps":[]}\n${written}`,
  'wrapped in "plan"': `{"plan": ${written}}`,
  'wrapped twice': `{"result": {"plan": ${written}}}`,
  'as a list in "plan"': '{"plan": ["One"]}',
  'as a list': '["One"]',
  'as texts that are numbered already': '{"steps": ["1. One"]}',
  'as an object of steps': '{"steps": {"1": "One"}}',
  'with other names of its fields': '{"steps": [{"name": "One"}]}',
  'in Markdown': '# A\n\nWhy.\n\n1. **One**\n\n## Risks\n\n- A risk',
  'under headings': '## Step 1: One\n\nWhy.',
};

/** A text that holds no plan, and the reason. */
const NONE: Record<string, [answer: string, problem: RegExp]> = {
  'no steps': ['{"title": "A", "steps": []}', /holds no steps/],
  'steps of nothing': ['{"title": "A", "steps": [{}, null, "", 5]}', /holds no steps/],
  'JSON that was cut off': ['{"title": "A", "steps": [{"title": "One"}, {"tit', /before it is whole/],
  'quotes that are not escaped, and a list of risks': [
    '{"steps": [{"title": "Say "hi" now"}], "risks": ["r", "s"]}',
    /can't be read/,
  ],
  'other JSON': ['{"error": "overloaded"}', /no list of steps/],
  'a refusal': ['I’m sorry, but I can’t help with that.', /no list of steps/],
  'a refusal with a list': ["I can't help with that. I could:\n\n- draft it\n- read it", /no list of steps/],
  'a question with a list': ['Which one do you mean?\n- Staging\n- Production', /no list of steps/],
  'JSON in lines of Markdown': ['- {"title": "One"}\n- {"title": "Two"}', /holds no steps/],
};

describe('a plan in an answer', () => {
  for (const [where, answer] of Object.entries(READ)) {
    it(`is read: ${where}`, () => assert.deepEqual(stepsOf(answer), [one]));
  }

  for (const [what, [answer, problem]] of Object.entries(NONE)) {
    it(`is none: ${what}`, () => assert.throws(() => stepsOf(answer), { code: 'NoPlan', message: problem }));
  }

  it('keeps what can be read of its parts, one by one', () => {
    const answer = {
      title: null,
      summary: 5,
      steps: ['One', null, { step: 'Two', details: 'how' }, { detail: 'no title' }],
      risks: ['a', { risk: 'b', mitigation: 'c' }, null, '', 7],
      sources: [{ url: 'https://a.example/' }, 'https://a.example/', { url: 'https://other.example/' }, null],
    };
    const known = [{ title: 'A', url: 'https://a.example/' }];
    assert.deepEqual(readPlan(JSON.stringify(answer), 'The goal', known), {
      title: 'The goal',
      summary: '',
      steps: [one, { title: 'Two', detail: 'how' }],
      risks: ['a', 'b: c'],
      sources: [known[0], known[0]],
    });
  });

  it('takes the risks of a text as risks, and no list of sources as steps', () => {
    const text = '# A\n\n1. One\n\n## Risks\n\n- A risk\n\n## Sources\n\n- A page';
    const { steps, risks } = readPlan(text, 'goal', []);
    assert.deepEqual([steps, risks], [[one], ['A risk']]);
  });

  const hostile = {
    'open braces': '{'.repeat(150_000),
    'a fence of line ends': `\`\`\`${'\n'.repeat(150_000)}x`,
    'a list item of blanks': `- a:${' '.repeat(150_000)}\u2028b\u2028c`,
    'fences alone': '```'.repeat(20_000),
    'objects in each other': `${'{"a":'.repeat(30_000)}1${'}'.repeat(30_000)}`,
    'open lists and strings': '["'.repeat(75_000),
  };
  for (const [what, answer] of Object.entries(hostile)) {
    it(`is looked for in a moment: ${what}`, () => {
      const began = performance.now();
      try {
        readPlan(answer, 'goal', []);
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'NoPlan');
      }
      assert.ok(performance.now() - began < 3_000, `${performance.now() - began} ms`);
    });
  }
});

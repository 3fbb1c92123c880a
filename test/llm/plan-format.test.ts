import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readPlan } from '../../src/llm/plan-format.js';

const written = JSON.stringify({ title: 'A', summary: '', steps: [{ title: 'One', detail: '' }] });

describe('a plan in an answer', () => {
  for (const [where, answer] of [
    ['alone', written],
    ['in a fence', `Here it is:\n\`\`\`json\n${written}\n\`\`\`\nWell?`],
    ['in the second of two fences', `\`\`\`sh\nls\n\`\`\`\n\`\`\`\n${written}\n\`\`\``],
    ['between prose', `Here it is: ${written} Well?`],
  ] as const) {
    it(`is read: ${where}`, () => {
      assert.deepEqual(readPlan(answer, 'goal', []).steps, [{ title: 'One', detail: '' }]);
    });
  }

  const hostile = {
    'open braces': '{'.repeat(150_000),
    'a fence of line ends': `\`\`\`${'\n'.repeat(150_000)}x`,
    'a list item of blanks': `- a:${' '.repeat(150_000)}\u2028b\u2028c`,
    'fences alone': '```'.repeat(20_000),
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

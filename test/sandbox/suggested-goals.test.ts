import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GOALS } from '../../sandbox/goals.js';
import { planOf } from '../../sandbox/model/plan.js';
import { reportOf } from '../../sandbox/model/report.js';
import { resultOf } from '../../sandbox/model/result.js';
import { sceneOf } from '../../sandbox/model/scene.js';

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'];

/** The request for a turn of a goal's execution, after a person's answer. */
function turnAfterAnswer(goal: string, answer: string): Parameters<typeof sceneOf>[0] {
  const input = { question: 'Which day?', options: ['Monday', 'Wednesday', 'Friday'], to: 'requester' };
  const prompt = `Execute: # A plan\n1. Ask: x\nApproval: Ana\n\nThe goal was: ${goal}`;
  return {
    model: 'claude-sonnet-5-5',
    max_tokens: 1,
    messages: [
      { role: 'user', content: prompt },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'ask_person', input }] },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: 'toolu_1',
            content: `The answer, which approves nothing: ${answer}`,
          },
        ],
      },
    ],
  };
}

describe('the goals that the sandbox suggests', () => {
  for (const goal of GOALS) {
    it(`get a plan with the whole goal for its title: ${goal}`, () => {
      const { title, steps } = planOf(`Create an action plan for: ${goal}\nContext: none`);
      assert.equal(title, goal);
      assert.ok(steps.length >= 3);
    });
  }

  it('write the launch for the day that a person chose, and for no other', () => {
    const goal = GOALS.find((one) => /launch date/.test(one)) ?? '';
    for (const answer of ['Wednesday', 'Friday']) {
      const report = reportOf(sceneOf(turnAfterAnswer(goal, answer)));
      assert.match(report, new RegExp(`We launch on ${answer}`));
      const others = DAYS.filter((day) => day !== answer && report.includes(day));
      assert.deepEqual(others, []);
    }
  });

  it('compare ways that the goal names, and not an A, a B and a C', () => {
    const goal = GOALS.find((one) => /Postgres/.test(one)) ?? '';
    const result = resultOf(`Execute: # A plan\nApproval: Ana\n\nThe goal was: ${goal}`);
    assert.match(result, /pg_dump/);
  });
});

describe('the title of a long goal', () => {
  it('is cut after a word', () => {
    const { title } = planOf(`Create an action plan for: ${'write it down, '.repeat(20)}\nContext: none`);
    assert.match(title, /^Write it down.*(?:write|it|down,)…$/);
    assert.ok(title.length <= 100);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Execution } from '../../bench/chaos/histories.js';
import { violations } from '../../bench/chaos/invariants.js';
import type { Acknowledged } from '../../bench/chaos/people.js';
import type { Scene } from '../support/scene.js';

const DIGEST = 'd'.repeat(64);

/** A run in which all is well. */
function execution(own: Partial<Execution> = {}): Execution {
  return {
    status: 'COMPLETED',
    goal: 'chaos 1.1',
    approvedBefore: false,
    outcome: 'completed',
    steps: [
      { name: 'searchWeb', scheduledAt: 1_000, completedAt: 2_000 },
      { name: 'callLlm plan', scheduledAt: 2_000, completedAt: 3_000 },
      { name: 'postCard', scheduledAt: 3_000, completedAt: 4_000 },
      { name: 'callLlm execute', digest: DIGEST, scheduledAt: 6_000, completedAt: 7_000 },
    ],
    signals: [{ kind: 'approve', request: 'r1', digest: DIGEST, at: 5_000 }],
    ...own,
  };
}

const message = (key: string, buttons: string[] = []) => ({
  metadata: { event_payload: { key } },
  blocks: [{ type: 'actions', elements: buttons.map((text) => ({ text: { text } })) }],
});
const POSTED = [message('run1/x/card/1'), message('run1/x/result/1')];
const ASKED = [{ at: 1_500, body: { messages: [{ content: 'Research this goal: chaos 1.1' }] } }];

function check({
  executions = [execution()],
  messages = POSTED,
  requests = ASKED,
  acknowledged = [{ run: 'run1', request: 'r1', kind: 'approve', at: 5_000 }] as Acknowledged[],
  goals = 1,
} = {}): string[] {
  const workspace = { messages: () => messages, channels: { general: 'C1' } };
  const scene = { workspace, model: { requests } } as unknown as Scene;
  const runs = new Map([['run1', executions]]);
  return violations(scene, { runs, acknowledged, goals }).map(({ what }) => what);
}

describe('the invariants of npm run chaos', () => {
  it('hold for a run in which all is well', () => assert.deepEqual(check(), []));

  const [search, plan, card, execute] = execution().steps;
  assert.ok(search && plan && card && execute);
  const broken: [string, Parameters<typeof check>[0], RegExp][] = [
    ['a goal without a run', { goals: 2 }, /2 goals were taken/],
    ['a card that was posted twice', { messages: [...POSTED, message('run1/x/card/1')] }, /posted 2 times/],
    ['a result that is missing', { messages: [message('run1/x/card/1')] }, /0 results/],
    ['a result of a rejected run', { executions: [execution({ outcome: 'rejected' })] }, /with 1 results/],
    ['a run that is stuck', { executions: [execution({ status: 'RUNNING' })] }, /still running/],
    [
      'live buttons on a run that is over',
      { messages: [message('run1/x/card/1', ['Approve']), message('run1/x/result/1')] },
      /live buttons/,
    ],
    [
      'an acknowledged click that is in no history',
      { acknowledged: [{ run: 'run1', request: 'r2', kind: 'approve', at: 1 }] },
      /lost an acknowledged click/,
    ],
    [
      'an execution without an approval',
      { executions: [execution({ signals: [] })], acknowledged: [] },
      /without an approval/,
    ],
    [
      'an execution of another plan than the approved one',
      { executions: [execution({ steps: [search, plan, card, { ...execute, digest: 'other' }] })] },
      /without an approval/,
    ],
    [
      'an execution before its approval',
      { executions: [execution({ steps: [search, plan, card, { ...execute, scheduledAt: 4_500 }] })] },
      /without an approval/,
    ],
    [
      'a step that was done again after it was recorded',
      { executions: [execution({ steps: [search, search, plan, card, execute] })] },
      /did searchWeb again/,
    ],
    [
      'a model that was asked again for what was recorded',
      {
        requests: [
          ...ASKED,
          { at: 2_500, body: { messages: [{ content: 'Research this goal: chaos 1.1' }] } },
        ],
      },
      /asked the model 1 times more/,
    ],
  ];
  for (const [what, seen, words] of broken) {
    it(`tell ${what}`, () => assert.match(check(seen).join(), words));
  }
});

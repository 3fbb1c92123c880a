import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Acknowledged } from '../../bench/chaos/acknowledged.js';
import type { Execution, Step } from '../../bench/chaos/histories.js';
import { type Seen, violations } from '../../bench/chaos/invariants/index.js';
import type { LedgerEntry } from '../../src/ledger/index.js';
import type { ToolCall } from '../../src/run/execution/tools.js';
import type { Scene } from '../support/scene.js';

const DIGEST = 'd'.repeat(64);
const GOAL = 'chaos 1.1 add to the to-do list: "Item 1"';
const CALL: ToolCall = {
  id: 'call1',
  name: 'todo__add_todo',
  input: { title: 'Item 1' },
  digest: 'c'.repeat(64),
  readOnly: false,
  known: true,
};
const LIST: ToolCall = { ...CALL, id: 'call0', name: 'todo__list_todos', input: {}, readOnly: true };

const turn = (said: number, scheduledAt: number): Step => ({
  name: 'callLlm turn',
  said,
  digest: DIGEST,
  scheduledAt,
  completedAt: scheduledAt + 500,
});
const search: Step = { name: 'searchWeb', scheduledAt: 1_000, completedAt: 2_000 };
const made: Step = { name: 'callTool', call: CALL, scheduledAt: 9_000, completedAt: 9_900 };
const STEPS: Step[] = [
  search,
  { name: 'callLlm plan', scheduledAt: 2_000, completedAt: 3_000 },
  { name: 'postCard', scheduledAt: 3_000, completedAt: 4_000 },
  turn(0, 6_000),
  { name: 'callTool', call: LIST, scheduledAt: 6_600, completedAt: 6_700 },
  turn(2, 7_000),
  made,
  turn(4, 10_000),
];

/** A run in which all is well. */
function execution(own: Partial<Execution> = {}): Execution {
  return {
    status: 'COMPLETED',
    goal: GOAL,
    approvedBefore: false,
    rules: [],
    outcome: 'completed',
    steps: STEPS,
    clicks: [
      { kind: 'approve', request: 'r1', digest: DIGEST, at: 5_000 },
      { kind: 'approve', request: 'r2', digest: CALL.digest, at: 8_000 },
    ],
    answers: [{ question: 'q1', text: 'Run it again', option: 1, at: 9_950 }],
    stops: 0,
    ...own,
  };
}

const entry = (kind: LedgerEntry['kind'], at: number, data: object) =>
  ({ kind, at: new Date(at).toISOString(), data }) as LedgerEntry;
const called = (outcome: string) => entry('tool-called', 9_900, { call: CALL, outcome });
const decided = (own: object = {}) =>
  entry('tool-decided', 8_000, {
    request: 'r2',
    call: CALL,
    outcome: 'approved',
    votes: [{ kind: 'approve', request: 'r2', digest: CALL.digest }],
    ...own,
  });
const RECORDS = [
  entry('decided', 5_000, { decision: { kind: 'approve', request: 'r1' }, votes: [] }),
  entry('tool-requested', 7_600, { request: 'r2', call: CALL }),
  decided(),
  called('done'),
  entry('answered', 9_950, { question: 'q1', answer: { question: 'q1', option: 1 } }),
];

const message = (key: string, own: { buttons?: string[]; threadTs?: string; text?: string } = {}) => {
  const { buttons = [], text = '', threadTs = '1.0' } = own;
  return {
    ts: key.includes('/card/') ? '1.0' : '2.0',
    text,
    ...(!key.includes('/card/') && { threadTs }),
    metadata: { event_payload: { key } },
    blocks: [{ type: 'actions', elements: buttons.map((label) => ({ text: { text: label } })) }],
  };
};
const CARD = message('run1/x/card/1', { buttons: ['Details'] });
const RESULT = message('run1/x/result/1');
const ASKED = message('run1/x/asked/r2');
const PROGRESS = message('run1/x/progress', { text: ':checkered_flag: Done' });
const POSTED = [CARD, RESULT, ASKED, PROGRESS];

const ask = (at: number, content: string, said = 0) => ({
  at,
  body: { messages: [{ content }, ...Array.from({ length: said }, () => ({ content: 'said' }))] },
});
const REQUESTS = [
  ask(1_500, `Research this goal: ${GOAL}`),
  ask(6_100, `Execute: …\n\nThe goal was: ${GOAL}`),
  ask(7_100, `Execute: …\n\nThe goal was: ${GOAL}`, 2),
  ask(10_100, `Execute: …\n\nThe goal was: ${GOAL}`, 4),
];
const ACKNOWLEDGED: Acknowledged[] = [
  { run: 'run1', request: 'r1', kind: 'approve', at: 5_000 },
  { run: 'run1', request: 'r2', kind: 'approve', at: 8_000 },
  { run: 'run1', kind: 'answer', question: 'q1', option: 1, text: 'Run it again', at: 9_950 },
];
const ITEM = { id: 6, title: 'Item 1', owner: '', done: false };

interface World {
  executions?: Execution[];
  messages?: object[];
  requests?: object[];
  records?: LedgerEntry[];
  todos?: (typeof ITEM)[];
  acknowledged?: Acknowledged[];
  goals?: number;
}

function check({
  executions = [execution()],
  messages = POSTED,
  requests = REQUESTS,
  records = RECORDS,
  todos = [ITEM],
  acknowledged = ACKNOWLEDGED,
  goals = 1,
}: World = {}): string[] {
  const workspace = { messages: () => messages, channels: { general: 'C1' } };
  const scene = { workspace, model: { requests }, todos: () => todos } as unknown as Scene;
  const seen: Seen = {
    runs: new Map([['run1', executions]]),
    records: new Map([['run1', records]]),
    acknowledged,
    goals,
  };
  return violations(scene, seen).map(({ what }) => what);
}

const withSteps = (...steps: Step[]) => [execution({ steps })];
const except = <T>(all: T[], one: T) => all.filter((each) => each !== one);
const afterCall = (...more: Step[]) => withSteps(...STEPS.slice(0, 6), ...more, turn(4, 30_000));

describe('the invariants of npm run chaos', () => {
  it('hold for a run in which all is well', () => assert.deepEqual(check(), []));

  it('hold for a call that was lost, and made again because people said so', () => {
    const lost = { name: 'callTool', call: CALL, scheduledAt: 9_000, failure: 'AnswerLost' };
    const again = { ...made, scheduledAt: 9_960, completedAt: 9_970 };
    assert.deepEqual(check({ executions: afterCall(lost, again) }), []);
  });

  it('hold for a call that all like it had been approved before', () => {
    const other = { ...CALL, digest: 'o'.repeat(64) };
    const all = decided({ call: other, all: true });
    assert.deepEqual(check({ records: [...except(RECORDS, RECORDS[2]), all] as LedgerEntry[] }), []);
  });

  const broken: [string, World, RegExp][] = [
    ['a goal without a run', { goals: 2 }, /2 goals were taken/],
    ['a card that was posted twice', { messages: [...POSTED, CARD] }, /posted 2 times/],
    ['a question that was posted twice', { messages: [...POSTED, ASKED] }, /posted 2 times/],
    ['a result that is missing', { messages: except(POSTED, RESULT) }, /0 results/],
    [
      'a result in another thread',
      { messages: [...except(POSTED, RESULT), message('run1/x/result/1', { threadTs: '9.0' })] },
      /another thread/,
    ],
    ['a result of a rejected run', { executions: [execution({ outcome: 'rejected' })] }, /with 1 results/],
    ['a run that is stuck', { executions: [execution({ status: 'RUNNING' })] }, /still running/],
    [
      'live buttons on the card of a run that is over',
      { messages: [...except(POSTED, CARD), message('run1/x/card/1', { buttons: ['Approve'] })] },
      /live buttons \(Approve\)/,
    ],
    [
      'live buttons in the thread of a run that is over',
      { messages: [...except(POSTED, ASKED), message('run1/x/asked/r2', { buttons: ['It happened'] })] },
      /live buttons \(It happened\)/,
    ],
    ['no progress message', { messages: except(POSTED, PROGRESS) }, /0 progress messages/],
    [
      'two progress messages',
      { messages: [...POSTED, message('run1/y/progress', { text: 'Done' })] },
      /2 progress messages/,
    ],
    [
      'a progress message that says "at work" for ever',
      { messages: [...except(POSTED, PROGRESS), message('run1/x/progress', { text: ':gear: At work' })] },
      /its progress says/,
    ],
    [
      'an acknowledged click that is in no history',
      { acknowledged: [{ run: 'run1', request: 'r3', kind: 'approve', at: 1 }] },
      /lost an acknowledged click/,
    ],
    [
      'an acknowledged answer that is in no history',
      { executions: [execution({ answers: [] })] },
      /lost an acknowledged answer/,
    ],
    [
      'an acknowledged stop that is in no history',
      { acknowledged: [{ run: 'run1', kind: 'stop', at: 1 }] },
      /lost an acknowledged click \(stop\)/,
    ],
    [
      'an acknowledged click that is not on record',
      { records: RECORDS.slice(1) },
      /no record of an acknowledged click \(approve\)/,
    ],
    [
      'an acknowledged answer that is not on record',
      { records: RECORDS.slice(0, -1) },
      /no record of an acknowledged answer/,
    ],
    [
      'an acknowledged click of a run that nobody knows',
      { acknowledged: [{ run: 'run9', request: 'r1', kind: 'approve', at: 1 }] },
      /in no history/,
    ],
    [
      'an execution without an approval',
      { executions: [execution({ clicks: [] })], acknowledged: [] },
      /carried out without an approval/,
    ],
    [
      'an execution of another plan than the approved one',
      {
        executions: withSteps(
          ...STEPS.map((step) => (step.said === 0 ? { ...step, digest: 'other' } : step)),
        ),
      },
      /carried out without an approval/,
    ],
    [
      'an execution before its approval',
      { executions: withSteps({ ...turn(0, 4_500), completedAt: 4_600 }, ...STEPS.slice(5)) },
      /carried out without an approval/,
    ],
    [
      'a step that was done again after it was recorded',
      { executions: withSteps(search, ...STEPS) },
      /did searchWeb again/,
    ],
    [
      'a turn that was taken again after it was recorded',
      { executions: withSteps(...STEPS, turn(2, 11_000)) },
      /did callLlm turn after 2 messages again/,
    ],
    [
      'a model that was asked again for what was recorded',
      { requests: [...REQUESTS, ask(2_500, `Research this goal: ${GOAL}`)] },
      /asked the model 1 times more/,
    ],
    [
      'a model that was asked again for a turn that was recorded',
      { requests: [...REQUESTS, ask(20_000, `The goal was: ${GOAL}`, 2)] },
      /asked the model 1 times more .* after 2 messages/,
    ],
    [
      'a call that nobody approved',
      { records: except(RECORDS, RECORDS[2]) as LedgerEntry[] },
      /call of .* without an approval/,
    ],
    [
      'a call with other arguments than the approved ones',
      {
        records: [...RECORDS, decided({ call: { ...CALL, digest: 'other' } })].filter(
          (each) => each !== RECORDS[2],
        ),
      },
      /call of .* without an approval/,
    ],
    [
      'a call that was made before its approval',
      { executions: afterCall({ ...made, scheduledAt: 7_900 }) },
      /call of .* without an approval/,
    ],
    [
      'an approval that nobody clicked',
      { executions: [execution({ clicks: execution().clicks.slice(0, 1) })], acknowledged: [] },
      /that nobody clicked/,
    ],
    [
      'a read that the policy asks about, and nobody was asked',
      { executions: [execution({ rules: [{ match: 'todo__list*', rule: 'ask' }] })] },
      /call of todo__list_todos without an approval/,
    ],
    ['a change that was made twice', { todos: [ITEM, { ...ITEM, id: 7 }] }, /is 2 times on the to-do list/],
    ['a change that was made, and is not there', { todos: [] }, /is 0 times on the to-do list/],
    [
      'a change that people rejected, and is there',
      { executions: afterCall(), records: [...RECORDS.slice(0, 2), called('rejected')], acknowledged: [] },
      /is 1 times on the to-do list; its call: rejected/,
    ],
    [
      'a change that nobody decided about, and is there',
      { executions: afterCall(), records: RECORDS.slice(0, 2), acknowledged: [] },
      /is 1 times on the to-do list; its call: not recorded/,
    ],
    [
      'a change that no call made',
      { todos: [ITEM, { ...ITEM, title: 'Item 2' }] },
      /"Item 2" is on the to-do list, and no call made it/,
    ],
    [
      'a lost call that was made again unasked',
      {
        executions: afterCall(
          { name: 'callTool', call: CALL, scheduledAt: 8_500, failure: 'Timeout' },
          { ...made, scheduledAt: 9_800 },
        ),
      },
      /made todo__add_todo again unasked/,
    ],
    [
      'a call that was made again after it was recorded',
      { executions: afterCall(made, { ...made, scheduledAt: 9_960 }) },
      /made todo__add_todo again unasked/,
    ],
  ];
  for (const [what, world, words] of broken) {
    it(`tell ${what}`, () => assert.match(check(world).join('\n'), words));
  }
});

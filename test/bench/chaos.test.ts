import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Acknowledged } from '../../bench/chaos/acknowledged.js';
import { createAcks } from '../../bench/chaos/acks.js';
import type { Execution, Signaled, Step } from '../../bench/chaos/histories.js';
import { type Seen, violations } from '../../bench/chaos/invariants/index.js';
import type { Delivery } from '../../sandbox/workspace/index.js';
import type { Decision, ShownItem } from '../../src/approval/decision.js';
import type { Person } from '../../src/approval/person.js';
import type { ApprovalPolicy } from '../../src/approval/policy.js';
import type { Outcome } from '../../src/approval/request.js';
import type { LedgerEntry } from '../../src/ledger/index.js';
import type { CallOutcome, RunEvent } from '../../src/run/event.js';
import type { ToolCall } from '../../src/run/execution/tools.js';
import type { Subject } from '../../src/run/request.js';
import { NOT_ACKNOWLEDGED } from '../../src/slack/listeners/actions/button.js';
import type { Scene } from '../support/product/scene.js';

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

const ANA: Person = { user: 'U1', team: 'T1' };
const PLAN_ITEM: ShownItem = { id: 'plan', digest: DIGEST };
const PLAN = [PLAN_ITEM];
const ITEM_1 = [{ id: '1', digest: CALL.digest }];
const QUESTION = [{ id: 'question', digest: '' }];

const decision = (
  kind: Decision['kind'],
  request: string,
  items: ShownItem[],
  own: Partial<Signaled> & { receivedAt: number },
): Signaled => ({
  ...{ kind, request, revision: 1, items, by: ANA, note: '' },
  at: new Date(own.receivedAt).toISOString(),
  ...own,
});
const APPROVED = decision('approve', 'r1', PLAN, { receivedAt: 5_000 });
const CALL_APPROVED = decision('approve', 'r2', ITEM_1, { receivedAt: 8_000 });
const AGAIN = decision('answer', 'q1', QUESTION, { receivedAt: 9_950, choice: 'again' });
const GRANTED = decision('answer', 'q2', QUESTION, { receivedAt: 9_960, choice: 'grant' });
const OTHER = decision('answer', 'q2', QUESTION, { receivedAt: 9_970, choice: 'stop' });
const DECISIONS = [APPROVED, CALL_APPROVED, AGAIN, GRANTED];

/** A run in which all is well. */
function execution(own: Partial<Execution> = {}): Execution {
  return {
    status: 'COMPLETED',
    goal: GOAL,
    approvedBefore: false,
    rules: [],
    outcome: 'completed',
    steps: STEPS,
    decisions: DECISIONS,
    stops: 0,
    ...own,
  };
}

const POLICY: ApprovalPolicy = {
  approvers: ['requester'],
  approvals: 1,
  requesterMayApprove: true,
  expiresAfterMs: 60_000,
};
const BUDGET = { turns: 3, toolCalls: 9, tokens: 9, costUsd: 9, timeMs: 9 };

const entry = (event: RunEvent, at: number): LedgerEntry => ({
  ...event,
  ...{ shortId: 'run1', key: `x/${at}`, at: new Date(at).toISOString(), sequence: 1, previous: '', hash: '' },
});
const called = (outcome: CallOutcome) =>
  entry({ kind: 'tool-called', data: { call: CALL, outcome, text: '' } }, 9_900);
const requested = (
  { id, digest }: ShownItem,
  request: string,
  { at, subject, revision = 1 }: { at: number; subject: Subject; revision?: number },
) => {
  const item = { id, digest, takes: [], policy: POLICY, votes: [], expiresAt: '', subject };
  return entry({ kind: 'requested', data: { id: request, revision, items: [item] } }, at);
};
const ended = (request: string, item: string, outcome: Outcome, at: number) =>
  entry({ kind: 'decided', data: { request, item, outcome } }, at);
const verdict = (of: Decision, votes: Decision[] = []): Outcome => {
  const { kind } = of;
  if (kind === 'extend') throw new Error('An extension ends nothing');
  return { kind, decision: of, votes };
};
const asked = (call: ToolCall, request = 'r2') =>
  requested({ id: '1', digest: call.digest }, request, { at: 7_600, subject: { kind: 'tool-call', call } });
const decided = (by: Decision = CALL_APPROVED) => ended('r2', '1', verdict(by, [by]), 8_000);

const PLANNED = requested({ id: 'plan', digest: DIGEST }, 'r1', {
  at: 4_000,
  subject: { kind: 'plan', title: 'Plan' },
});
const PLAN_VOTED = entry(
  { kind: 'voted', data: { request: 'r1', item: 'plan', decision: APPROVED, votes: 1, of: 1 } },
  5_000,
);
const PLAN_DECIDED = ended('r1', 'plan', verdict(APPROVED, [APPROVED]), 5_000);
const CALL_ASKED = asked(CALL);
const CALL_DECIDED = decided();
const LOST = requested({ id: 'question', digest: '' }, 'q1', {
  at: 9_920,
  subject: { kind: 'lost-call', call: CALL, why: 'gone' },
});
const LOST_DECIDED = ended('q1', 'question', verdict(AGAIN), 9_950);
const SPENT = requested({ id: 'question', digest: '' }, 'q2', {
  at: 9_955,
  subject: { kind: 'budget', part: 'turns', budget: BUDGET, spent: BUDGET },
});
const SPENT_DECIDED = ended('q2', 'question', verdict(GRANTED), 9_960);
const GRANT = entry({ kind: 'granted', data: { part: 'turns', budget: BUDGET, by: ANA } }, 9_960);
const LATE = entry(
  { kind: 'refused', data: { decision: APPROVED, refusal: { reason: 'over', state: 'completed' } } },
  9_965,
);
const TO_CALL = [PLANNED, PLAN_VOTED, PLAN_DECIDED, CALL_ASKED];
const QUESTIONS = [LOST, LOST_DECIDED, SPENT, SPENT_DECIDED, GRANT];
const RECORDS = [...TO_CALL, CALL_DECIDED, called('done'), ...QUESTIONS];

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
const ASKED = message('run1/x/request/r2/1');
const PROGRESS = message('run1/x/progress', { text: ':checkered_flag: Done' });
const POSTED = [CARD, RESULT, ASKED, PROGRESS];
/** The message about what a revision changed, under a card. */
const changes = (threadTs: string) => ({ ...message('run1/x/card/1/changes/1'), ts: '1.5', threadTs });

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
  { run: 'run1', request: 'r1', items: PLAN, kind: 'approve', at: 5_000 },
  { run: 'run1', request: 'r2', items: ITEM_1, kind: 'approve', at: 8_000 },
  { run: 'run1', kind: 'answer', request: 'q1', items: QUESTION, choice: 'again', note: '', at: 9_950 },
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

  it('hold for a change that was posted again because somebody had deleted its card', () => {
    const tombstone = { ts: '0.5', subtype: 'tombstone', text: 'This message was deleted.' };
    for (const left of [[], [tombstone]])
      assert.deepEqual(check({ messages: [...left, changes('0.5'), ...POSTED, changes('1.0')] }), []);
  });

  it('hold for a call that was lost, and made again because people said so', () => {
    const lost = { name: 'callTool', call: CALL, scheduledAt: 9_000, failure: 'AnswerLost' };
    const again = { ...made, scheduledAt: 9_960, completedAt: 9_970 };
    assert.deepEqual(check({ executions: afterCall(lost, again) }), []);
  });

  it('hold for a call that all like it had been approved before', () => {
    const other = { ...CALL, digest: 'o'.repeat(64) };
    const digest = [{ id: '1', digest: other.digest }];
    const all = decision('approve', 'r2', digest, { receivedAt: 8_000, everyCall: true });
    const world = {
      executions: [execution({ decisions: [APPROVED, all, AGAIN, GRANTED] })],
      records: [...TO_CALL.slice(0, 3), asked(other), decided(all), called('done'), ...QUESTIONS],
      acknowledged: [],
    };
    assert.deepEqual(check(world), []);
  });

  it('hold for a card that was deleted, and for the result of a run whose card was deleted at last', () => {
    const again = message('run1/x/card/1/C1/1', { buttons: ['Details'] });
    assert.deepEqual(check({ messages: [...except(POSTED, CARD), again] }), []);
    const inChannel = message('run1/x/result/1', { threadTs: '7.0' });
    assert.deepEqual(check({ messages: [ASKED, PROGRESS, inChannel] }), []);
  });

  it('hold for a run that was stopped before its first call', () => {
    const asked = {
      turn: 1,
      text: '',
      calls: ['todo__add_todo'],
      usage: { inputTokens: 1, outputTokens: 1 },
    };
    const world = {
      executions: withSteps(...STEPS.slice(0, 4)),
      records: [PLANNED, PLAN_VOTED, PLAN_DECIDED, entry({ kind: 'turned', data: asked }, 6_500)],
      acknowledged: ACKNOWLEDGED.slice(0, 1),
      messages: [CARD, RESULT, PROGRESS],
      requests: REQUESTS.slice(0, 2),
      todos: [],
    };
    assert.deepEqual(check(world), []);
  });

  it('hold for a fourth refusal for one reason, which is only counted, and not for a third', () => {
    const click = { run: 'run1', ...OTHER, kind: 'answer' as const, at: OTHER.receivedAt };
    const world = (refusals: number): World => ({
      executions: [execution({ decisions: [...DECISIONS, OTHER] })],
      acknowledged: [...ACKNOWLEDGED, click],
      records: [...RECORDS, ...Array.from({ length: refusals }, () => LATE)],
    });
    assert.deepEqual(check(world(3)), []);
    assert.deepEqual(check(world(2)), ['has no record of an acknowledged answer (stop)']);
  });

  const broken: [string, World, RegExp][] = [
    ['a goal without a run', { goals: 2 }, /2 goals were taken/],
    ['a card that was posted twice', { messages: [...POSTED, CARD] }, /posted 2 times/],
    [
      'a card that was posted again beside the first one',
      { messages: [...POSTED, message('run1/x/card/1/C1/1', { buttons: ['Details'] })] },
      /posted 2 times/,
    ],
    [
      'a change that was posted twice under a card',
      { messages: [...POSTED, changes('1.0'), changes('1.0')] },
      /posted 2 times: .*changes/,
    ],
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
      { messages: [...except(POSTED, ASKED), message('run1/x/request/r2/1', { buttons: ['It happened'] })] },
      /live buttons \(It happened\)/,
    ],
    ...[
      ':large_blue_circle: *Working*: step 1 of 3',
      ':question: *A question to answer* · ana → <https://x.example|Open>',
      ':large_yellow_circle: *3 actions to approve* · ben',
    ].map((status): [string, World, RegExp] => [
      `a card of a run that is over, with the line ${status}`,
      {
        messages: [
          ...except(POSTED, CARD),
          { ...CARD, blocks: [{ type: 'section', text: { text: status } }] },
        ],
      },
      /is over \(\w+\), and its card says/,
    ]),
    ['no progress message', { messages: except(POSTED, PROGRESS) }, /0 progress messages/],
    [
      'two progress messages',
      { messages: [...POSTED, message('run1/y/progress', { text: 'Done' })] },
      /2 progress messages/,
    ],
    [
      'a progress message that says "at work" for ever',
      {
        messages: [
          ...except(POSTED, PROGRESS),
          message('run1/x/progress', { text: ':large_blue_circle: Working' }),
        ],
      },
      /and still says/,
    ],
    [
      'an acknowledged click that is in no history',
      { acknowledged: [{ run: 'run1', request: 'r3', items: ITEM_1, kind: 'approve', at: 1 }] },
      /lost an acknowledged click/,
    ],
    [
      'an acknowledged answer that is in no history',
      { executions: [execution({ decisions: except(DECISIONS, AGAIN) })] },
      /lost an acknowledged answer/,
    ],
    [
      'an acknowledged stop that is in no history',
      { acknowledged: [{ run: 'run1', kind: 'stop', at: 1 }] },
      /lost an acknowledged click \(stop\)/,
    ],
    [
      'an acknowledged click that is not on record',
      { records: RECORDS.filter((each) => each !== PLAN_VOTED && each !== PLAN_DECIDED) },
      /no record of an acknowledged click \(approve\)/,
    ],
    [
      'an acknowledged answer that is not on record',
      { records: except(RECORDS, LOST_DECIDED) },
      /no record of an acknowledged answer/,
    ],
    [
      'an acknowledged click of a run that nobody knows',
      { acknowledged: [{ run: 'run9', request: 'r1', items: PLAN, kind: 'approve', at: 1 }] },
      /in no history/,
    ],
    [
      'an execution without an approval',
      { executions: [execution({ decisions: [] })], acknowledged: [] },
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
      { records: except(RECORDS, CALL_DECIDED) },
      /call of .* without an approval/,
    ],
    [
      'a call with other arguments than the approved ones',
      {
        records: RECORDS.map((each) => (each === CALL_ASKED ? asked({ ...CALL, digest: 'other' }) : each)),
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
      { executions: [execution({ decisions: [APPROVED] })], acknowledged: [] },
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
      { executions: afterCall(), records: [...TO_CALL, called('rejected')], acknowledged: [] },
      /is 1 times on the to-do list; its call: rejected/,
    ],
    [
      'a change that nobody decided about, and is there',
      { executions: afterCall(), records: TO_CALL, acknowledged: [] },
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
      'a lost call that was made again because people said so of another one',
      {
        executions: afterCall(
          { name: 'callTool', call: CALL, scheduledAt: 9_000, failure: 'AnswerLost' },
          { ...made, scheduledAt: 9_960, completedAt: 9_970 },
        ),
        records: RECORDS.map((each) => (each === LOST ? asked({ ...CALL, id: 'call2' }, 'q1') : each)),
      },
      /made todo__add_todo again unasked/,
    ],
    [
      'a call that was made again after it was recorded',
      { executions: afterCall(made, { ...made, scheduledAt: 9_960 }) },
      /made todo__add_todo again unasked/,
    ],
    [
      'an acknowledged answer in words that nobody has',
      {
        acknowledged: [
          { run: 'run1', kind: 'answer', request: 'q1', items: QUESTION, note: 'None of these', at: 1 },
        ],
      },
      /lost an acknowledged answer \(None of these\)/,
    ],
    [
      'an acknowledged click on a plan that had changed',
      {
        acknowledged: [
          { run: 'run1', kind: 'approve', request: 'r1', items: [{ id: 'plan', digest: 'other' }], at: 1 },
        ],
      },
      /lost an acknowledged click \(approve\)/,
    ],
    ['an item that ended twice', { records: [...RECORDS, decided()] }, /decided after it was decided: r2\/1/],
    [
      'an approval that counted after its item had ended',
      { records: [...RECORDS, PLAN_VOTED] },
      /voted after it was decided: r1\/plan/,
    ],
    [
      'an end of an item that nobody was asked about',
      { records: except(RECORDS, LOST) },
      /decided, and nobody was asked: q1\/question/,
    ],
    [
      'a call that was decided about in two requests',
      {
        records: [...RECORDS, asked(CALL, 'r3'), ended('r3', '1', verdict(CALL_APPROVED), 8_100)],
      },
      /decided twice about call call1/,
    ],
    [
      'a revision that was decided about in two requests',
      {
        records: [
          ...RECORDS,
          requested(PLAN_ITEM, 'r3', { at: 5_100, subject: { kind: 'plan', title: 'Plan' } }),
          ended('r3', 'plan', verdict(APPROVED), 5_200),
        ],
      },
      /decided twice about revision 1/,
    ],
    [
      'an item that still waits when its run is over',
      { records: except(RECORDS, CALL_DECIDED) },
      /is over, and still asks: r2\/1/,
    ],
    [
      'a decision that nobody made',
      { records: [...except(RECORDS, SPENT_DECIDED), ended('q2', 'question', verdict(OTHER), 9_960)] },
      /was decided \(answer\) by nobody: q2\/question/,
    ],
    [
      'an answer that counts for two questions',
      { records: [...except(RECORDS, SPENT_DECIDED), ended('q2', 'question', verdict(AGAIN), 9_960)] },
      /counts an answer twice: q2\/question/,
    ],
    [
      'an approval that counts twice',
      {
        records: RECORDS.map((each) =>
          each === CALL_DECIDED
            ? ended('r2', '1', verdict(CALL_APPROVED, [CALL_APPROVED, CALL_APPROVED]), 8_000)
            : each,
        ),
      },
      /counts a person twice: r2\/1/,
    ],
    [
      'two approvals of one person',
      { records: [PLANNED, PLAN_VOTED, ...RECORDS.slice(1)] },
      /counts 2 approvals of U1 for r1\/plan/,
    ],
    [
      'a budget that was granted twice for one answer',
      { records: [...RECORDS, GRANT] },
      /granted turns 2 times, after 1 answers/,
    ],
  ];
  for (const [what, world, words] of broken) {
    it(`tell ${what}`, () => assert.match(check(world).join('\n'), words));
  }
});

describe('the acknowledgements of chaos', () => {
  const MACHINE = { uptimes: () => [5_000], longestPause: () => 12.3 };
  const delivered = (kind: Delivery['kind'], result: Delivery['result']) => {
    const acks = createAcks(MACHINE);
    acks.add({ kind, payload: { command: '/agent', text: 'help' }, at: 0, result });
    return acks;
  };

  it('tell a command that a process left without an answer for three seconds', () => {
    const late = delivered('slash_commands', { ok: false, reason: 'timeout' }).late();
    assert.match(
      late[0]?.what ?? '',
      /within three seconds \(processes up for 5000 ms, Slack's stand-in held up for 12 ms\): .*\/agent/,
    );
  });

  it('excuse a click that was lost with its connection, and a mention, which Slack delivers again', () => {
    assert.deepEqual(delivered('interactive', { ok: false, reason: 'timeout', isCut: true }).late(), []);
    assert.deepEqual(delivered('events_api', { ok: false, reason: 'timeout' }).late(), []);
  });

  it('excuse a click that the service says it left, and no other one', () => {
    const acks = createAcks(MACHINE);
    for (const action_ts of ['17.25', '18.5']) {
      const payload = { type: 'block_actions', actions: [{ action_id: 'question_answer', action_ts }] };
      acks.add({ kind: 'interactive', payload, at: 0, result: { ok: false, reason: 'timeout' } });
    }
    acks.read(`bot 1 | ${NOT_ACKNOWLEDGED} {"action":"question_answer","click":"17.25","run":"r2345678"}`);
    assert.equal(acks.late().length, 1);
    assert.match(acks.late()[0]?.what ?? '', /18\.5/);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Decision } from '../../src/approval/decision.js';
import { parseDecision } from '../../src/approval/decision.js';
import type { ApprovalRequest } from '../../src/approval/judge.js';
import { judge } from '../../src/approval/judge.js';
import { fits, mayAnswer } from '../../src/approval/question.js';
import { addTurn, DEFAULT_BUDGET, findSpentPart, grantAgain, NOTHING_SPENT } from '../../src/run/budget.js';
import {
  ASK_PERSON,
  addCallMetadata,
  readMark,
  readQuestion,
  separateCallMetadata,
} from '../../src/run/own-tools.js';
import type { ProgressCall, ProgressStep } from '../../src/run/progress.js';
import { finalSteps, progressCall, statusOf } from '../../src/run/progress.js';
import type { Asked } from '../../src/run/thread.js';
import { parseAnswer } from '../../src/run/thread.js';
import type { ToolCall, ToolSpec } from '../../src/run/tools.js';
import { ana, ben, chloe, decision, policyWith } from '../support/samples.js';

const tool = (properties: Record<string, unknown>): ToolSpec => ({
  name: 'todo__add',
  description: '',
  inputSchema: { type: 'object', properties, required: Object.keys(properties) },
  readOnly: false,
});

const call: ToolCall = {
  id: 'toolu_1',
  name: 'todo__add',
  input: { title: 'Buy milk' },
  digest: 'e'.repeat(64),
  readOnly: false,
  known: true,
};

describe('what a call says of itself', () => {
  it('is asked for beside the arguments, and taken out of them', () => {
    const spec = tool({ title: { type: 'string' } });
    const properties = addCallMetadata(spec).inputSchema.properties as object;
    assert.deepEqual(Object.keys(properties).toSorted(), ['plan_step', 'reason', 'title']);
    assert.deepEqual(addCallMetadata(spec).inputSchema.required, ['title'], 'nothing more is required');
    assert.deepEqual(separateCallMetadata(spec, { title: 'x', plan_step: 2, reason: ' so ' }), {
      input: { title: 'x' },
      metadata: { step: 2, reason: 'so' },
    });
  });

  it('leaves a tool its own argument of that name', () => {
    const spec = tool({ reason: { type: 'string' } });
    assert.deepEqual(separateCallMetadata(spec, { reason: 'mine', plan_step: 1 }), {
      input: { reason: 'mine' },
      metadata: { step: 1 },
    });
    assert.deepEqual((addCallMetadata(spec).inputSchema.properties as Record<string, unknown>).reason, {
      type: 'string',
    });
  });

  it('is left out where it makes no sense', () => {
    assert.deepEqual(separateCallMetadata(undefined, { plan_step: 'two', reason: '' }), {
      input: {},
      metadata: {},
    });
  });
});

describe('the model’s own tools', () => {
  it('read a question, with at most ten different options, to the requester unless it says so', () => {
    assert.deepEqual(readQuestion({ question: ' Which? ', options: ['a', 'a', 'b', 7] }), {
      text: 'Which?',
      options: ['a', 'b'],
      to: 'requester',
    });
    assert.equal(readQuestion({ question: 'x', to: 'approvers' })?.to, 'approvers');
    assert.equal(readQuestion({ question: '  ' }), undefined);
    assert.equal(readQuestion({}), undefined);
    const many = Array.from({ length: 40 }, (_, index) => String(index));
    assert.equal(readQuestion({ question: 'x', options: many })?.options.length, 10);
    assert.deepEqual(ASK_PERSON.inputSchema.required, ['question']);
  });

  it('mark steps that there are', () => {
    assert.deepEqual(readMark({ step: 2, status: 'done' }, 2), { step: 2, status: 'done', note: '' });
    for (const step of [0, 3, 1.5, '1', Number.NaN])
      assert.equal(readMark({ step, status: 'done' }, 2), undefined);
    assert.equal(readMark({ step: 1, status: 'skipped' }, 2), undefined);
  });
});

describe('a budget', () => {
  it('counts turns, tokens, money and time, and says what is spent', () => {
    const usage = { inputTokens: 100, outputTokens: 50, costUsd: 0.25 };
    const spent = addTurn(addTurn(NOTHING_SPENT, usage, 10), { inputTokens: 1, outputTokens: 1 }, 5);
    assert.deepEqual(spent, { turns: 2, toolCalls: 0, tokens: 152, costUsd: 0.25, timeMs: 15 });
    assert.equal(findSpentPart(DEFAULT_BUDGET, spent), undefined);
    for (const part of ['turns', 'tokens', 'costUsd', 'timeMs'] as const) {
      assert.equal(findSpentPart({ ...DEFAULT_BUDGET, [part]: spent[part] }, spent), part);
    }
  });

  it('is granted as much again as it was at first, however often', () => {
    const once = grantAgain(DEFAULT_BUDGET, DEFAULT_BUDGET, 'turns');
    assert.equal(grantAgain(once, DEFAULT_BUDGET, 'turns').turns, 3 * DEFAULT_BUDGET.turns);
    assert.equal(once.tokens, DEFAULT_BUDGET.tokens);
  });
});

describe('who may answer a question', () => {
  const ask = (asked: Asked) => ({
    asked,
    requester: ana,
    policy: policyWith({ approvers: ['UBEN', 'SREVIEW'] }),
  });
  const lost: Asked = { what: 'lost-call', call, why: 'it died' };
  const members = { SREVIEW: ['UCHLOE'] };
  const cases: [string, Parameters<typeof mayAnswer>, boolean][] = [
    [
      'the requester, what the model asks them',
      [ask({ what: 'ask-person', text: '?', to: 'requester' }), ana, 0],
      true,
    ],
    [
      'no approver, what the model asks the requester',
      [ask({ what: 'ask-person', text: '?', to: 'requester' }), ben, 0],
      false,
    ],
    [
      'an approver, what the model asks approvers',
      [ask({ what: 'ask-person', text: '?', to: 'approvers' }), ben, 0],
      true,
    ],
    [
      'no requester, what the model asks approvers',
      [ask({ what: 'ask-person', text: '?', to: 'approvers' }), ana, 0],
      false,
    ],
    ['an approver, whether a call happened', [ask(lost), ben, 1], true],
    ['somebody in a group', [ask(lost), chloe, 1, members], true],
    ['nobody in a group that Slack can’t tell of', [ask(lost), chloe, 1, { SREVIEW: null }], false],
    ['no requester, to run it again', [ask(lost), ana, 1], false],
    ['the requester, to stop', [ask(lost), ana, 2], true],
    ['the same user id of another team', [ask(lost), { team: 'T2', user: 'UBEN' }, 1], false],
  ];
  for (const [who, input, may] of cases) it(who, () => assert.equal(mayAnswer(...input), may));

  it('is not who edited the plan, under four eyes', () => {
    const question = {
      ...ask(lost),
      policy: policyWith({ approvers: ['UBEN'], requesterMayApprove: false }),
      editors: [ben],
    };
    assert.equal(mayAnswer(question, ben, 1), false);
  });

  it('takes the options that there are, and own words only where they are asked for', () => {
    const answer = { question: 'q', by: ana, text: '', at: '' };
    assert.equal(fits({ options: ['a'], freeText: false }, { ...answer, option: 0 }), true);
    assert.equal(fits({ options: ['a'], freeText: true }, { ...answer, option: 1 }), false);
    assert.equal(fits({ options: [], freeText: true }, { ...answer, text: ' ' }), false);
    assert.equal(fits({ options: [], freeText: true }, { ...answer, text: 'x' }), true);
    assert.equal(fits({ options: [], freeText: false }, { ...answer, text: 'x' }), false);
  });
});

describe('an answer in a signal', () => {
  it('is read, and nothing that isn’t one gets through or throws', () => {
    const answer = { question: 'q', by: ana, option: 1, text: 'b', at: '2026-11-25T10:00:00.000Z' };
    assert.deepEqual(parseAnswer(answer), answer);
    for (const broken of [
      null,
      [],
      { ...answer, by: null },
      { ...answer, at: 'soon' },
      { ...answer, question: 7 },
    ]) {
      assert.equal(parseAnswer(broken), undefined);
    }
    assert.equal(parseAnswer({ ...answer, option: -1, text: undefined }), undefined);
    fc.assert(fc.property(fc.anything(), (payload) => void parseAnswer(payload)));
  });
});

describe('an approval of a tool call', () => {
  const request: ApprovalRequest = {
    id: 'r1',
    revision: 1,
    digest: call.digest,
    requester: ana,
    policy: policyWith({ approvers: ['UBEN', 'UCHLOE'], approvals: 2, requesterMayApprove: false }),
    takes: ['approve', 'reject'],
    editors: [chloe],
  };
  const said = fc.record({
    kind: fc.constantFrom<Decision['kind']>('approve', 'reject', 'changes', 'edit', 'extend'),
    by: fc.constantFrom(ana, ben, chloe, { team: 'T2', user: 'UBEN' }),
    digest: fc.constantFrom(call.digest, 'f'.repeat(64)),
    request: fc.constantFrom('r1', 'r2'),
    revision: fc.constantFrom(1, 2),
    all: fc.boolean(),
  });

  it('comes of no sequence of clicks that the policy forbids, whatever they carry', () => {
    fc.assert(
      fc.property(fc.array(said, { maxLength: 30 }), (clicks) => {
        let votes: Decision[] = [];
        for (const click of clicks) {
          const parsed = parseDecision({ ...decision(), ...click });
          if (!parsed) continue;
          const judgement = judge(request, votes, parsed);
          if (!judgement.accepted) continue;
          votes = judgement.votes;
          assert.ok(['approve', 'reject'].includes(parsed.kind), 'only what the card offers');
          assert.equal(
            judgement.verdict?.kind === 'approve',
            false,
            'Ben alone is not two, and the others do not count',
          );
        }
      }),
    );
  });

  it('says for all calls like it only where the click did', () => {
    assert.equal(parseDecision({ ...decision(), all: true })?.all, true);
    assert.equal(parseDecision({ ...decision(), all: 'yes' })?.all, undefined);
    assert.equal(parseDecision({ ...decision({ kind: 'reject' }), all: true })?.all, undefined);
  });
});

describe('the progress', () => {
  const made = (status: ProgressCall['status']): ProgressCall => ({ name: 'x', status, detail: '' });
  const step = (status: ProgressStep['status'], ...calls: ProgressCall['status'][]): ProgressStep => ({
    title: 'A step',
    status,
    calls: calls.map(made),
    note: '',
  });

  it('shows a step in progress while something of it is under way, and from its first call on', () => {
    assert.equal(statusOf(step('pending')), 'pending');
    assert.equal(statusOf(step('pending', 'done')), 'in_progress');
    assert.equal(statusOf(step('done', 'asking')), 'in_progress');
    assert.equal(statusOf(step('done', 'done')), 'done');
    assert.equal(statusOf(step('failed', 'failed')), 'failed');
  });

  it('ends truthfully: what came to nothing failed, what was not begun when it stopped stays open', () => {
    const steps = [
      step('done'),
      step('pending'),
      step('pending', 'failed', 'refused'),
      step('pending', 'failed', 'done'),
    ];
    assert.deepEqual(
      finalSteps(steps, true).map(({ status }) => status),
      ['done', 'done', 'failed', 'done'],
    );
    assert.deepEqual(
      finalSteps(steps, false).map(({ status }) => status),
      ['done', 'pending', 'failed', 'pending'],
    );
  });

  it('shows of a question to people the question alone: its options are where it is answered', () => {
    const input = { question: 'Which day?', options: ['Monday', 'Friday'], to: 'requester' };
    assert.equal(
      progressCall({ ...call, name: 'ask_person', input }, 'asking').detail,
      'question: Which day?',
    );
  });

  it('shows a call’s arguments in one short line', () => {
    const { detail } = progressCall(
      { ...call, input: { title: 'a\nb', more: { deep: 'x'.repeat(500) } } },
      'done',
    );
    assert.match(detail, /^title: a b, more: \{"deep":"x+…$/);
    assert.ok(detail.length <= 120);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Decision } from '../../src/approval/decision.js';
import { parseDecision } from '../../src/approval/decision.js';
import { judge } from '../../src/approval/judge.js';
import type { Person } from '../../src/approval/person.js';
import type { Membership } from '../../src/approval/policy.js';
import {
  addTurn,
  DEFAULT_BUDGET,
  findSpentPart,
  grantAgain,
  NOTHING_SPENT,
} from '../../src/run/execution/budget.js';
import { isDangerous } from '../../src/run/execution/danger.js';
import {
  ASK_PERSON,
  addCallMetadata,
  readMark,
  readQuestion,
  separateCallMetadata,
  visibleInput,
} from '../../src/run/execution/own-tools.js';
import type { ProgressCall, ProgressStep } from '../../src/run/execution/progress.js';
import { finalSteps, progressCall, statusOf } from '../../src/run/execution/progress.js';
import type { ToolSpec } from '../../src/run/execution/tools.js';
import { budgetChoices, LOST_CALL_CHOICES } from '../../src/run/request.js';
import { planItem, toolCall } from '../support/requests.js';
import { ana, ben, chloe, decision, policyWith } from '../support/samples.js';

const tool = (properties: Record<string, unknown>): ToolSpec => ({
  name: 'todo__add',
  description: '',
  inputSchema: { type: 'object', properties, required: Object.keys(properties) },
  readOnly: false,
});

const call = toolCall({ name: 'todo__add', input: { title: 'Buy milk' } });

describe('what a call says of itself', () => {
  it('is asked for beside the arguments, and taken out of them', () => {
    const spec = tool({ title: { type: 'string' } });
    const properties = addCallMetadata(spec).inputSchema.properties as object;
    assert.deepEqual(Object.keys(properties).toSorted(), ['plan_step', 'reason', 'sentence', 'title']);
    assert.deepEqual(addCallMetadata(spec).inputSchema.required, ['title'], 'nothing more is required');
    assert.deepEqual(separateCallMetadata(spec, { title: 'x', plan_step: 2, reason: ' so ' }), {
      input: { title: 'x' },
      metadata: { step: 2, reason: 'so' },
    });
  });

  it('says in one bounded line what it does, with nothing hidden', () => {
    const spec = tool({ title: { type: 'string' } });
    const given = visibleInput(spec, { title: 'a\u202eb', sentence: ` Add\n “x”\u202e ${'y'.repeat(400)}` });
    const { input, metadata } = separateCallMetadata(spec, given);
    assert.deepEqual(input, { title: 'a\u202eb' }, 'the arguments stay exact');
    assert.match(metadata.sentence ?? '', /^Add “x”⟨U\+202E⟩ y+…$/);
    assert.equal(metadata.sentence?.length, 200);
    assert.deepEqual(separateCallMetadata(spec, { sentence: 7 }).metadata, {});
    const own = tool({ sentence: { type: 'string' } });
    assert.deepEqual(separateCallMetadata(own, { sentence: 'mine' }), {
      input: { sentence: 'mine' },
      metadata: {},
    });
    assert.ok(!('sentence' in (addCallMetadata(ASK_PERSON).inputSchema.properties as object)));
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

describe('an action that may do harm', () => {
  const harmful = [
    ...[
      'todo__remove_todo',
      'mail__sendEmail',
      'x__HTTPDelete',
      'db__drop-table',
      'shop__payInvoice',
      'pay__create',
    ],
    ...['x__publish', 'x__batch.deleted', 'x__de1ete_user', 'x__DELETE', 'x__payments', 'erase_all'],
  ];
  const harmless = [
    'todo__add_todo',
    'dropbox__upload',
    'sendgrid__list',
    'x__compare',
    'x__undelivered',
    'x__repay',
  ];
  for (const name of harmful) it(`is told by its name: ${name}`, () => assert.ok(isDangerous({ name })));
  for (const name of harmless) it(`is not ${name}`, () => assert.ok(!isDangerous({ name })));

  it('is told by any spelling of its name, and by its server’s own word', () => {
    assert.ok(isDangerous({ name: 'x__f', aliases: ['x__remove_all'] }));
    assert.ok(isDangerous({ name: 'x__tidy', destructive: true }));
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
      // Calls that are used up hide no other part.
      assert.equal(findSpentPart({ ...DEFAULT_BUDGET, toolCalls: 0, [part]: spent[part] }, spent), part);
    }
  });

  it('is granted as much again as it was at first, however often', () => {
    const once = grantAgain(DEFAULT_BUDGET, DEFAULT_BUDGET);
    const twice = grantAgain(once, DEFAULT_BUDGET);
    for (const part of Object.keys(DEFAULT_BUDGET) as (keyof typeof DEFAULT_BUDGET)[])
      assert.equal(twice[part], 3 * DEFAULT_BUDGET[part]);
  });

  it('says what a grant adds: all of the budget once more', () => {
    const labelOf = (budget = DEFAULT_BUDGET, part: keyof typeof DEFAULT_BUDGET = 'costUsd') =>
      budgetChoices(budget, DEFAULT_BUDGET, part)[0]?.label;
    assert.equal(labelOf(), 'Double the budget (+$10, +1 h)');
    assert.equal(labelOf(DEFAULT_BUDGET, 'tokens'), 'Double the budget (+2,000,000 tokens, +$10, +1 h)');
    const twice = grantAgain(DEFAULT_BUDGET, DEFAULT_BUDGET);
    assert.equal(labelOf(twice, 'turns'), 'Add to the budget (+50 model replies, +$10, +1 h)');
  });
});

describe('who may say whether a lost call happened', () => {
  const item = planItem({
    id: 'question',
    subject: { kind: 'lost-call', call, why: 'it died' },
    digest: '',
    takes: ['answer'],
    choices: LOST_CALL_CHOICES,
    policy: policyWith({ approvers: ['UBEN', 'SREVIEW'] }),
  });
  const members = { groups: { SREVIEW: ['UCHLOE'] } };
  const cases: [string, by: Person, choice: string, Membership, is: string][] = [
    ['an approver', ben, 'again', members, 'accepted'],
    ['somebody in a group', chloe, 'again', members, 'accepted'],
    ['nobody in a group that Slack can’t tell of', chloe, 'again', { groups: { SREVIEW: null } }, 'unsure'],
    ['no requester, to run it again', ana, 'again', members, 'not-an-approver'],
    ['the requester, to stop', ana, 'stop', members, 'accepted'],
    ['the same user id of another team', { team: 'T2', user: 'UBEN' }, 'again', members, 'not-an-approver'],
  ];
  for (const [who, by, choice, membership, is] of cases) {
    it(who, () => {
      const answer = decision({ kind: 'answer', choice, by, items: [{ id: 'question', digest: '' }] });
      const judgement = judge({ item, revision: 1, requester: ana }, answer, membership);
      assert.equal(judgement.accepted ? 'accepted' : judgement.refusal.reason, is);
    });
  }
});

describe('an approval of a tool call', () => {
  const item = planItem({
    id: '1',
    digest: call.digest,
    takes: ['approve', 'reject'],
    policy: policyWith({ approvers: ['UBEN', 'UCHLOE'], approvals: 2, requesterMayApprove: false }),
    editors: [chloe],
  });
  const click = fc.record({
    kind: fc.constantFrom<Decision['kind']>('approve', 'reject', 'changes', 'edit', 'extend', 'answer'),
    by: fc.constantFrom(ana, ben, chloe, { team: 'T2', user: 'UBEN' }),
    items: fc
      .tuple(fc.constantFrom('1', '2'), fc.constantFrom(call.digest, 'f'.repeat(64)))
      .map(([id, digest]) => [{ id, digest }]),
    revision: fc.constantFrom(1, 2),
    everyCall: fc.boolean(),
  });

  it('comes of no sequence of clicks that the policy forbids, whatever they carry', () => {
    fc.assert(
      fc.property(fc.array(click, { maxLength: 30 }), (clicks) => {
        const judged = { item: { ...item, votes: [] as Decision[] }, revision: 1, requester: ana };
        for (const given of clicks) {
          const parsed = parseDecision({ ...decision(), ...given });
          if (!parsed) continue;
          const judgement = judge(judged, parsed);
          if (!judgement.accepted) continue;
          judged.item.votes = judgement.votes;
          assert.ok(['approve', 'reject'].includes(parsed.kind), 'only what the message offers');
          const isReleased = judgement.verdict?.kind === 'approve';
          assert.equal(isReleased, false, 'Ben alone is not two, and the others do not count');
        }
      }),
    );
  });

  it('covers every call of the tool only where the click said so', () => {
    assert.equal(parseDecision({ ...decision(), everyCall: true })?.everyCall, true);
    assert.equal(parseDecision({ ...decision(), everyCall: 'yes' })?.everyCall, undefined);
    assert.equal(parseDecision({ ...decision({ kind: 'reject' }), everyCall: true })?.everyCall, undefined);
  });
});

describe('the progress', () => {
  const made = (status: ProgressCall['status']): ProgressCall => ({ headline: 'x', status, detail: '' });
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

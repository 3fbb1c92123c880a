import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { endFor, isOver } from '../../src/ledger/reconcile/end-on-record.js';
import { type Repair, repairsOf } from '../../src/ledger/reconcile/repairs.js';
import type { Checkpoint } from '../../src/run/event.js';
import type { Answer } from '../../src/run/thread.js';
import { toolCardMessage } from '../../src/slack/messages/tool/tool-card.js';
import type { RunEnd, RunListing } from '../../src/temporal/runs.js';
import { buttonsOf } from '../support/people.js';
import { ana, ben, decision, plan, questionCard, toolCard } from '../support/samples.js';

type Told = [kind: Checkpoint['kind'], data: object, key?: string];

function entriesOf(...told: Told[]): Checkpoint[] {
  return told.map(([kind, data, key], index) => ({
    runId: 'abcd2345',
    key: key ?? `${index + 1}`,
    kind,
    at: `2026-11-24T10:00:${String(index).padStart(2, '0')}.000Z`,
    data,
  }));
}

const cardRef = { channel: 'C1', ts: '1.0' };
const askRef = { channel: 'C1', ts: '2.0', thread: '1.0' };
const notice = { channel: 'DBEN', ts: '3.0' };
const planned: Told = ['planned', { plan, revision: 1, digest: 'd'.repeat(64) }];
const posted: Told = ['posted', { card: cardRef, request: 'request-1' }];
const notified: Told = ['notified', { messages: [notice], revision: 1 }];
const waits: Told[] = [
  ['started', { goal: 'the goal', requester: ana, channel: 'C1' }],
  planned,
  posted,
  notified,
];
const votes = [decision({ by: ben })];
const approved: Told = ['decided', { decision: votes[0], votes }];
const gone: Told = ['ended', { state: 'gone', why: 'terminated' }, 'gone/attempt'];

/** What a message shows at the end. */
function shown(repair: Repair): string {
  switch (repair.what) {
    case 'card':
      return `card ${repair.ref.ts}: ${repair.card.state.kind}`;
    case 'thread':
      return `thread ${repair.ref.ts}: ${repair.message.state.kind}`;
    case 'notices':
      return `notices ${repair.messages.length} at ${repair.at.ts}: ${repair.card.state.kind}`;
    case 'nothing':
      return 'nothing';
  }
}
const after = (...told: Told[]) => repairsOf(entriesOf(...told)).map(shown);

describe('what is repaired of a run that was ended from outside', () => {
  const asked = toolCard();
  const question = questionCard();
  const asks = (message: object): Told => [
    'posted',
    { card: askRef, copy: true, ask: idOf(message), message },
  ];
  const idOf = (message: object) => ('requestId' in message ? message.requestId : question.questionId);
  const told: Told = ['notified', { messages: [notice], ask: asked.requestId }];
  const plansOwn = ['card 1.0: gone', 'notices 1 at 1.0: executing'];
  const answer: Answer = {
    question: question.questionId,
    by: ben,
    text: '2.4',
    at: '2026-11-24T10:00:00.000Z',
  };
  const closings: [why: string, message: object, closing: Told | undefined, state: string][] = [
    ['that nobody decided about', asked, undefined, 'withdrawn'],
    [
      'that was approved just before',
      asked,
      ['tool-decided', { request: asked.requestId, outcome: 'approved', votes, all: true }],
      'approved',
    ],
    [
      'that was rejected just before',
      asked,
      ['tool-decided', { request: asked.requestId, outcome: 'rejected', decision: votes[0] }],
      'rejected',
    ],
    ['that expired', asked, ['tool-decided', { request: asked.requestId, outcome: 'expired' }], 'expired'],
    ['another one', asked, ['tool-decided', { request: 'other', outcome: 'approved', votes }], 'withdrawn'],
    ['nobody answered', question, undefined, 'withdrawn'],
    ['that was answered', question, ['answered', { question: question.questionId, answer }], 'answered'],
    ['too late', question, ['answered', { question: question.questionId, expired: true }], 'expired'],
  ];
  for (const [why, message, closing, state] of closings) {
    it(`a ${'call' in message ? 'tool call' : 'question'} (${why}) is ${state}`, () => {
      const repairs = after(...waits, approved, asks(message), ...(closing ? [closing] : []), gone);
      assert.deepEqual(repairs, [...plansOwn, `thread 2.0: ${state}`]);
    });
  }

  it('a tool call has no buttons any more', () => {
    const [repair] = repairsOf(entriesOf(...waits, asks(asked), gone)).filter(
      ({ what }) => what === 'thread',
    );
    assert.ok(repair?.what === 'thread' && repair.message.kind === 'tool-call');
    const { text, blocks } = toolCardMessage(repair.message);
    assert.deepEqual(buttonsOf({ blocks } as never), []);
    assert.equal(text, 'A tool call is no longer asked about: `write_file` of `filesystem`');
  });

  it('direct messages tell what became of what they were about', () => {
    assert.deepEqual(after(...waits, gone), ['card 1.0: gone', 'notices 1 at 1.0: gone']);
    assert.deepEqual(after(...waits, approved, asks(asked), told, gone), [
      ...plansOwn,
      'thread 2.0: withdrawn',
      'notices 1 at 2.0: withdrawn',
    ]);
  });

  it('what was asked about an earlier plan is left as it is', () => {
    assert.deepEqual(after(...waits, planned, gone), []);
  });

  it('what was repaired is left as it is', () => {
    const done: Told[] = [
      ['repaired', {}, 'repaired/3'],
      ['repaired', {}, 'repaired/4'],
    ];
    assert.deepEqual(after(...waits, gone, ...done), []);
  });

  it('the card of a run that was tried again is, too', () => {
    const [started] = waits;
    assert.deepEqual(
      after(...waits, approved, ['ended', { state: 'failed' }], started as Told, gone),
      plansOwn,
    );
  });

  it('nothing is of one that ended by itself, but what it could not show', () => {
    assert.deepEqual(after(...waits, ['ended', { state: 'expired' }]), []);
    const unshown: Told = ['unshown', { card: cardRef, state: { kind: 'expired', at: '' }, revision: 1 }];
    assert.deepEqual(after(...waits, unshown, ['ended', { state: 'expired' }]), ['card 1.0: expired']);
  });

  it('is only settled where the ledger knows too little of it', () => {
    assert.deepEqual(after(posted, gone), ['nothing']);
    assert.deepEqual(after(...waits, ['posted', { card: askRef, ask: 'r1' }], gone).at(-1), 'nothing');
  });
});

describe('the end that is written for a run', () => {
  const entries = [{ ...(entriesOf(...waits)[0] as Checkpoint), sequence: 4, previous: '', hash: '' }];
  const run = (status: string): RunListing => ({
    runId: 'abcd2345',
    memo: { goal: 'the goal', requester: ana, channel: 'C1', approvers: [] },
    status,
    startedAt: new Date(0),
    attempt: 'attempt-1',
    closedAt: new Date('2026-11-24T11:00:00.000Z'),
  });
  const failure = { step: 'plan' as const, code: 'Refused', message: 'No.' };
  const input = {} as Extract<RunEnd, { kind: 'failed' }>['input'];
  const ends: [status: string, end: RunEnd, key: string, data: object][] = [
    ['TERMINATED', { kind: 'gone', reason: '' }, 'gone/attempt-1', { state: 'gone', why: 'terminated' }],
    ['TIMED_OUT', { kind: 'gone', reason: '' }, 'gone/attempt-1', { state: 'gone', why: 'timed-out' }],
    ['FAILED', { kind: 'gone', reason: '' }, 'gone/attempt-1', { state: 'gone', why: 'failed' }],
    ['FAILED', { kind: 'failed', failure, resume: {}, input }, 'end/attempt-1', { state: 'failed', failure }],
    ['COMPLETED', { kind: 'outcome', outcome: { state: 'expired' } }, 'end/attempt-1', { state: 'expired' }],
  ];
  for (const [status, end, key, data] of ends) {
    it(`says how Temporal has it: ${status}, ${end.kind}`, async () => {
      const entry = await endFor({ end: async () => end }, run(status), entries);
      const at = '2026-11-24T11:00:00.000Z';
      assert.deepEqual(entry, { runId: 'abcd2345', kind: 'ended', at, key, data });
    });
  }

  it('says that Temporal doesn’t know it', async () => {
    const { key, data } = await endFor(
      { end: () => Promise.reject(new Error('unused')) },
      undefined,
      entries,
    );
    assert.deepEqual([key, data], ['gone/after-4', { state: 'gone', why: 'unknown' }]);
  });

  it('is none of a run that goes on, or was paused', () => {
    for (const status of ['RUNNING', 'CONTINUED_AS_NEW', 'PAUSED']) assert.equal(isOver(run(status)), false);
    for (const [status] of ends) assert.equal(isOver(run(status)), true);
    assert.equal(isOver(undefined), true);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { boardFor, type RunView, viewOf } from '../../src/run/board.js';
import type { Checkpoint } from '../../src/run/event.js';
import { homeBlocks } from '../../src/slack/messages/home/home.js';
import { ana, ben, chloe, decision, policyWith } from '../support/samples.js';

const policy = policyWith({ approvers: ['SREVIEW'], approvals: 2, requesterMayApprove: false });
let clock = 0;

function entries(runId: string, ...kinds: [Checkpoint['kind'], object?][]): Checkpoint[] {
  return kinds.map(([kind, data]) => {
    clock += 1;
    return { runId, key: String(clock), kind, at: new Date(clock * 1000).toISOString(), data };
  });
}

const started: [Checkpoint['kind'], object] = [
  'started',
  { goal: 'the goal', requester: ana, channel: 'C1', policy },
];
const requested: [Checkpoint['kind'], object] = [
  'requested',
  { title: 'A plan', policy, expiresAt: '2026-11-27T00:00:00.000Z' },
];
const posted: [Checkpoint['kind'], object] = ['posted', { card: { channel: 'C1', ts: '1.0' } }];
const voted = (by = ben): [Checkpoint['kind'], object] => ['voted', { decision: decision({ by }) }];
const decided = (kind: 'approve' | 'changes' | 'edit'): [Checkpoint['kind'], object] => [
  'decided',
  { decision: decision({ kind }) },
];

function view(...kinds: [Checkpoint['kind'], object?][]): RunView {
  const run = viewOf(entries(`run${clock}`, started, ...kinds));
  assert.ok(run);
  return run;
}

describe('where a run stands, by the ledger', () => {
  const tales: [string, [Checkpoint['kind'], object?][], RunView['state']][] = [
    ['working at first', [], 'working'],
    ['waiting once people are asked', [requested, posted], 'waiting'],
    ['working again when changes are asked for', [requested, posted, decided('changes')], 'working'],
    ['working again when it is edited', [requested, posted, decided('edit')], 'working'],
    ['carried out when it is approved', [requested, posted, decided('approve')], 'executing'],
    [
      'over when it has ended',
      [requested, posted, decided('approve'), ['ended', { state: 'completed' }]],
      'completed',
    ],
    ['gone when Temporal ended it', [requested, posted, ['ended', { state: 'gone' }]], 'gone'],
    [
      'carried out again when it is tried again after its approval',
      [requested, posted, decided('approve'), ['ended', { state: 'failed' }], started],
      'executing',
    ],
    [
      'working when it is tried again before anybody approved it',
      [requested, posted, decided('changes'), ['ended', { state: 'failed' }], started],
      'working',
    ],
    [
      'waiting, as 0.2 wrote it',
      [['posted', { card: { channel: 'C1', ts: '1.0' }, expiresAt: '2026-11-27T00:00:00.000Z' }]],
      'waiting',
    ],
  ];
  for (const [why, kinds, state] of tales) it(why, () => assert.equal(view(...kinds).state, state));

  it('counts the approvals of the request that waits, without those that lapsed', () => {
    assert.equal(view(requested, posted, voted(), voted(chloe)).votes.length, 2);
    assert.equal(view(requested, voted(), ['lapsed', { decision: decision({ by: ben }) }]).votes.length, 0);
    assert.equal(view(requested, voted(), decided('changes'), requested).votes.length, 0);
  });

  it('follows an escalation and an extension', () => {
    const wider = policyWith({ approvers: ['UCHLOE'] });
    const later = '2026-11-30T00:00:00.000Z';
    const run = view(requested, ['escalated', { policy: wider }], ['extended', { expiresAt: later }]);
    assert.deepEqual(run.policy, wider);
    assert.equal(run.expiresAt, later);
  });

  const asked = (id: string, own: object = {}): [Checkpoint['kind'], object] => [
    'tool-requested',
    { request: id, call: {}, policy, expiresAt: '2026-11-28T00:00:00.000Z', ...own },
  ];
  const questioned = (id: string, to: string): [Checkpoint['kind'], object] => [
    'questioned',
    {
      question: id,
      asked: { what: 'ask-person', text: '?', to },
      options: [],
      expiresAt: '2026-11-29T00:00:00.000Z',
    },
  ];
  const carriedOut = [requested, posted, decided('approve')] as const;

  it('waits while a tool call is asked about, until the first that expires, and is carried out afterwards', () => {
    const waits = view(...carriedOut, asked('r1'), asked('r2', { expiresAt: '2026-11-26T00:00:00.000Z' }));
    assert.equal(waits.state, 'waiting');
    assert.equal(waits.expiresAt, '2026-11-26T00:00:00.000Z');
    assert.deepEqual(waits.card, { channel: 'C1', ts: '1.0' });
    const one = view(...carriedOut, asked('r1'), asked('r2'), ['tool-decided', { request: 'r1' }]);
    assert.deepEqual([one.state, one.asks.map(({ id }) => id)], ['waiting', ['r2']]);
    const none = view(...carriedOut, asked('r1'), ['tool-decided', { request: 'r1' }]);
    assert.deepEqual([none.state, none.asks], ['executing', []]);
  });

  it('waits while a question is open, and no longer than that', () => {
    assert.equal(view(...carriedOut, questioned('q1', 'requester')).state, 'waiting');
    const answered = view(...carriedOut, questioned('q1', 'requester'), ['answered', { question: 'q1' }]);
    assert.equal(answered.state, 'executing');
    const over = view(...carriedOut, questioned('q1', 'requester'), ['ended', { state: 'cancelled' }]);
    assert.deepEqual([over.state, over.asks], ['cancelled', []]);
  });

  it('does not wait for what has expired, once anything came after it', () => {
    const early = { expiresAt: new Date(0).toISOString() };
    assert.equal(view(...carriedOut, asked('r1', early), ['voted', {}]).state, 'executing');
  });

  it('keeps the votes on a tool call apart from those on the plan', () => {
    const vote = decision({ by: ben, request: 'r1' });
    const run = view(requested, posted, voted(), decided('approve'), asked('r1'), [
      'tool-voted',
      { request: 'r1', decision: vote },
    ]);
    assert.equal(run.votes.length, 1);
    assert.deepEqual(run.asks[0]?.votes, [vote]);
    const lapsed = view(
      ...carriedOut,
      asked('r1'),
      ['tool-voted', { request: 'r1', decision: vote }],
      ['lapsed', { decision: vote }],
    );
    assert.deepEqual(lapsed.asks[0]?.votes, []);
  });

  it('follows the escalation of a tool call without changing the plan’s policy', () => {
    const wider = policyWith({ approvers: ['UCHLOE'] });
    const run = view(...carriedOut, asked('r1'), ['escalated', { request: 'r1', policy: wider }]);
    assert.deepEqual([run.asks[0]?.policy, run.policy], [wider, policy]);
  });

  it('keeps the run’s card where a tool call’s message is put on record', () => {
    const other = { card: { channel: 'C1', ts: '9.0', thread: '1.0' }, ask: 'r1' };
    const run = view(...carriedOut, asked('r1'), ['posted', other]);
    assert.deepEqual([run.card?.ts, run.state, run.asks.length], ['1.0', 'waiting', 1]);
  });

  it('takes the policy of a question from its entry, where it has one', () => {
    const wider = policyWith({ approvers: ['UCHLOE'] });
    const own = { question: 'q1', asked: { what: 'budget' }, expiresAt: '2026-11-29T00:00:00.000Z' };
    assert.deepEqual(view(...carriedOut, ['questioned', own]).asks[0]?.policy, policy);
    assert.deepEqual(view(...carriedOut, ['questioned', { ...own, policy: wider }]).asks[0]?.policy, wider);
  });

  it('waits again when a run that is tried again asks, without a second approval of its plan', () => {
    const again = view(...carriedOut, asked('r1'), ['ended', { state: 'failed' }], started, asked('r2'));
    assert.deepEqual([again.state, again.asks.map(({ id }) => id)], ['waiting', ['r2']]);
  });

  it('knows nothing without a beginning', () => assert.equal(viewOf(entries('x', requested)), undefined));
});

describe('a person’s board', () => {
  const groups = { SREVIEW: ['UBEN', 'UCHLOE', 'UANA'] };
  const waits = view(requested, posted);
  const halfway = view(requested, posted, voted());
  const done = view(requested, posted, decided('approve'), ['ended', { state: 'completed' }]);
  const runs = [waits, halfway, done];
  const ids = (views: RunView[]) => views.map(({ runId }) => runId);

  it('shows what waits for them, until they have approved', () => {
    assert.deepEqual(ids(boardFor(chloe, runs, groups).waiting), ids([halfway, waits]));
    assert.deepEqual(ids(boardFor(ben, runs, groups).waiting), ids([waits]));
    assert.deepEqual(ids(boardFor(ben, runs, groups).recent), ids([done, halfway]));
  });

  it('shows the requester what they asked for, and under four eyes nothing to approve', () => {
    const board = boardFor(ana, runs, groups);
    assert.deepEqual(ids(board.started), ids([done, halfway, waits]));
    assert.deepEqual([board.waiting.length, board.recent.length], [0, 0]);
  });

  it('shows nothing to others, nor where Slack can’t say who is in the group', () => {
    for (const [person, known] of [
      [{ team: 'T1', user: 'UDEV' }, groups],
      [chloe, { SREVIEW: null }],
      [{ team: 'T2', user: 'UCHLOE' }, groups],
    ] as const) {
      const board = boardFor(person, runs, known);
      assert.deepEqual([board.waiting, board.started, board.recent], [[], [], []]);
    }
  });

  const carriedOut = [requested, posted, decided('approve')] as const;
  const expiresAt = '2026-11-28T00:00:00.000Z';

  it('shows a tool call that waits to those who may approve it and haven’t', () => {
    const vote = decision({ by: ben, request: 'r1' });
    const run = view(
      ...carriedOut,
      ['tool-requested', { request: 'r1', call: {}, policy, expiresAt }],
      ['tool-voted', { request: 'r1', decision: vote }],
    );
    assert.deepEqual(ids(boardFor(chloe, [run], groups).waiting), [run.runId]);
    assert.deepEqual(ids(boardFor(ben, [run], groups).waiting), []);
    assert.deepEqual(ids(boardFor(ana, [run], groups).waiting), [], 'four eyes');
    const links = new Map([['C1 1.0', 'https://x.example/card']]);
    const shown = JSON.stringify(homeBlocks(boardFor(chloe, [run], groups), links));
    assert.match(shown, /1 tool call waits in the thread/);
    assert.ok(shown.includes('"url":"https://x.example/card"'), 'with the link to the card');
  });

  it('counts what waits for a person only, and leads to its message', () => {
    const run = view(
      ...carriedOut,
      [
        'questioned',
        { question: 'q1', asked: { what: 'ask-person', text: '?', to: 'requester' }, expiresAt },
      ],
      ['tool-requested', { request: 'r1', call: {}, policy, expiresAt }],
      ['posted', { card: { channel: 'C1', ts: '2.0', thread: '1.0' }, copy: true, ask: 'q1' }],
      ['posted', { card: { channel: 'C1', ts: '3.0', thread: '1.0' }, copy: true, ask: 'r1' }],
    );
    const links = new Map([
      ['C1 2.0', 'https://x.example/question'],
      ['C1 3.0', 'https://x.example/call'],
    ]);
    const shown = (who: typeof ana) => JSON.stringify(homeBlocks(boardFor(who, [run], groups), links));
    assert.match(shown(chloe), /: 1 tool call waits in the thread.*example\/call/);
    assert.doesNotMatch(shown(chloe), /question/);
    const [waitsForHer, startedByHer] = shown(ana).split('Started by you');
    assert.match(waitsForHer ?? '', /: 1 question waits in the thread.*example\/question/);
    assert.match(startedByHer ?? '', /1 tool call and 1 question wait in the thread/);
  });

  it('shows a question to those whom it is for', () => {
    const ask = (to: string) =>
      view(...carriedOut, [
        'questioned',
        { question: 'q1', asked: { what: 'ask-person', text: '?', to }, expiresAt },
      ]);
    const [mine, theirs] = [ask('requester'), ask('approvers')];
    assert.deepEqual(ids(boardFor(ana, [mine], groups).waiting), [mine.runId]);
    assert.deepEqual(ids(boardFor(ben, [mine], groups).waiting), []);
    assert.deepEqual(ids(boardFor(ben, [theirs], groups).waiting), [theirs.runId]);
    assert.match(
      JSON.stringify(homeBlocks(boardFor(ana, [mine], groups), new Map())),
      /1 question waits in the thread/,
    );
  });

  it('leaves what anyone may approve to its channel', () => {
    const open = { ...waits, policy: policyWith({ approvers: ['anyone'] }) };
    assert.equal(boardFor(chloe, [open], groups).waiting.length, 0);
  });

  it('is drawn within a view’s limits, and teaches where it is empty', () => {
    const many = Array.from({ length: 40 }, () => view(requested, posted));
    const full = homeBlocks(boardFor(chloe, many, groups), new Map());
    assert.ok(full.length <= 100, `${full.length} blocks`);
    const empty = JSON.stringify(homeBlocks({ waiting: [], started: [], recent: [] }, new Map()));
    assert.match(empty, /Nothing waits for you/);
    assert.match(empty, /Type `\/agent` and a goal/);
  });
});

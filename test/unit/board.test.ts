import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { boardFor, type RunView, viewOf } from '../../src/core/board.js';
import type { Checkpoint } from '../../src/core/run.js';
import { homeBlocks } from '../../src/slack/blocks/home.js';
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

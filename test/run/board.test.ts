import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ActionsBlock, Button } from '@slack/types';
import { viewProblems } from '../../sandbox/workspace/validation/views.js';
import { boardFor } from '../../src/run/board.js';
import type { RunEvent } from '../../src/run/event.js';
import { type RunView, viewOf } from '../../src/run/run-view.js';
import { homeBlocks } from '../../src/slack/messages/home/home.js';
import { decodeButton } from '../../src/slack/messages/kit/ids.js';
import { completed, ended, failed, gone } from '../support/ledger/end-events.js';
import type { Step } from '../support/ledger/events.js';
import {
  CALL,
  cardRef,
  eventsOf,
  PLAN,
  planned,
  reviewers as policy,
  posted,
  QUESTION,
  started,
  threadRef,
} from '../support/ledger/events.js';
import {
  asksCall,
  asksPlan,
  asksQuestion,
  decided,
  lapsed,
  voted,
} from '../support/ledger/request-events.js';
import { ana, ben, chloe, decision, policyWith } from '../support/samples.js';

let count = 0;

function view(...steps: Step[]): RunView {
  count += 1;
  const shift = (at: string) => new Date(Date.parse(at) + count * 60_000).toISOString();
  const events = eventsOf(`run${count}`, started(), ...steps);
  const run = viewOf(events.map((event) => ({ ...event, at: shift(event.at) })));
  assert.ok(run);
  return run;
}

const carriedOut = [asksPlan(), posted(), decided('approve')] as const;
const other = { ...CALL, request: 'request-9' };
const aReminder: RunEvent = { kind: 'reminded', data: { ...other, mentioned: [] } };

describe('where a run stands, by the ledger', () => {
  const tales: [string, Step[], RunView['state']][] = [
    ['working at first', [], 'working'],
    ['waiting once people are asked', [asksPlan(), posted()], 'waiting'],
    ['working again when changes are asked for', [asksPlan(), posted(), decided('changes')], 'working'],
    ['working again when it is edited', [asksPlan(), posted(), decided('edit')], 'working'],
    ['carried out when it is approved', [...carriedOut], 'executing'],
    ['over when it has ended', [...carriedOut, completed], 'completed'],
    ['gone when Temporal ended it', [asksPlan(), posted(), gone], 'gone'],
    [
      'carried out again when it is tried again after its approval',
      [...carriedOut, failed, started()],
      'executing',
    ],
    [
      'working when it is tried again before anybody approved it',
      [asksPlan(), posted(), decided('changes'), failed, started()],
      'working',
    ],
  ];
  for (const [why, steps, state] of tales) it(why, () => assert.equal(view(...steps).state, state));

  it('counts the approvals of the request that waits, without those that lapsed', () => {
    assert.equal(view(asksPlan(), posted(), voted(), voted(chloe)).votes.length, 2);
    assert.equal(view(asksPlan(), voted(), lapsed()).votes.length, 0);
    assert.equal(view(asksPlan(), voted(), decided('changes'), asksPlan()).votes.length, 0);
  });

  const escalated = (about: object, wider: typeof policy): RunEvent => ({
    kind: 'escalated',
    data: { request: 'request-1', item: 'plan', mentioned: [], policy: wider, ...about },
  });

  it('follows an escalation and an extension', () => {
    const wider = policyWith({ approvers: ['UCHLOE'] });
    const later = '2026-11-30T00:00:00.000Z';
    const extended: RunEvent = {
      kind: 'extended',
      data: { request: 'request-1', item: 'plan', decision: decision(), expiresAt: later },
    };
    const run = view(asksPlan(), escalated({}, wider), extended);
    assert.deepEqual(run.policy, wider);
    assert.equal(run.expiresAt, later);
  });

  it('waits while a tool call is asked about, until the first that expires, and is carried out afterwards', () => {
    const first = asksCall({ expiresAt: '2026-11-28T00:00:00.000Z' });
    const second = asksCall({ expiresAt: '2026-11-26T00:00:00.000Z' }, other.request);
    const waits = view(...carriedOut, first, second);
    assert.equal(waits.state, 'waiting');
    assert.equal(waits.expiresAt, '2026-11-26T00:00:00.000Z');
    assert.deepEqual(waits.card, cardRef);
    const one = view(...carriedOut, first, second, decided('approve', CALL));
    assert.deepEqual([one.state, one.open.map(({ request }) => request)], ['waiting', [other.request]]);
    const none = view(...carriedOut, first, decided('reject', CALL));
    assert.deepEqual([none.state, none.open, none.expiresAt], ['executing', [], undefined]);
  });

  it('waits while a question is open, and no longer than that', () => {
    assert.equal(view(...carriedOut, asksQuestion()).state, 'waiting');
    assert.equal(view(...carriedOut, asksQuestion(), decided('answer', QUESTION)).state, 'executing');
    const over = view(...carriedOut, asksQuestion(), ended({ state: 'cancelled' }));
    assert.deepEqual([over.state, over.open], ['cancelled', []]);
  });

  it('does not wait for what has expired, once anything came after it', () => {
    const early = { expiresAt: new Date(0).toISOString() };
    assert.equal(view(...carriedOut, asksCall(early), voted()).state, 'executing');
  });

  it('takes a decision that came in time and is on record after the expiry', () => {
    const early = { expiresAt: new Date(0).toISOString() };
    const vote = decision({ by: ben });
    const approved = decided({ kind: 'approve', decision: vote, votes: [vote] });
    for (const between of [[voted()], [voted(), aReminder]]) {
      const run = view(asksPlan(early), posted(), ...between, approved);
      assert.deepEqual([run.state, run.votes.length, run.approved], ['executing', 1, true]);
    }
    const expiresAt = '2026-11-30T00:00:00.000Z';
    const extended: RunEvent = { kind: 'extended', data: { ...PLAN, decision: vote, expiresAt } };
    assert.equal(view(asksPlan(early), extended).state, 'waiting');
  });

  it('keeps the votes on a tool call apart from those on the plan', () => {
    const plansVotes = { kind: 'approve' as const, decision: decision({ by: ben }) };
    const approved = decided({ ...plansVotes, votes: [plansVotes.decision] });
    const run = view(asksPlan(), posted(), voted(), approved, asksCall(), voted(ben, CALL));
    assert.equal(run.votes.length, 1);
    assert.deepEqual(run.open[0]?.votes, [decision({ by: ben, request: CALL.request })]);
    assert.deepEqual(view(...carriedOut, asksCall(), voted(ben, CALL), lapsed(ben, CALL)).open[0]?.votes, []);
  });

  it('follows the escalation of a tool call without changing the plan’s policy', () => {
    const wider = policyWith({ approvers: ['UCHLOE'] });
    const run = view(...carriedOut, asksCall(), escalated(CALL, wider));
    assert.deepEqual([run.open[0]?.policy, run.policy], [wider, policy]);
  });

  it('keeps the run’s card where a tool call’s message is put on record', () => {
    const run = view(...carriedOut, asksCall(), posted(threadRef, CALL));
    assert.deepEqual([run.card?.ts, run.state, run.open[0]?.message], ['1.0', 'waiting', threadRef]);
  });

  it('takes a message that names the plan’s item for the card, also once the plan is decided', () => {
    const run = view(asksPlan(), decided('approve'), posted(cardRef, { request: 'request-1', item: 'plan' }));
    assert.deepEqual([run.card, run.state], [cardRef, 'executing']);
  });

  it('waits again when a run that is tried again asks, without a second approval of its plan', () => {
    const again = view(...carriedOut, asksCall(), failed, started(), asksCall({}, other.request));
    assert.deepEqual([again.state, again.open.map(({ request }) => request)], ['waiting', [other.request]]);
  });

  it('knows nothing without a beginning', () => assert.equal(viewOf(eventsOf('x', asksPlan())), undefined));
});

describe('a person’s board', () => {
  const groups = { SREVIEW: ['UBEN', 'UCHLOE', 'UANA'] };
  const waits = view(asksPlan(), posted());
  const halfway = view(asksPlan(), posted(), voted());
  const done = view(...carriedOut, completed);
  const runs = [waits, halfway, done];
  const ids = (views: RunView[]) => views.map(({ shortId }) => shortId);

  it('shows what waits for them, until they have approved', () => {
    assert.deepEqual(ids(boardFor(chloe, runs, groups).waiting).toSorted(), ids([halfway, waits]).toSorted());
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

  it('shows a tool call that waits to those who may approve it and haven’t', () => {
    const run = view(...carriedOut, asksCall(), voted(ben, CALL));
    assert.deepEqual(ids(boardFor(chloe, [run], groups).waiting), [run.shortId]);
    assert.deepEqual(ids(boardFor(ben, [run], groups).waiting), []);
    assert.deepEqual(ids(boardFor(ana, [run], groups).waiting), [], 'four eyes');
    const links = new Map([['C1 1.0', 'https://x.example/card']]);
    const shown = JSON.stringify(homeBlocks(boardFor(chloe, [run], groups), links));
    assert.match(shown, /1 action for you/);
    assert.ok(shown.includes('"url":"https://x.example/card"'), 'with the link to the card');
  });

  it('counts what waits for a person only, and leads to its message', () => {
    const call = { ...threadRef, ts: '3.0' };
    const run = view(
      ...[...carriedOut, asksQuestion(), asksCall()],
      ...[posted(threadRef, QUESTION), posted(call, CALL)],
    );
    const links = new Map([
      ['C1 2.0', 'https://x.example/question'],
      ['C1 3.0', 'https://x.example/call'],
    ]);
    const shown = (who: typeof ana) => JSON.stringify(homeBlocks(boardFor(who, [run], groups), links));
    assert.match(shown(chloe), /: 1 action for you.*example\/call/);
    assert.doesNotMatch(shown(chloe), /question/);
    const [waitsForHer, startedByHer] = shown(ana).split('Started by you');
    assert.match(waitsForHer ?? '', /: 1 question for you.*example\/question/);
    assert.ok(!startedByHer?.includes(run.shortId), 'nothing stands there twice');
  });

  it('shows a question to those whom it is for', () => {
    const [mine, theirs] = [
      view(...carriedOut, asksQuestion()),
      view(...carriedOut, asksQuestion({ policy })),
    ];
    assert.deepEqual(ids(boardFor(ana, [mine], groups).waiting), [mine.shortId]);
    assert.deepEqual(ids(boardFor(ben, [mine], groups).waiting), []);
    assert.deepEqual(ids(boardFor(ben, [theirs], groups).waiting), [theirs.shortId]);
    assert.match(JSON.stringify(homeBlocks(boardFor(ana, [mine], groups), new Map())), /1 question for you/);
  });

  it('shows the soonest expiry first among what waits for them', () => {
    const at = (day: number) => view(asksPlan({ expiresAt: `2026-11-${day}T00:00:00.000Z` }), posted());
    const [late, soon, later] = [at(28), at(26), at(29)];
    assert.deepEqual(ids(boardFor(chloe, [late, soon, later], groups).waiting), ids([soon, late, later]));
  });

  it('offers Approve in the row of a plan, of exactly that revision, with its steps and after a confirmation', () => {
    const run = view(planned(), asksPlan(), posted());
    const links = new Map([['C1 1.0', 'https://x.example/card']]);
    const blocks = homeBlocks(boardFor(chloe, [run], groups), links);
    const row = blocks.find(
      (block) => block.type === 'actions' && block.block_id === `waiting ${run.shortId}`,
    );
    assert.deepEqual(
      (row as ActionsBlock).elements.map((element) => 'text' in element && element.text?.text),
      ['Approve', 'Open the card', 'Details'],
    );
    const [approve] = (row as ActionsBlock).elements as Button[];
    const value = decodeButton(approve?.value);
    assert.deepEqual(value, {
      ...{ run: run.shortId, request: 'request-1', revision: 1 },
      items: [{ id: 'plan', digest: 'd'.repeat(64) }],
    });
    assert.match(
      approve?.confirm?.text.text ?? '',
      /^“Release notes for 2\.4”, revision 1\. The whole plan is on its card\.$/,
    );
    const drawn = JSON.stringify(blocks);
    assert.match(drawn, /1\. Collect the changes\\n2\. Write the notes/);
    assert.match(drawn, /Decide by <!date.* · 0 of 2 approvals so far · asked by <@UANA>/);
  });

  it('offers no Approve for an action: its input stands in its message', () => {
    const run = view(...carriedOut, asksCall(), posted(threadRef, CALL));
    const links = new Map([['C1 2.0', 'https://x.example/call']]);
    const drawn = JSON.stringify(homeBlocks(boardFor(chloe, [run], groups), links));
    assert.doesNotMatch(drawn, /"text":"Approve"/);
    assert.match(drawn, /"text":"Open to decide"/);
  });

  it('shows schedules with their buttons, and says which runs they started', () => {
    const run = view(...carriedOut);
    const scheduled = viewOf(eventsOf('daily234-abcdef', started({ schedule: 'daily234' }))) as RunView;
    const schedule = {
      ...{
        id: 'daily234',
        goal: 'the goal',
        requester: ana,
        channel: 'C1',
        paused: false,
        next: [new Date('2026-11-25T09:00:00.000Z')],
      },
      ...{ cron: '0 9 * * *', timeZone: 'UTC', words: 'At 09:00, every day' },
    };
    const board = boardFor(ana, [run, scheduled], groups);
    const drawn = JSON.stringify(homeBlocks(board, new Map(), Array(6).fill(schedule)));
    assert.match(
      drawn,
      /"Schedules \(6\)".*At 09:00, every day.*"Pause".*"Run now".*"Delete".*2 more: `\/agent schedules`/,
    );
    assert.match(drawn, /asked by <@UANA> · from a schedule · run `daily234-abcdef`/);
    assert.doesNotMatch(JSON.stringify(homeBlocks(board, new Map())), /Schedules/, 'nobody knows them');
  });

  it('leaves what anyone may approve to its channel', () => {
    const open = view(asksPlan({ policy: policyWith({ approvers: ['anyone'] }) }), posted());
    assert.equal(boardFor(chloe, [open], groups).waiting.length, 0);
  });

  it('is drawn within a view’s limits, and teaches where it is empty', () => {
    const mine = { requester: chloe };
    const many = Array.from({ length: 40 }, (_, at) => {
      return at % 2 ? view(planned(), asksPlan(), posted()) : view(...carriedOut, completed);
    });
    const own = Array.from({ length: 20 }, (_, at) => viewOf(eventsOf(`own${at}`, started(mine))) as RunView);
    const schedule = {
      ...{ id: 'daily234', goal: 'the goal', requester: ana, channel: 'C1', paused: false, next: [] },
      ...{ cron: '0 9 * * *', timeZone: 'UTC', words: 'At 09:00, every day' },
    };
    const full = homeBlocks(boardFor(chloe, [...many, ...own], groups), new Map(), Array(9).fill(schedule));
    assert.ok(full.length > 80 && full.length <= 100, `${full.length} blocks`);
    assert.deepEqual(viewProblems({ type: 'home', blocks: full }, 'home'), []);
    const empty = JSON.stringify(homeBlocks({ waiting: [], started: [], recent: [] }, new Map()));
    assert.match(empty, /Nothing waits for you/);
    assert.match(empty, /Type `\/agent` and a goal/);
  });
});

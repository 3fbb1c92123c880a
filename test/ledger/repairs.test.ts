import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Outcome } from '../../src/approval/request.js';
import type { Ledger } from '../../src/ledger/index.js';
import { type Execution, endFor, isOver } from '../../src/ledger/reconcile/end-on-record.js';
import { createReconciler } from '../../src/ledger/reconcile/reconcile.js';
import { type Repair, repairsOf } from '../../src/ledger/reconcile/repairs.js';
import { RemoteError } from '../../src/platform/errors.js';
import { createLog } from '../../src/platform/log.js';
import type { EventData, ItemRef, RunEvent } from '../../src/run/event.js';
import type { RequestItem } from '../../src/run/request.js';
import type { ExecutionEnd } from '../../src/run/summary.js';
import { readingOf } from '../../src/run/thread.js';
import { requestMessage } from '../../src/slack/messages/request/request-message.js';
import { ended, failed, gone } from '../support/ledger/end-events.js';
import {
  CALL,
  cardRef,
  eventsOf,
  PLAN,
  planned,
  posted,
  QUESTION,
  type Step,
  started,
  threadRef,
} from '../support/ledger/events.js';
import { ledgerForTests } from '../support/ledger/ledger-for-tests.js';
import { asksCall, asksPlan, asksQuestion, decided, voted } from '../support/ledger/request-events.js';
import { toolCall, toolMessage } from '../support/requests.js';
import { ben, decision, threadWith, verdict } from '../support/samples.js';
import { buttonsOf } from '../support/slack/people.js';

const notice = { channel: 'DBEN', ts: '3.0' };
const notified = (about: ItemRef): RunEvent => ({ kind: 'notified', data: { ...about, messages: [notice] } });
/** Its fourth and fifth events are about messages. */
const waits: Step[] = [started(), planned(), asksPlan(), posted(), notified(PLAN)];
const votes = [decision({ by: ben })];
const approved = decided({ kind: 'approve', decision: decision({ by: ben }), votes });

/** The state that a message shows at the end. */
function shown(repair: Repair): string {
  switch (repair.kind) {
    case 'card':
      return `card ${repair.ref.ts}: ${repair.message.state.kind}`;
    case 'thread':
      return `thread ${repair.ref.ts}: ${repair.message.item.outcome?.kind}`;
    case 'notices': {
      const { message, notices, at } = repair;
      const state = 'state' in message ? message.state.kind : message.item.outcome?.kind;
      return `notices ${notices.length} at ${at.ts}: ${state}`;
    }
    case 'nothing':
      return 'nothing';
  }
}
const after = (...steps: Step[]) => repairsOf(eventsOf('abcd2345', ...steps)).map(shown);

describe('the repairs of a run that was ended from outside', () => {
  const plansOwn = ['card 1.0: gone', 'notices 1 at 1.0: executing'];
  const vote = decision({ by: ben });
  const answer = decision({ kind: 'answer', by: ben, note: '2.4' });
  const other = { ...CALL, request: 'request-9' };
  const closings: [why: string, asks: RunEvent, about: ItemRef, outcome?: Outcome, closed?: ItemRef][] = [
    ['that nobody decided about', asksCall(), CALL],
    ['that was approved just before', asksCall(), CALL, { kind: 'approve', decision: vote, votes }],
    ['that was rejected just before', asksCall(), CALL, { kind: 'reject', decision: vote, votes: [] }],
    ['that expired', asksCall(), CALL, { kind: 'expired', at: '2026-11-24T10:00:00.000Z' }],
    ['another one', asksCall(), CALL, { kind: 'approve', decision: vote, votes }, other],
    ['nobody answered', asksQuestion(), QUESTION],
    ['that was answered', asksQuestion(), QUESTION, { kind: 'answer', decision: answer, votes: [] }],
    ['too late', asksQuestion(), QUESTION, { kind: 'expired', at: '2026-11-24T10:00:00.000Z' }],
  ];
  for (const [why, asks, about, outcome, closed = about] of closings) {
    const state = closed === about ? (outcome?.kind ?? 'withdrawn') : 'withdrawn';
    it(`a ${about === CALL ? 'tool call' : 'question'} (${why}) is shown as ${state}`, () => {
      const closing = outcome ? [decided(outcome, closed)] : [];
      const repairs = after(...waits, approved, asks, posted(threadRef, about), ...closing, gone);
      assert.deepEqual(repairs, [...plansOwn, `thread 2.0: ${state}`]);
    });
  }

  it('a tool call is drawn with its arguments, and with the votes until then', () => {
    const events = eventsOf(
      'abcd2345',
      ...[...waits, approved, asksCall(), posted(threadRef, CALL), voted(ben, CALL), gone],
    );
    const repair = repairsOf(events).find(({ kind }) => kind === 'thread');
    assert.ok(repair?.kind === 'thread');
    const { item, request } = repair.message;
    assert.deepEqual(item.subject, { kind: 'tool-call', call: toolCall() });
    assert.deepEqual([request, item.outcome, item.votes.length], [CALL.request, { kind: 'withdrawn' }, 1]);
    const { text, blocks } = requestMessage(repair.message);
    assert.deepEqual(buttonsOf({ blocks } as never), [], 'it has no buttons any more');
    assert.equal(text, 'Not run: Write file: “notes.md”');
  });

  it('several calls in one message are drawn together, each with its own end', () => {
    const other: RequestItem = { ...toolMessage().item, id: '2' };
    const asked = asksCall();
    assert.ok(asked.kind === 'requested');
    const asks: RunEvent = {
      kind: 'requested',
      data: { ...asked.data, items: [...asked.data.items, other] },
    };
    const place: RunEvent = { kind: 'posted', data: { ...CALL, also: ['2'], message: threadRef } };
    const outcome = verdict({ kind: 'reject' });
    const events = eventsOf('abcd2345', ...[...waits, approved, asks, place, decided(outcome, CALL), gone]);
    const repair = repairsOf(events).find(({ kind }) => kind === 'thread');
    assert.ok(repair?.kind === 'thread');
    const ends = repair.message.items?.map(({ id, outcome: end }) => [id, end?.kind]);
    assert.deepEqual(ends, [
      ['1', 'reject'],
      ['2', 'withdrawn'],
    ]);
  });

  it('direct messages say the end of what they were about', () => {
    assert.deepEqual(after(...waits, gone), ['card 1.0: gone', 'notices 1 at 1.0: gone']);
    assert.deepEqual(after(...waits, approved, asksCall(), posted(threadRef, CALL), notified(CALL), gone), [
      ...plansOwn,
      'thread 2.0: withdrawn',
      'notices 1 at 2.0: withdrawn',
    ]);
  });

  it('the card still says what was read of the thread', () => {
    const read: RunEvent = { kind: 'read', data: readingOf(threadWith()) };
    const [card] = repairsOf(eventsOf('abcd2345', started(), read, planned(), asksPlan(), posted(), gone));
    assert.deepEqual(card?.kind === 'card' && card.message.read, read.data);
  });

  it('the card still says that the web could not be searched', () => {
    const usage = { inputTokens: 1, outputTokens: 1 };
    const data = { summary: '', sources: [], unsearched: 'not enabled', usage };
    const searched: RunEvent = { kind: 'searched', data };
    const [card] = repairsOf(
      eventsOf('abcd2345', started(), searched, planned(), asksPlan(), posted(), gone),
    );
    assert.equal(card?.kind === 'card' && card.message.unsearched, 'not enabled');
  });

  it('messages about an earlier plan are left as they are', () => {
    assert.deepEqual(after(...waits, planned(), gone), []);
  });

  it('a message that was repaired is left as it is', () => {
    const repaired = (key: string): Step => [
      { kind: 'repaired', data: { messages: [], state: 'gone' } },
      `repaired/${key}`,
    ];
    assert.deepEqual(after(...waits, gone, repaired('4'), repaired('5')), []);
  });

  it('the card of a run that was tried again is, too', () => {
    assert.deepEqual(after(...waits, approved, failed, started(), gone), plansOwn);
  });

  it('a run that ended by itself has none, but for a card that it could not show', () => {
    assert.deepEqual(after(...waits, ended()), []);
    const unshown: RunEvent = {
      kind: 'unshown',
      data: { message: cardRef, state: { kind: 'expired', at: '' }, revision: 1 },
    };
    assert.deepEqual(after(...waits, unshown, ended()), ['card 1.0: expired']);
  });

  it('is only settled where the ledger knows too little of it', () => {
    assert.deepEqual(after(posted(), gone), []);
    assert.deepEqual(after(...waits, posted(threadRef, CALL), gone).at(-1), 'nothing');
  });
});

describe('the end that is written for a run', () => {
  const run = { shortId: 'abcd2345', sequence: 4 };
  const execution = (status: string): Execution => ({
    executionId: 'execution-1',
    status,
    closedAt: new Date('2026-11-24T11:00:00.000Z'),
  });
  const failure = { step: 'plan' as const, code: 'Refused', message: 'No.' };
  type Ending = [status: string, end: ExecutionEnd, key: string, data: EventData['ended']];
  const ends: Ending[] = [
    ...(['terminated', 'timed-out', 'failed'] as const).map(
      (why): Ending => [
        why.toUpperCase().replace('-', '_'),
        { kind: 'gone', reason: 'the server said so' },
        'gone/execution-1',
        { state: 'gone', why },
      ],
    ),
    ['FAILED', { kind: 'failed', failure }, 'end/execution-1', { state: 'failed', failure }],
    [
      'COMPLETED',
      { kind: 'outcome', outcome: { state: 'expired' } },
      'end/execution-1',
      { state: 'expired' },
    ],
  ];
  for (const [status, end, key, data] of ends) {
    it(`says how Temporal has it: ${status}, ${end.kind}`, async () => {
      const entry = await endFor({ end: async () => end }, execution(status), run);
      const at = '2026-11-24T11:00:00.000Z';
      assert.deepEqual(entry, { shortId: 'abcd2345', kind: 'ended', at, key, data });
    });
  }

  it('says that Temporal doesn’t know it', async () => {
    const { key, data } = await endFor({ end: () => Promise.reject(new Error('unused')) }, undefined, run);
    assert.deepEqual([key, data], ['gone/after-4', { state: 'gone', why: 'unknown' }]);
  });

  it('is none of a run that goes on, or was paused', () => {
    for (const status of ['RUNNING', 'CONTINUED_AS_NEW', 'PAUSED'])
      assert.equal(isOver(execution(status)), false);
    for (const [status] of ends) assert.equal(isOver(execution(status)), true);
    assert.equal(isOver(undefined), true);
  });
});

describe('a message that could not show the end of its run', () => {
  let ledger: Ledger;
  ledgerForTests((own) => {
    ledger = own;
  });
  const unshown: RunEvent = {
    kind: 'unshown',
    data: { message: cardRef, state: { kind: 'expired', at: '' }, revision: 1 },
  };

  for (const code of ['message_not_found', 'cant_update_message']) {
    it(`is left alone once somebody has deleted it: ${code}`, async () => {
      const shortId = code.replaceAll('_', '');
      const now = Date.now() - 60_000;
      const steps = eventsOf(shortId, ...waits, unshown, ended());
      await ledger.append(
        steps.map((event, index) => ({ ...event, at: new Date(now + index * 1_000).toISOString() })),
      );
      let updates = 0;
      const updateCard = () => {
        updates += 1;
        return Promise.reject(new RemoteError(code, `Slack refused chat.update: ${code}`));
      };
      const unused = () => Promise.reject(new Error('unused'));
      const reconciler = createReconciler({
        ledger,
        runs: {
          running: async () => new Set<string>(),
          describe: async () => undefined,
          end: unused,
          reportLostCard: unused,
        },
        messenger: {
          ...{ updateCard, updateInThread: unused, updateNotices: unused },
          ...{ tellRequester: unused, findCardLoss: unused },
        },
        log: createLog('silent'),
      });
      reconciler.start();
      while (!(await ledger.read(shortId)).some(({ kind }) => kind === 'repaired')) await delay(10);
      reconciler.start();
      await reconciler.stop();
      assert.equal(updates, 1);
      const repaired = (await ledger.read(shortId)).flatMap((entry) =>
        entry.kind === 'repaired' ? entry.data.messages : [],
      );
      assert.deepEqual(repaired, []);
    });
  }
});

describe('a message that asks people and was deleted', () => {
  let ledger: Ledger;
  ledgerForTests((own) => {
    ledger = own;
  });

  it('is reported to its run again where Temporal was away at first', async () => {
    const shortId = 'abcd2347';
    const now = Date.now() - 60_000;
    const steps = eventsOf(shortId, ...waits);
    await ledger.append(
      steps.map((event, index) => ({ ...event, at: new Date(now + index * 1_000).toISOString() })),
    );
    const unused = () => Promise.reject(new Error('unused'));
    const reports: string[] = [];
    const reconciler = createReconciler({
      ledger,
      runs: {
        running: async () => new Set([shortId]),
        describe: async () => undefined,
        end: unused,
        reportLostCard: async (_, { ts }, reason) => {
          reports.push(`${ts} ${reason}`);
          if (reports.length === 1) throw new Error('Temporal did not answer in time');
          return true;
        },
      },
      messenger: {
        updateCard: unused,
        updateInThread: unused,
        updateNotices: unused,
        tellRequester: unused,
        findCardLoss: async () => 'deleted',
      },
      log: createLog('silent'),
    });
    reconciler.start();
    for (let round = 0; round < 3; round += 1) {
      await delay(50);
      reconciler.lookAt(cardRef.channel);
    }
    await delay(50);
    await reconciler.stop();
    assert.deepEqual(reports, Array(2).fill(`${cardRef.ts} deleted`));
  });

  it('does not hold up a stop while Slack gives no answer about it', async () => {
    const shortId = 'abcd2348';
    const now = Date.now() - 60_000;
    await ledger.append(
      eventsOf(shortId, ...waits).map((event, index) => {
        return { ...event, at: new Date(now + index * 1_000).toISOString() };
      }),
    );
    const never = () => new Promise<never>(() => {});
    let asked = 0;
    const reconciler = createReconciler({
      ledger,
      runs: {
        running: async () => new Set([shortId, 'abcd2347']),
        describe: never,
        end: never,
        reportLostCard: never,
      },
      messenger: {
        updateCard: never,
        updateInThread: never,
        updateNotices: never,
        tellRequester: never,
        findCardLoss: () => {
          asked += 1;
          return never();
        },
      },
      log: createLog('silent'),
    });
    reconciler.start();
    while (asked === 0) await delay(10);
    const stopped = await Promise.race([reconciler.stop().then(() => true), delay(4_000, false)]);
    assert.ok(stopped);
  });
});

import type { Board } from '../../../src/run/board.js';
import type { EventKind, RunEvent } from '../../../src/run/event.js';
import { type RunView, viewOf } from '../../../src/run/run-view.js';
import { detailsModal } from '../../../src/slack/messages/details/details-modal.js';
import { homeBlocks, linkKey, messageOf } from '../../../src/slack/messages/home/home.js';
import { completed, ended, failed } from '../ledger/end-events.js';
import { CALL, cardRef, eventsOf, planned, posted, started, threadRef } from '../ledger/events.js';
import { asksCall, asksPlan, asksQuestion, decided, lapsed, voted } from '../ledger/request-events.js';
import { toolCall } from '../requests.js';
import { ben, decision, policyWith, verdict } from '../samples.js';
import { confirmations, form, type Surface } from './sample.js';
import { SCHEDULE } from './schedules.js';

const ref = { request: 'request-1', item: 'plan' };
const { input: _, ...call } = toolCall();
const usage = { inputTokens: 4_000, outputTokens: 800, costUsd: 0.02 };
const budget = { turns: 50, toolCalls: 100, tokens: 1_000_000, costUsd: 20, timeMs: 3_600_000 };

/** Events of each kind, as Details shows them. */
const EVENTS: Record<EventKind, RunEvent[]> = {
  started: [started({ goal: 'Draft the release notes' })],
  read: [
    {
      kind: 'read',
      data: { messages: 3, older: 0, files: [{ name: 'prices.csv' }], unread: [], digest: 'a1b2'.repeat(16) },
    },
  ],
  searched: [{ kind: 'searched', data: { summary: '', sources: [], usage } }],
  planned: [planned({ usage })],
  requested: [asksPlan(), asksCall(), asksQuestion()],
  posted: [posted()],
  voted: [voted()],
  lapsed: [lapsed()],
  extended: [
    {
      kind: 'extended',
      data: {
        ...ref,
        decision: decision({ kind: 'extend', by: ben }),
        expiresAt: '2026-11-30T10:00:00.000Z',
      },
    },
  ],
  reminded: [{ kind: 'reminded', data: { ...ref, mentioned: ['UBEN'] } }],
  escalated: [{ kind: 'escalated', data: { ...ref, mentioned: ['SREVIEW'], policy: policyWith({}) } }],
  notified: [{ kind: 'notified', data: { ...ref, messages: [cardRef] } }],
  decided: [decided(verdict({ by: ben }, [decision({ by: ben })])), decided('reject', CALL)],
  refused: [
    { kind: 'refused', data: { by: ben, reason: 'cannot-cancel' } },
    { kind: 'refused', data: { by: ben, reason: 'cannot-retry' } },
    { kind: 'refused', data: { by: ben, reason: 'cannot-see-details' } },
    { kind: 'refused', data: { by: ben, reason: 'other-message' } },
    { kind: 'refused', data: { reason: 'malformed', times: 10 } },
    { kind: 'refused', data: { decision: decision({ by: ben }), refusal: { reason: 'four-eyes' } } },
  ],
  turned: [
    { kind: 'turned', data: { turn: 1, text: 'I read the list.', calls: ['todo__list_todos'], usage } },
  ],
  'tool-called': (
    ['done', 'failed', 'denied', 'rejected', 'expired', 'lost', 'happened', 'cancelled'] as const
  ).map((outcome) => ({ kind: 'tool-called' as const, data: { call, outcome, text: 'Added.' } })),
  granted: [{ kind: 'granted', data: { part: 'costUsd', budget, by: ben } }],
  executed: [{ kind: 'executed', data: { text: 'It is done.' } }],
  continued: [{ kind: 'continued', data: {} }],
  ended: [ended(), failed, ended({ state: 'gone', why: 'terminated' }), completed],
  unshown: [{ kind: 'unshown', data: { message: cardRef, state: { kind: 'retried' } } }],
  repaired: [{ kind: 'repaired', data: { messages: [cardRef], state: 'done' } }],
};

const begun = [started({ goal: 'Draft the release notes' }), planned(), asksPlan(), posted()];
const approved = [...begun, voted(), decided('approve')];

function view(shortId: string, ...events: RunEvent[]): RunView {
  const found = viewOf(eventsOf(shortId, ...events));
  if (!found) throw new Error('The sample has no beginning');
  return found;
}

const board: Board = {
  waiting: [view('plan2345', ...begun), view('call2345', ...approved, asksCall(), posted(threadRef, CALL))],
  started: [
    view('work2345', started({ goal: 'Compare three databases' })),
    view('exec2345', ...approved),
    view('fail2345', ...approved, failed),
    view('over2345', ...approved, completed),
  ],
  recent: [
    view('expd2345', ...begun, ended()),
    view(
      'rjct2345',
      ...begun,
      decided('reject'),
      ended({ state: 'rejected', decision: decision({ kind: 'reject' }) }),
    ),
    view('stop2345', ...begun, ended({ state: 'cancelled' })),
    view('gone2345', ...begun, ended({ state: 'gone', why: 'unknown' })),
  ],
};
const links = new Map(
  Object.values(board)
    .flat()
    .flatMap((run: RunView) => {
      const at = messageOf(run);
      return at ? [[linkKey(at), 'https://slack.example/p1'] as const] : [];
    }),
);

export const HOME: Surface = {
  title: 'Home and Details',
  samples: [
    { name: 'Home', blocks: homeBlocks(board, links) },
    { name: 'Home, with schedules', blocks: homeBlocks(board, links, [SCHEDULE]) },
    ...confirmations(homeBlocks(board, links)),
    { name: 'Home, empty', blocks: homeBlocks({ waiting: [], started: [], recent: [] }, new Map()) },
    form(
      'Details, with every kind of event',
      detailsModal('abcd2345', eventsOf('abcd2345', ...Object.values(EVENTS).flat()), {
        head: { sequence: 40, hash: 'a1b2c3d4'.repeat(8) },
        kept: { sequence: 40, hash: 'a1b2c3d4'.repeat(8) },
      }),
    ),
  ],
};

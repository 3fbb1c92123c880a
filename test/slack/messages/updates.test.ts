import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KnownBlock } from '@slack/types';
import { losesRichText } from '../../../sandbox/workspace/validation/blocks.js';
import type { Decision } from '../../../src/approval/decision.js';
import type { CardState } from '../../../src/run/card.js';
import type { RunEvent } from '../../../src/run/event.js';
import type { DecisionMessage } from '../../../src/run/message.js';
import { detailsModal } from '../../../src/slack/messages/details/details-modal.js';
import { noticeMessage } from '../../../src/slack/messages/notices/notice.js';
import { cardMessage } from '../../../src/slack/messages/plan/card.js';
import { progressMessage } from '../../../src/slack/messages/progress/progress.js';
import { requestMessage } from '../../../src/slack/messages/request/request-message.js';
import { resultPages } from '../../../src/slack/messages/result/result.js';
import { cardWith, progressCard, waiting } from '../../support/cards.js';
import { QUESTION, questionMessage, toolMessage } from '../../support/requests.js';
import { ana, ben, chloe, decision, plan, policyWith, verdict } from '../../support/samples.js';

const at = '2026-11-24T10:00:00.000Z';
const noted = decision({ note: 'mind the dates' });
const votes = [noted, decision({ by: ben, note: 'fine' })];
const many = Array.from({ length: 7 }, (_, index) =>
  decision({ by: { team: 'T1', user: `U${index}` }, note: 'yes' }),
);
const failure = { step: 'execution', code: 'X', message: 'out of order' } as const;
const result = { channel: 'C1', ts: '2.0' };
const policy = policyWith({ approvers: ['anyone'], approvals: 3 });

/** The states of a card while its plan waits. */
const WAITING = [
  waiting(),
  waiting({ policy, votes: [noted] }),
  waiting({ policy, votes }),
  waiting({ policy, votes, expiresAt: '2026-12-24T10:00:00.000Z' }),
  waiting({}, { unreachable: { channel: 'C1', reason: 'is_archived' } }),
];
const gone = (all?: Decision[]): CardState => ({
  kind: 'gone',
  at,
  why: 'terminated',
  ...(all && { votes: all }),
});

/** The states that a card may show after another one. */
function nextStates(state: CardState): CardState[] {
  switch (state.kind) {
    case 'waiting':
      return [
        ...WAITING,
        gone(),
        ...[votes, many].map((all): CardState => ({ kind: 'executing', votes: all })),
        { kind: 'rejected', decision: noted },
        { kind: 'changed', decision: noted },
        { kind: 'expired', at },
        { kind: 'cancelled', at, by: ana, votes: [], why: 'Nobody may approve it.' },
        { kind: 'failed', failure, executionId: 'a', votes: [] },
      ];
    case 'executing':
      return [
        gone(state.votes),
        { kind: 'completed', votes: state.votes, result },
        { kind: 'cancelled', at, by: ana, votes: state.votes, why: 'The budget is spent.', done: ['write'] },
        { kind: 'failed', failure, executionId: 'a', votes: state.votes },
      ];
    case 'failed':
      return [gone(state.votes), { kind: 'retried', by: ana }, { kind: 'executing', votes: state.votes }];
    default:
      return [];
  }
}

const draw = (state: CardState, own: Parameters<typeof cardWith>[1] = {}) =>
  cardMessage(cardWith(state, own)).blocks;
const ids = (blocks: KnownBlock[]) =>
  Object.fromEntries(
    blocks.flatMap(({ block_id, type }) => (block_id === undefined ? [] : [[block_id, type]])),
  );

/** Checks that Slack takes the update of a message, and that a block keeps its kind. */
function assertKept(before: KnownBlock[], after: KnownBlock[], what: string): void {
  assert.ok(!losesRichText(before, after), `block_mismatch: ${what}`);
  const types = ids(after);
  for (const [id, type] of Object.entries(ids(before)))
    assert.equal(types[id] ?? type, type, `${id}: ${what}`);
}

describe('the update of a message', () => {
  it('keeps the kinds of a card’s blocks, from each state to the next', () => {
    const seen = new Set<string>();
    const walk = (state: CardState) => {
      for (const next of nextStates(state)) {
        const step = `${JSON.stringify(state)} → ${JSON.stringify(next)}`;
        if (seen.has(step)) continue;
        seen.add(step);
        assertKept(draw(state), draw(next), step);
        walk(next);
      }
    };
    walk(waiting());
    assert.ok(seen.size > 40, String(seen.size));
  });

  it('leaves the note and the buttons of a waiting card what and where they are for Slack', () => {
    const [first = waiting(), ...later] = WAITING;
    for (const state of later) {
      assert.deepEqual(ids(draw(state)), ids(draw(first)));
      const inputs = (blocks: KnownBlock[]) => blocks.filter(({ type }) => type === 'input');
      assert.equal(inputs(draw(state)).length, 1);
    }
    const call = (own = {}) => requestMessage(toolMessage({ policy, ...own })).blocks;
    assert.deepEqual(ids(call({ votes })), ids(call()));
  });

  it('shows the buttons of a long card without a block of another kind in the place of rich text', () => {
    const steps = [{ title: 'Read', detail: 'word '.repeat(8_000) }];
    const card = cardWith(waiting(), { planned: { plan: { ...plan, steps }, revision: 1, digest: 'd' } });
    assertKept(cardMessage(card, { isCut: true }).blocks, cardMessage(card).blocks, 'a long card');
  });

  const decided = [
    verdict({ note: 'yes' }, votes),
    verdict({ note: 'yes' }, many),
    verdict({ kind: 'reject', note: 'no' }),
    { kind: 'expired', at } as const,
    { kind: 'withdrawn' } as const,
  ];

  it('keeps the kinds of blocks when a tool call or a question ends', () => {
    for (const outcome of decided) {
      for (const draw_ of [
        (own: object) => requestMessage(toolMessage({ policy, ...own })).blocks,
        (own: object) => requestMessage(questionMessage(own)).blocks,
        (own: object) =>
          requestMessage(
            questionMessage({
              subject: { ...QUESTION, text: 'Which? '.repeat(900) },
              choices: [{ id: '1', label: 'x'.repeat(100) }],
              ...own,
            }),
          ).blocks,
      ])
        assertKept(draw_({}), draw_({ outcome }), JSON.stringify(outcome));
    }
  });

  it('keeps the kinds of blocks in a direct message about an item', () => {
    const drawn = (message: DecisionMessage, hasApproved = false, link?: string) =>
      noticeMessage(message, { channel: 'C1', link, hasApproved }).blocks;
    for (const link of [undefined, 'https://acme.slack.com/archives/C1/p1']) {
      for (const next of [...nextStates(waiting()), ...nextStates({ kind: 'executing', votes })]) {
        const card = cardWith(next);
        assertKept(drawn(cardWith(waiting({ policy })), false, link), drawn(card), JSON.stringify(next));
        assertKept(drawn(cardWith(waiting({ policy })), true, link), drawn(card), JSON.stringify(next));
      }
      for (const outcome of decided)
        assertKept(
          drawn(toolMessage(), false, link),
          drawn(toolMessage({ outcome })),
          JSON.stringify(outcome),
        );
    }
  });

  it('keeps the kinds of the progress’s blocks', () => {
    const steps = Array.from({ length: 60 }, (_, step) => ({
      ...{ title: `Step ${step}`, status: 'pending' as const, calls: [], note: '' },
    }));
    const drawn = (own: Parameters<typeof progressCard>[0]) => progressMessage(progressCard(own)).blocks;
    assertKept(drawn({ steps }), drawn({ steps, state: 'done' }), 'progress');
    assertKept(drawn({}), drawn({ state: 'failed' }), 'progress');
  });
});

describe('a table', () => {
  const table = '| a | b |\n| - | - |\n| 1 | 2 |';
  const typesIn = (value: unknown): string[] => JSON.stringify(value).match(/"type":"[a-z_]+"/g) ?? [];

  it('stands in messages only, one in each: a view has none', () => {
    const text = `Before\n\n${table}\n\nBetween\n\n${table}\n\nAfter`;
    const pages = resultPages({ shortId: 'abcd2345', requester: chloe, text });
    const tables = pages.map((page) => page.filter(({ type }) => type === 'table').length);
    assert.deepEqual(tables, [1, 1]);
    const events: RunEvent[] = [
      { kind: 'planned', data: { plan: { ...plan, summary: table }, revision: 1, digest: 'd' } },
      {
        kind: 'turned',
        data: { turn: 1, text: table, calls: [], usage: { inputTokens: 1, outputTokens: 1 } },
      },
    ];
    const view = detailsModal(
      'abcd2345',
      events.map((event, index) => ({ shortId: 'abcd2345', key: String(index), at, ...event })),
    );
    assert.match(JSON.stringify(view), /"rich_text_preformatted".*a {2}b/);
    assert.ok(!typesIn(view).includes('"type":"table"'));
  });
});

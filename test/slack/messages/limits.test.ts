import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KnownBlock } from '@slack/types';
import fc from 'fast-check';
import { blockProblems, isTooLong } from '../../../sandbox/workspace/validation/blocks.js';
import { viewProblems } from '../../../sandbox/workspace/validation/views.js';
import type { CardState } from '../../../src/run/card.js';
import type { Checkpoint, RunEvent } from '../../../src/run/event.js';
import type { Plan } from '../../../src/run/plan.js';
import type { RequestMessage } from '../../../src/run/request.js';
import type { RunSnapshot } from '../../../src/run/state.js';
import { detailsModal } from '../../../src/slack/messages/details/details-modal.js';
import { line } from '../../../src/slack/messages/kit/blocks.js';
import { markdownBlocks } from '../../../src/slack/messages/kit/markdown/markdown.js';
import { paginate } from '../../../src/slack/messages/kit/paginate.js';
import { noticeMessage } from '../../../src/slack/messages/notices/notice.js';
import { escalationMessage, reminderMessage } from '../../../src/slack/messages/notices/reminder.js';
import { cardMessage, planBlocks } from '../../../src/slack/messages/plan/card.js';
import { changeBlocks } from '../../../src/slack/messages/plan/changes.js';
import { cannotPostMessage } from '../../../src/slack/messages/private/cannot-post.js';
import { statusText } from '../../../src/slack/messages/private/status.js';
import { refusedDecisionText } from '../../../src/slack/messages/refusals/refused-decision.js';
import { requestMessage } from '../../../src/slack/messages/request/request-message.js';
import { findWaitingItem } from '../../../src/slack/messages/request/waiting.js';
import { cardWith, waiting } from '../../support/cards.js';
import { planItem, QUESTION, questionMessage, toolCall, toolMessage } from '../../support/requests.js';
import { ana, ben, decision, plan, policyWith, verdict } from '../../support/samples.js';

const at = '2026-11-24T10:00:00.000Z';
const link = `https://acme.slack.com/archives/C0123456789/p1764000000000000?thread_ts=1764000000.000000&cid=C0123456789`;

function assertTaken(blocks: KnownBlock[]): void {
  assert.deepEqual(blockProblems(blocks, 'messages'), []);
  assert.ok(!isTooLong(blocks), 'not too long all together');
}

const many = Array.from({ length: 230 }, (_, index) => `U0${String(index).padStart(9, '0')}`);
const policy = policyWith({ approvers: many, approvals: 20, requesterMayApprove: false });
const editors = many.slice(0, 30).map((user) => ({ team: 'T1', user }));
const voted = (count: number, note: string) =>
  many.slice(0, count).map((user) => decision({ by: { team: 'T1', user }, note }));
const long: Plan = { ...plan, steps: [{ title: 'Write', detail: 'word '.repeat(12_000) }] };
const planned = { plan: long, revision: 12, digest: 'd'.repeat(64), editedBy: ben };

describe('with 230 named approvers', () => {
  const votes = voted(19, 'n'.repeat(1_000));
  const card = cardWith(waiting({ policy, votes, editors }), { planned });
  const tool = toolMessage({ policy, editors, votes });
  const question = questionMessage({ policy, editors, subject: { ...QUESTION, to: 'approvers' } });

  it('the card, a tool call and a question are taken, and say how many more there are', () => {
    const { blocks: shown } = cardMessage(card, { replaces: link });
    assertTaken(shown);
    const line =
      /Waiting for\* <@U0000000030>, .* or 196 more \(19 of 20 approvals: <@U0000000000>, .* and 15 more\).*Asked by <@UANA>, who can't approve it; nor can/;
    assert.match(JSON.stringify(shown), line);
    for (const { blocks } of [requestMessage(tool), requestMessage(question)]) {
      assertTaken(blocks);
      assert.match(JSON.stringify(blocks), /Waiting for <@U0000000000>, .* and 210 more \(not <@UANA>/);
    }
  });

  it('reminders, escalations and direct messages are taken', () => {
    const pending = { mentions: many.map((user) => `<@${user}>`), anyone: false };
    for (const message of [card, tool, question]) {
      const item = findWaitingItem(message);
      assert.ok(item);
      for (const { blocks } of [
        reminderMessage(item, pending, link),
        escalationMessage(item, pending, link),
        noticeMessage(message, { channel: 'C1', link }),
      ]) {
        assertTaken(blocks);
      }
      assert.match(
        reminderMessage(item, pending, undefined).text,
        /<@U0000000049> and 180 more: (this|the) /,
      );
    }
  });

  it('refusals and the status are a line', () => {
    const refused = { decision: decision(), requester: ana, item: planItem({ policy, editors }), link };
    const answer = decision({ kind: 'answer' });
    const groups = Array.from({ length: 150 }, (_, index) => `S0${String(index).padStart(9, '0')}`);
    const summary = {
      shortId: 'abcd2345',
      memo: { goal: 'the goal', requester: ana, channel: 'C1', approvers: many },
      status: 'RUNNING',
      startedAt: new Date(at),
      executionId: 'x',
    };
    const snapshot: RunSnapshot = {
      shortId: 'abcd2345',
      goal: 'the goal',
      state: 'waiting',
      requester: ana,
      policy,
      startedAt: at,
      revision: 1,
      expiresAt: at,
      votes: [],
    };
    for (const text of [
      refusedDecisionText({ ...refused, refusal: { reason: 'not-an-approver' } }),
      refusedDecisionText({ ...refused, refusal: { reason: 'unsure', groups } }),
      refusedDecisionText({
        ...refused,
        decision: answer,
        item: question.item,
        refusal: { reason: 'not-an-approver' },
      }),
      statusText(summary, { snapshot }),
    ]) {
      assertTaken([line(text)]);
    }
    const failure = { step: 'post', code: 'invalid_blocks', message: '<must> '.repeat(2_000) } as const;
    assertTaken(cannotPostMessage('abcd2345', { channel: 'C1', failure, executionId: 'x' }).blocks);
  });

  it('Details open', () => {
    const ref = { request: tool.request, item: 'plan' };
    const outcome = verdict({}, voted(230, 'fine'));
    const items = [planItem({ policy }), toolMessage({ policy }).item];
    const events: RunEvent[] = [
      { kind: 'requested', data: { id: tool.request, revision: 1, items } },
      { kind: 'reminded', data: { ...ref, mentioned: many } },
      { kind: 'escalated', data: { ...ref, mentioned: many, policy } },
      { kind: 'decided', data: { ...ref, outcome } },
      { kind: 'decided', data: { ...ref, item: tool.item.id, outcome } },
    ];
    const entries = events.map((event, index) => ({
      shortId: 'abcd2345',
      key: String(index),
      at,
      ...event,
    }));
    const modal = detailsModal('abcd2345', entries);
    assert.deepEqual(viewProblems(modal, 'modal'), []);
    assert.match(JSON.stringify(modal), /20 approvals of <@U0000000000>, .* and 210 more, /);
  });
});

describe('with many approvals and notes', () => {
  const failure = { step: 'execution', code: 'X', message: 'm'.repeat(5_000) } as const;
  for (const count of [1, 5, 6, 20, 60, 230]) {
    for (const note of ['', 'n'.repeat(1_000)]) {
      it(`${count} of them${note === '' ? '' : ', each with a long note'}: every state of the card is taken`, () => {
        const votes = voted(count, note);
        const states: CardState[] = [
          waiting({ policy: policyWith({ approvals: count + 1 }), votes }),
          { kind: 'executing', votes },
          { kind: 'completed', votes, result: { channel: 'C1', ts: '2.0' } },
          { kind: 'completed', votes, result: { channel: 'C1', ts: '2.0' }, direct: true },
          { kind: 'cancelled', at, by: ana, votes, why: 'w'.repeat(2_000) },
          { kind: 'failed', failure, executionId: 'a', votes, head: { sequence: 100, hash: 'f'.repeat(64) } },
        ];
        for (const state of states) {
          const card = cardWith(state, { planned, goal: 'g'.repeat(2_000) });
          assertTaken(cardMessage(card, { replaces: link, result: link }).blocks);
        }
        const input = { text: 'x'.repeat(4_000) };
        const call = toolCall({ input, reason: 'r'.repeat(4_000) });
        const subject = { kind: 'tool-call', call, stepTitle: 's'.repeat(400) } as const;
        const standing = votes.map((vote) => ({ ...vote, everyCall: true }));
        assertTaken(requestMessage(toolMessage({ subject, outcome: verdict({}, standing) })).blocks);
        const executing = cardWith({ kind: 'executing', votes });
        assertTaken(noticeMessage(executing, { channel: 'C1', link }).blocks);
      });
    }
  }

  it('they stand one by one while there are few, and together when there are many', () => {
    const shown = (count: number) =>
      JSON.stringify(cardMessage(cardWith({ kind: 'executing', votes: voted(count, 'mind the dates') })));
    assert.equal(shown(5).match(/Approved by/g)?.length, 5);
    assert.equal(shown(20).match(/Approved by/g)?.length, 1);
    assert.equal(shown(20).match(/mind the dates/g)?.length, 20, 'every note is there');
    assert.match(shown(20), /"user_id":"U0000000019"/);
    assert.match(shown(60), /40 more notes not shown here/);
  });
});

describe('a plan that was rewritten', () => {
  const compared = (before: Plan, after: Plan) => paginate(changeBlocks(before, after, { from: 1, to: 2 }));
  const words = (count: number, seed: number) =>
    Array.from({ length: count }, (_, index) => `w${(index * seed * 7919) % 1_009}`).join(' ');

  it('is compared in messages that are taken, however long its parts are', () => {
    const pages = compared(
      { ...plan, summary: 'before '.repeat(1_000), risks: ['r'.repeat(9_000)] },
      { ...plan, summary: 'after '.repeat(1_200), risks: ['s'.repeat(9_000)] },
    );
    assert.ok(pages.length > 1);
    for (const page of pages) assertTaken(page);
    const all = JSON.stringify(pages);
    assert.equal(all.match(/before/g)?.length, 1_000, 'nothing is left out');
    assert.equal(all.match(/after/g)?.length, 1_200);
  });

  it('is compared in a moment, whatever changed', () => {
    const planOf = (seed: number): Plan => ({
      ...plan,
      summary: words(1_500, seed),
      steps: Array.from({ length: 50 }, (_, step) => ({
        title: `Step ${step}`,
        detail: words(600, seed + step),
      })),
    });
    const lines = (seed: number): Plan => ({
      ...plan,
      steps: Array.from({ length: 3_000 }, (_, step) => ({ title: `${seed * 10_000 + step}`, detail: '' })),
    });
    const before = process.cpuUsage();
    assert.ok(compared(planOf(3), planOf(5)).length > 0);
    assert.ok(compared(lines(1), lines(2)).length > 0);
    const { user } = process.cpuUsage(before);
    assert.ok(user < 2_500_000, `took ${user / 1_000} ms`);
  });

  it('still shows a small change word by word after large ones', () => {
    const steps = (seed: number, last: string): Plan => ({
      ...plan,
      steps: [
        ...Array.from({ length: 20 }, (_, step) => ({ title: `${step}`, detail: words(500, seed + step) })),
        { title: 'Tell the team', detail: `by ${last} on the usual day` },
      ],
    });
    const shown = JSON.stringify(compared(steps(3, 'mail'), steps(5, 'phone')));
    assert.match(shown, /"text":"mail","style":{"strike":true}/);
    assert.match(shown, /"text":"phone","style":{"bold":true}/);
  });

  it('numbers its steps as they are numbered elsewhere, though one of them takes several blocks', () => {
    const steps = ['one', 'two', 'three'].map((title) => ({ title, detail: 'x '.repeat(4_000) }));
    const blocks = planBlocks({ ...plan, steps });
    const lists = blocks.flatMap((block) =>
      block.type === 'rich_text'
        ? block.elements.filter((part) => part.type === 'rich_text_list' && part.style === 'ordered')
        : [],
    ) as { offset?: number; elements: unknown[] }[];
    assert.deepEqual(
      lists.map(({ offset = 0, elements }) => [offset, elements.length]),
      [
        [0, 1],
        [1, 1],
        [2, 1],
      ],
    );
  });

  it('is taken with a source whose title or address is too long for a link', () => {
    const sources = [
      { title: 't'.repeat(20_000), url: 'https://docs.example.com/' },
      { title: 'A page', url: `https://docs.example.com/${'u'.repeat(20_000)}` },
    ];
    for (const page of paginate(planBlocks({ ...plan, sources }))) assertTaken(page);
  });
});

describe('a result', () => {
  it('is taken with a list item, or a link, that is longer than a message', () => {
    for (const text of [
      `- ${'long '.repeat(5_000)}\n- short`,
      `1. ${'x'.repeat(30_000)}`,
      `- [${'label '.repeat(4_000)}](https://example.com/)`,
    ]) {
      for (const page of paginate(markdownBlocks(text))) assertTaken(page);
    }
  });
});

describe('Details of a run', () => {
  it('open whatever ids and times the ledger holds', () => {
    const odd = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5_000 }),
      fc.constantFrom(
        '<!channel>',
        '&'.repeat(4_000),
        `2026-11-24T10:00:00Z (${'x'.repeat(5_000)})`,
        '|',
        '>',
      ),
      fc.integer({ min: 1, max: 5_000 }).map((length) => 'U'.repeat(length)),
    );
    const person = fc.record({ team: odd, user: odd });
    const moment = odd.map((at) => ({ at }));
    const chosen = fc
      .record({
        by: person,
        at: odd,
        kind: fc.constantFrom('approve' as const, 'reject' as const, 'edit' as const, 'answer' as const),
        items: fc.array(fc.record({ id: fc.constantFrom('plan', '1'), digest: odd }), { maxLength: 3 }),
      })
      .map((own) => decision({ ...own, request: 'request-7' }));
    const votes = fc.array(chosen, { maxLength: 40 });
    const policies = fc
      .array(odd, { minLength: 1, maxLength: 300 })
      .map((approvers) => policyWith({ approvers }));
    const messages = fc
      .record({ name: odd, digest: odd, expiresAt: odd, policy: policies })
      .map(({ name, ...own }): RequestMessage[] => [
        { ...toolMessage(own), item: planItem(own) },
        toolMessage(own, { name }),
        questionMessage(own),
      ]);
    const outcomes = fc.oneof(
      fc.record({ decision: chosen, votes }).map(({ decision: made, votes: all }) => verdict(made, all)),
      moment.map(({ at: when }) => ({ kind: 'expired' as const, at: when })),
      fc.constant({ kind: 'withdrawn' as const }),
    );
    const ref = fc.record({
      request: fc.constantFrom('request-7', 'unknown'),
      item: fc.constantFrom('plan', '1', 'question', 'unknown'),
    });
    const event: fc.Arbitrary<RunEvent> = fc
      .record({ ref, person, made: chosen, messages, outcome: outcomes, mentioned: fc.array(odd), odd })
      .chain(({ ref: about, person: by, made, messages: asked, outcome, mentioned, odd: text }) => {
        const { input: _, ...call } = toolCall({ name: text });
        const budget = { turns: 1, toolCalls: 1, tokens: 1, costUsd: 1, timeMs: 1 };
        const requester = by;
        const { policy: own } = (asked[0] as RequestMessage).item;
        const events: RunEvent[] = [
          {
            kind: 'started',
            data: { goal: text, requester, channel: text, policy: own, retriedBy: by },
          },
          { kind: 'planned', data: { plan, revision: 1, digest: text, editedBy: by } },
          { kind: 'requested', data: { id: 'request-7', revision: 1, items: asked.map(({ item }) => item) } },
          { kind: 'voted', data: { ...about, decision: made, votes: 1, of: 2 } },
          { kind: 'lapsed', data: { ...about, decision: made } },
          { kind: 'extended', data: { ...about, decision: made, expiresAt: text } },
          { kind: 'reminded', data: { ...about, mentioned } },
          { kind: 'escalated', data: { ...about, mentioned, policy: own } },
          { kind: 'decided', data: { ...about, outcome } },
          { kind: 'refused', data: { decision: made, refusal: { reason: 'not-an-approver' } } },
          { kind: 'tool-called', data: { call, outcome: 'done', text } },
          {
            kind: 'turned',
            data: { turn: 1, text, calls: [text], usage: { inputTokens: 1, outputTokens: 1 } },
          },
          { kind: 'granted', data: { part: 'turns', budget, by } },
          { kind: 'ended', data: { state: 'cancelled', by, why: text } },
        ];
        return fc.constantFrom(...events);
      });
    const entries = fc.array(fc.record({ event, at: odd }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(entries, odd, (all, hash) => {
        const checkpoints = all.map(
          ({ event: own, at: when }, index): Checkpoint => ({
            shortId: 'abcd2345',
            key: String(index),
            at: when,
            ...own,
          }),
        );
        const modal = detailsModal('abcd2345', checkpoints, { head: { sequence: 3, hash } });
        assert.deepEqual(viewProblems(modal, 'modal'), []);
        assert.doesNotMatch(JSON.stringify(modal.blocks), /"mrkdwn","text":"[^"]*<!channel>/);
      }),
      { numRuns: 150 },
    );
  });
});

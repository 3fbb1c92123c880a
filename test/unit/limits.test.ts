import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KnownBlock } from '@slack/types';
import fc from 'fast-check';
import { blockProblems, isTooLong } from '../../sandbox/workspace/validation/blocks.js';
import { viewProblems } from '../../sandbox/workspace/validation/views.js';
import type { CardState } from '../../src/run/card.js';
import type { Checkpoint } from '../../src/run/event.js';
import type { Plan } from '../../src/run/plan.js';
import type { RunSnapshot } from '../../src/run/state.js';
import { storyModal } from '../../src/slack/messages/details/story.js';
import { statusWords } from '../../src/slack/messages/home/listing.js';
import { line } from '../../src/slack/messages/kit/lines.js';
import { markdownBlocks } from '../../src/slack/messages/kit/markdown.js';
import { paginate } from '../../src/slack/messages/kit/paginate.js';
import { cardMessages } from '../../src/slack/messages/plan/card.js';
import { changeBlocks } from '../../src/slack/messages/plan/changes.js';
import { planBlocks } from '../../src/slack/messages/plan/plan.js';
import { cannotAnswerWords, cannotPost, refusalWords } from '../../src/slack/messages/plan/words.js';
import { askOf } from '../../src/slack/messages/private/asking.js';
import { escalationWords, noticeWords, reminderWords } from '../../src/slack/messages/private/notices.js';
import { questionMessage } from '../../src/slack/messages/question/question-card.js';
import { toolCardMessage } from '../../src/slack/messages/tool/tool-card.js';
import {
  ana,
  ben,
  cardWith,
  decision,
  plan,
  policyWith,
  questionCard,
  toolCall,
  toolCard,
  waiting,
} from '../support/samples.js';

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
  const card = cardWith(waiting({ policy, votes, editors, asOf: at }), { planned });
  const tool = toolCard({ policy, editors, state: { kind: 'waiting', votes, expiresAt: at } });
  const question = questionCard({
    policy,
    editors,
    asked: { what: 'ask-person', text: 'Which?', to: 'approvers' },
  });

  it('the card, a tool call and a question are taken, and say how many more there are', () => {
    const drawn = cardMessages(card, { replaces: link });
    for (const blocks of [drawn.blocks, toolCardMessage(tool).blocks, questionMessage(question).blocks]) {
      assertTaken(blocks);
      assert.match(JSON.stringify(blocks), /Waiting for <@U0000000000>, .* and 210 more \(not <@UANA>/);
    }
  });

  it('reminders, escalations and direct messages are taken', () => {
    const awaited = { mentions: many.map((user) => `<@${user}>`), anyone: false };
    for (const asking of [card, tool, question]) {
      const ask = askOf(asking);
      assert.ok(ask);
      for (const words of [
        reminderWords(ask, awaited, link),
        escalationWords(ask, awaited, link),
        noticeWords(asking, 'C1', link),
      ]) {
        assertTaken(words.blocks);
      }
      assert.match(reminderWords(ask, awaited).text, /<@U0000000049> and 180 more: (this|the) /);
    }
  });

  it('private words and the status are a line', () => {
    const who = { policy, requester: ana, editors };
    const groups = Array.from({ length: 150 }, (_, index) => `S0${String(index).padStart(9, '0')}`);
    const summary = {
      runId: 'abcd2345',
      memo: { goal: 'the goal', requester: ana, channel: 'C1', approvers: many },
      status: 'RUNNING',
      startedAt: new Date(at),
    };
    const snapshot: RunSnapshot = {
      runId: 'abcd2345',
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
      refusalWords(decision(), { reason: 'not-an-approver' }, { link, who }),
      refusalWords(decision(), { reason: 'unsure', groups }, { link, who }),
      cannotAnswerWords(question),
      statusWords(summary, snapshot),
    ]) {
      assertTaken([line(text)]);
    }
    const failure = { step: 'post', code: 'invalid_blocks', message: '<must> '.repeat(2_000) } as const;
    assertTaken(cannotPost('abcd2345', 'C1', failure, 'attempt').blocks);
  });

  it('Details open', () => {
    const entry = (kind: Checkpoint['kind'], data: object): Checkpoint => ({
      runId: 'abcd2345',
      key: kind,
      kind,
      at,
      data,
    });
    const modal = storyModal('abcd2345', [
      entry('requested', { policy, revision: 1, expiresAt: at }),
      entry('tool-requested', { policy, call: toolCall(), expiresAt: at }),
      entry('reminded', { mentioned: many }),
      entry('escalated', { mentioned: many }),
      entry('decided', { decision: decision(), votes: voted(230, 'fine'), revision: 1 }),
      entry('tool-decided', { call: toolCall(), outcome: 'approved', votes: voted(230, 'fine') }),
    ]);
    assert.deepEqual(viewProblems(modal, 'modal'), []);
    assert.match(JSON.stringify(modal), /waits for 20 approvals of <@U0000000000>, .* and 210 more, not/);
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
          { kind: 'failed', failure, attempt: 'a', votes, head: { sequence: 100, hash: 'f'.repeat(64) } },
        ];
        for (const state of states) {
          const card = cardWith(state, { planned, goal: 'g'.repeat(2_000) });
          assertTaken(cardMessages(card, { replaces: link, result: link }).blocks);
        }
        const input = { text: 'x'.repeat(4_000) };
        const call = toolCall({ input, reason: 'r'.repeat(4_000) });
        assertTaken(
          toolCardMessage(
            toolCard({ call, stepTitle: 's'.repeat(400), state: { kind: 'approved', votes, all: true } }),
          ).blocks,
        );
        assertTaken(noticeWords(cardWith({ kind: 'executing', votes }), 'C1', link).blocks);
      });
    }
  }

  it('they stand one by one while there are few, and together when there are many', () => {
    const shown = (count: number) =>
      JSON.stringify(cardMessages(cardWith({ kind: 'executing', votes: voted(count, 'mind the dates') })));
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
    const chosen = fc
      .record({
        by: person,
        at: odd,
        kind: fc.constantFrom('approve', 'reject', 'changes', 'edit', 'extend'),
      })
      .map((own) => decision(own as Partial<ReturnType<typeof decision>>));
    const data = fc.record(
      {
        requester: person,
        retriedBy: person,
        editedBy: person,
        by: person,
        decision: chosen,
        votes: fc.array(chosen, { maxLength: 40 }),
        refusal: fc.constant({ reason: 'not-an-approver' }),
        mentioned: fc.array(odd, { maxLength: 300 }),
        policy: fc.array(odd, { minLength: 1, maxLength: 300 }).map((approvers) => policyWith({ approvers })),
        expiresAt: odd,
        digest: odd,
        state: odd,
        reason: odd,
        tool: odd,
        outcome: fc.constantFrom('approved', 'rejected', 'expired', 'done'),
        answer: fc.record({ question: odd, by: person, text: odd, at: odd }),
        call: odd.map((name) => toolCall({ name })),
      },
      { requiredKeys: [] },
    );
    const kinds: Checkpoint['kind'][] = [
      'started',
      'planned',
      'requested',
      'voted',
      'tool-voted',
      'lapsed',
      'extended',
      'reminded',
      'escalated',
      'decided',
      'refused',
      'tool-requested',
      'tool-decided',
      'tool-called',
      'answered',
      'granted',
      'ended',
    ];
    const entries = fc.array(fc.record({ kind: fc.constantFrom(...kinds), at: odd, data }), {
      minLength: 1,
      maxLength: 10,
    });
    fc.assert(
      fc.property(entries, odd, (all, hash) => {
        const told = all.map((entry, index) => ({ runId: 'abcd2345', key: String(index), ...entry }));
        const modal = storyModal('abcd2345', told, { sequence: 3, hash });
        assert.deepEqual(viewProblems(modal, 'modal'), []);
        assert.doesNotMatch(JSON.stringify(modal.blocks), /"mrkdwn","text":"[^"]*<!channel>/);
      }),
      { numRuns: 150 },
    );
  });
});

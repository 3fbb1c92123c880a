import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { blockProblems, isTooLong } from '../../../sandbox/workspace/validation/blocks.js';
import { viewProblems } from '../../../sandbox/workspace/validation/views.js';
import { type Card, type CardActivity, type CardState, sealCard } from '../../../src/run/card.js';
import type { Plan } from '../../../src/run/plan.js';
import { readingOf, type ThreadReading } from '../../../src/run/thread.js';
import {
  decodeButton,
  decodeDetails,
  decodeMenu,
  encodeButton,
  encodeMenu,
  type MenuChoice,
} from '../../../src/slack/messages/kit/ids.js';
import { markdownBlocks } from '../../../src/slack/messages/kit/markdown/markdown.js';
import { paginate, splitText } from '../../../src/slack/messages/kit/paginate.js';
import { cardMessage } from '../../../src/slack/messages/plan/card.js';
import { changesModal, extendModal, rejectModal } from '../../../src/slack/messages/plan/modals.js';
import { refusedDecisionText } from '../../../src/slack/messages/refusals/refused-decision.js';
import { requestMessage } from '../../../src/slack/messages/request/request-message.js';
import { cardWith, waiting } from '../../support/cards.js';
import { toolMessage } from '../../support/requests.js';
import { ana, ben, decision, plan, policyWith, threadWith } from '../../support/samples.js';

const at = '2026-11-24T10:00:00.000Z';
const STATES: CardState[] = [
  waiting(),
  waiting({ policy: policyWith({ approvers: ['anyone'], approvals: 3 }), votes: [decision({ by: ben })] }),
  { kind: 'executing', votes: [decision({ note: 'mind the dates' })] },
  { kind: 'completed', votes: [decision()], result: { channel: 'C1', ts: '2.0' } },
  { kind: 'rejected', decision: decision({ kind: 'reject', note: 'too early' }) },
  { kind: 'changed', decision: decision({ kind: 'changes', note: 'shorter' }) },
  { kind: 'expired', at },
  { kind: 'cancelled', at, by: ana, votes: [] },
  {
    kind: 'failed',
    failure: { step: 'plan', code: 'X', message: 'out of order' },
    executionId: 'a',
    votes: [],
  },
  { kind: 'retried', by: ana },
  waiting({}, { unreachable: { channel: 'C1', reason: 'is_archived' } }),
  { kind: 'completed', votes: [decision()], result: { channel: 'D1', ts: '2.0' }, direct: true },
  ...(['terminated', 'timed-out', 'failed', 'unknown'] as const).map(
    (why): CardState => ({ kind: 'gone', at, why }),
  ),
];

/** A card of a run that carries its plan out. */
const working = (activity?: CardActivity): Card =>
  cardWith({ kind: 'executing', votes: [decision()] }, { ...(activity && { activity }) });

/** States in which a card shows its plan. */
const OPEN = STATES.filter(({ kind }) => kind === 'waiting' || kind === 'executing');

/** All of a card's messages are within Slack's limits. */
function assertTaken(card: Card): void {
  const { blocks, overflow, text } = cardMessage(card, {
    replaces: 'https://x.example/1',
    result: 'https://x.example/2',
  });
  assert.ok(text.length > 0);
  for (const page of [blocks, ...overflow]) {
    assert.deepEqual(blockProblems(page, 'messages'), []);
    assert.ok(!isTooLong(page), 'not too long all together');
  }
}

const labels = (card: Card) =>
  cardMessage(card).blocks.flatMap((block) =>
    block.type === 'actions'
      ? block.elements.map((element) =>
          element.type === 'overflow'
            ? element.options.map(({ text }) => text.text).join(' | ')
            : 'text' in element && element.text
              ? element.text.text
              : '',
        )
      : [],
  );

const buttonValues = (card: Card) =>
  cardMessage(card).blocks.flatMap((block) =>
    block.type === 'actions'
      ? block.elements.flatMap((element) => (element.type === 'button' ? [element.value] : []))
      : [],
  );

describe('a card', () => {
  for (const state of STATES) {
    it(`is taken by Slack when it is ${state.kind}`, () => {
      assertTaken(cardWith(state));
      const { planned: _, ...bare } = cardWith(state);
      assertTaken(bare);
    });
  }

  it('offers to start again where the run could not go on, and not where somebody stopped it', () => {
    const at = '2026-11-24T10:00:00.000Z';
    const why = 'Too few people are left';
    const stuck: Extract<CardState, { kind: 'cancelled' }> = { kind: 'cancelled', at, votes: [], why };
    assert.deepEqual(labels(cardWith(stuck)), ['Start again', 'Details']);
    assert.deepEqual(labels(cardWith({ ...stuck, by: ana })), ['Details']);
    assert.deepEqual(labels(cardWith({ ...stuck, votes: [decision()] })), ['Details']);
  });

  it('says where a note is for the record only: with several approvals', () => {
    const drawn = (approvals: number) => {
      const policy = policyWith({ approvers: ['UBEN', 'UCHLOE'], approvals });
      const card = JSON.stringify(cardMessage(cardWith(waiting({ policy }))).blocks);
      return [card, JSON.stringify(requestMessage(toolMessage({ policy })).blocks)];
    };
    for (const words of drawn(2)) assert.match(words, /If you approve, your note is only a comment/);
    for (const words of drawn(1)) assert.doesNotMatch(words, /only a comment/);
  });

  it('has the decision’s buttons while it waits, Details once it is over, Retry when it failed', () => {
    const buttons: Partial<Record<CardState['kind'], string[]>> = {
      waiting: ['Approve', 'Reject', 'Request changes', 'Edit plan | Extend | Details'],
      failed: ['Retry', 'Details'],
      rejected: ['Start again', 'Details'],
      expired: ['Start again', 'Details'],
      gone: ['Start again', 'Details'],
      executing: ['Stop'],
      changed: [],
      retried: [],
    };
    for (const state of STATES) {
      assert.deepEqual(labels(cardWith(state)), buttons[state.kind] ?? ['Details'], state.kind);
    }
  });

  const lines: [what: string, card: Card, line: RegExp, text: RegExp][] = [
    [
      'its only approver',
      cardWith(waiting()),
      /^:large_yellow_circle: \*Waiting for\* <@UANA>$/,
      /^Approve\? Rel/,
    ],
    [
      'either of two people',
      cardWith(waiting({ policy: policyWith({ approvers: ['UBEN', 'UCHLOE'] }) })),
      /Waiting for\* <@UBEN> or <@UCHLOE>$/,
      /^Approve\?/,
    ],
    [
      'both of two people',
      cardWith(waiting({ policy: policyWith({ approvers: ['UBEN', 'UCHLOE'], approvals: 2 }) })),
      /Waiting for\* <@UBEN> and <@UCHLOE> \(0 of 2\)$/,
      /^Approve\?/,
    ],
    [
      'the other one, after a vote, in a later revision',
      cardWith(
        waiting({
          policy: policyWith({ approvers: ['UBEN', 'UCHLOE'], approvals: 2 }),
          votes: [decision({ by: ben })],
        }),
        { planned: { plan, revision: 2, digest: 'd' } },
      ),
      /Waiting for\* <@UCHLOE> \(1 of 2 approvals: <@UBEN>\)$/,
      /^Approve\? Revision 2: Release/,
    ],
    [
      'a group, without the requester under four eyes',
      cardWith(
        waiting({ policy: policyWith({ approvers: ['requester', 'S0QA'], requesterMayApprove: false }) }),
      ),
      /Waiting for\* <!subteam\^S0QA>$/,
      /^Approve\?/,
    ],
    ['the work', working(), /^:large_blue_circle: \*Working\* on it$/, /^Working on it: Release/],
    ['a step', working({ steps: { done: 1, current: 2, of: 3 } }), /\*Working\*: step 2 of 3$/, /^Working/],
    [
      'a pause between steps',
      working({ steps: { done: 1, of: 3 } }),
      /\*Working\*: 1 of 3 steps done$/,
      /^W/,
    ],
    [
      'calls to approve',
      working({ asks: { actions: 3, questions: 0, approvers: ['UBEN'], at: { channel: 'C1', ts: '3.0' } } }),
      /^:large_yellow_circle: \*3 actions to approve\* · <@UBEN> → <https:\/\/x\.example\/asks\|Open>$/,
      /^3 actions to approve: Release/,
    ],
    [
      'a question',
      working({ asks: { actions: 0, questions: 1, approvers: ['requester'] } }),
      /^:question: \*A question to answer\* · <@UANA> → /,
      /^A question to answer: Release/,
    ],
    [
      'a model that takes no requests',
      working({ pausedUntil: at }),
      /^:double_vertical_bar: \*Paused:\* .* until <!date/,
      /^Working/,
    ],
    [
      'a question before the next revision',
      cardWith(
        { kind: 'changed', decision: decision({ kind: 'changes' }) },
        { activity: { asks: { actions: 0, questions: 1, approvers: ['UBEN'] } } },
      ),
      /^:question: \*A question to answer\*/,
      /^Changes requested/,
    ],
    [
      'its end',
      cardWith({ kind: 'completed', votes: [decision()], result: { channel: 'C1', ts: '2.0' } }),
      /^:white_check_mark: \*Done\* → <https:\/\/x\.example\/result\|Open the result>$/,
      /^Done: Release/,
    ],
    [
      'a rejection',
      cardWith({ kind: 'rejected', decision: decision({ kind: 'reject', by: ben }) }),
      /^:no_entry: \*Rejected by <@UBEN>\*/,
      /^Rejected/,
    ],
    [
      'an expiry',
      cardWith({ kind: 'expired', at }),
      /^:alarm_clock: \*Expired\*.*Nobody decided in time/,
      /^Exp/,
    ],
    ['a stop', cardWith({ kind: 'cancelled', at, by: ana, votes: [] }), /\*Stopped by <@UANA>\*/, /^Stopped/],
  ];
  for (const [what, card, line, text] of lines) {
    it(`says in one line at its top, always true, about ${what}`, () => {
      const links = { result: 'https://x.example/result', asks: 'https://x.example/asks' };
      const drawn = cardMessage(card, links);
      const [, status] = drawn.blocks;
      assert.match(status?.type === 'section' ? String(status.text?.text) : '', line);
      assert.match(drawn.text, text, 'what a lock screen shows');
    });
  }

  it('folds when it is finished or superseded: its title, outcome, who, and a link; no plan and no hash', () => {
    const head = { sequence: 24, hash: 'a1b2'.repeat(16) };
    for (const state of STATES.filter((each) => !OPEN.includes(each))) {
      const sealed = sealCard(cardWith(state), { head });
      const { blocks } = cardMessage(sealed, { result: 'https://x.example/r', next: 'https://x.example/n' });
      const shown = JSON.stringify(blocks);
      assert.ok(blocks.length <= 5, `${state.kind}: ${blocks.length} blocks`);
      assert.ok(shown.includes(plan.title) && !shown.includes('Collect the changes'), state.kind);
      assert.doesNotMatch(shown.replaceAll(/"value":"(\\"|[^"])*"/g, ''), /a1b2/, 'the hash is in Details');
    }
    const done = cardWith({
      kind: 'completed',
      votes: [decision({ by: ben })],
      result: { channel: 'C1', ts: '2.0' },
    });
    const [details] = buttonValues(sealCard(done, { head }));
    assert.deepEqual(decodeDetails(details), { run: 'abcd2345', head }, 'Details keeps the end of the chain');
    assert.match(JSON.stringify(cardMessage(done).blocks), /Approved by <@UBEN>/);
    const changed = cardWith({ kind: 'changed', decision: decision({ kind: 'changes', note: 'shorter' }) });
    assert.match(
      JSON.stringify(cardMessage(changed, { next: 'https://x.example/n' }).blocks),
      /asked for changes\*.*<https:\/\/x\.example\/n\|Open revision 2>.*“shorter”/,
    );
  });

  it('cuts a long goal, which stands whole in the thread, so that Approve stands under the plan', () => {
    for (const goal of ['word '.repeat(1_900), 'a line\n'.repeat(40).trim()]) {
      const { blocks, overflow } = cardMessage(cardWith(waiting(), { goal }));
      const quoted = JSON.stringify(blocks.find(({ type }) => type === 'rich_text'));
      assert.ok(quoted.length < 600, quoted);
      assert.match(JSON.stringify(blocks), /In the thread: the whole request\./);
      const whole = overflow
        .flat()
        .map((block) => JSON.stringify(block))
        .join('');
      assert.equal(whole.split(/word|a line/).length, goal.split(/word|a line/).length);
      assert.equal(blocks.at(-1)?.type, 'actions');
    }
    const short = cardMessage(cardWith(waiting(), { goal: 'a short goal' }));
    assert.deepEqual(short.overflow, []);
  });

  it('says who decided, when and why', () => {
    const shown = JSON.stringify(
      cardMessage(cardWith({ kind: 'rejected', decision: decision({ kind: 'reject', note: 'too early' }) })),
    );
    for (const part of [`<@${ana.user}>`, 'too early', '<!date^']) assert.ok(shown.includes(part), part);
  });

  it('is taken whatever is in the plan, and shows all of it', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 4_000 });
    const anyPlan: fc.Arbitrary<Plan> = fc.record({
      title: fc.string({ minLength: 1, maxLength: 400 }),
      summary: text,
      steps: fc.array(fc.record({ title: fc.string({ minLength: 1, maxLength: 500 }), detail: text }), {
        minLength: 1,
        maxLength: 12,
      }),
      risks: fc.array(text, { maxLength: 5 }),
      sources: fc.array(fc.record({ title: text, url: fc.oneof(fc.webUrl(), text) }), { maxLength: 5 }),
    });
    fc.assert(
      fc.property(
        anyPlan,
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10_000 }),
        (given, goal) => {
          assertTaken(cardWith(waiting(), { goal, planned: { plan: given, revision: 1, digest: 'd' } }));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('goes on in the thread when the plan is long, and loses none of it', () => {
    const steps = Array.from({ length: 60 }, (_, index) => ({
      title: `Step ${index}`,
      detail: 'x'.repeat(1_000),
    }));
    const { blocks, overflow } = cardMessage(
      cardWith(waiting(), { planned: { plan: { ...plan, steps }, revision: 1, digest: 'd' } }),
    );
    assert.ok(overflow.length >= 4);
    const all = JSON.stringify([blocks, overflow]);
    for (const { title } of steps) assert.ok(all.includes(`"${title}"`), title);
  });

  it('says what had been done when a run was stopped in the middle of its execution', () => {
    const stopped = { kind: 'cancelled' as const, at, by: ana, votes: [decision()] };
    const drawn = (done?: string[]) =>
      JSON.stringify(cardMessage(cardWith({ ...stopped, ...(done && { done }) })).blocks);
    assert.match(
      drawn(['todo__add_todo: done <!channel>']),
      /Done before that:.*todo__add_todo: done <!channel>/,
    );
    assert.doesNotMatch(drawn(['todo__add_todo: done <!channel>']), /mrkdwn[^}]*<!channel>/);
    const seven = drawn(Array.from({ length: 7 }, (_, at) => `call ${at + 1}: done`));
    assert.match(seven, /Done before that, after 2 other actions:.*call 3: done.*call 7: done/);
    assert.match(drawn(), /I had changed nothing/);
    assert.doesNotMatch(JSON.stringify(cardMessage(cardWith({ ...stopped, votes: [] })).blocks), /by then/);
  });

  it('says of a failed run, too, what had been done by then', () => {
    const failure = { step: 'execution' as const, code: 'X', message: 'out of order' };
    const failed = { kind: 'failed' as const, failure, executionId: 'a', votes: [decision()] };
    const drawn = (done?: string[]) =>
      JSON.stringify(cardMessage(cardWith({ ...failed, ...(done && { done }) })).blocks);
    assert.match(
      drawn(['todo__add_todo: done <!channel>']),
      /Done before that:.*todo__add_todo: done <!channel>/,
    );
    assert.doesNotMatch(drawn(['todo__add_todo: done <!channel>']), /mrkdwn[^}]*<!channel>/);
    assert.doesNotMatch(drawn(), /by then/);
  });

  it('is taken when a long plan meets the longest notes, after the post and after every update', () => {
    const long = { ...plan, steps: [{ title: 'Write', detail: 'word '.repeat(12_000) }] };
    const planned = { plan: long, revision: 1, digest: 'd'.repeat(64) };
    const note = 'n'.repeat(3_000);
    const votes = Array.from({ length: 12 }, (_, index) =>
      decision({ by: { team: 'T1', user: `U${index}` }, note }),
    );
    const states: CardState[] = [
      waiting({ policy: policyWith({ approvals: 13 }), votes }),
      { kind: 'executing', votes },
      { kind: 'completed', votes, result: { channel: 'C1', ts: '2.0' } },
      { kind: 'rejected', decision: decision({ kind: 'reject', note }) },
      { kind: 'cancelled', at, by: ana, votes, why: 'w'.repeat(600), done: Array(9).fill('d'.repeat(500)) },
      {
        kind: 'failed',
        failure: { step: 'execution', code: 'X', message: 'm'.repeat(5_000) },
        executionId: 'a',
        votes: votes.slice(0, 1),
        done: Array(9).fill('d'.repeat(500)),
      },
    ];
    const names = Array.from({ length: 20 }, (_, index) => ({ name: `${index}${'n'.repeat(100)}` }));
    const unread = names.map(({ name }) => ({ name, why: 'w'.repeat(200) }));
    const read = { messages: 200, older: 9_999, files: names, unread, digest: 'd' };
    const pages = cardMessage(cardWith(waiting(), { planned, read })).overflow;
    for (const state of states) {
      const card = cardWith(state, { planned, read });
      assertTaken(card);
      assert.deepEqual(cardMessage(card).overflow, pages, 'what is in the thread stays as it is');
    }
    const rejected = cardMessage(cardWith(states[3] as CardState, { planned, read }));
    assert.ok(JSON.stringify(rejected.blocks).includes(note), 'a reason is shown whole');
  });

  it('says with its plan what the model got of the thread, and what not and why', () => {
    const factsOf = (state: CardState, own: Partial<ThreadReading> = {}) => {
      const read = { ...readingOf(threadWith()), ...own };
      return JSON.stringify(cardMessage(cardWith(state, { read })).blocks);
    };
    for (const state of OPEN) {
      assert.ok(
        factsOf(state).includes('Read 1 message and 2 files of the thread: `prices.csv`, `cup.png`"'),
        state.kind,
      );
    }
    const unread = [{ name: 'film.mp4', why: "its type (MP4) can't be read" }];
    const files = [{ name: 'a`*b*.csv', isCut: true as const }];
    const partly = factsOf(waiting(), { messages: 200, older: 1_250, files, unread });
    assert.ok(
      partly.includes(
        "Read 200 messages (the newest; 1,250 older ones left out) and 1 file of the thread: `a *b*.csv` (its beginning) · Not read: `film.mp4` (its type (MP4) can't be read)",
      ),
    );
    const none = factsOf(waiting(), { messages: 0, files: [], problem: 'Slack refused *it*' });
    assert.ok(none.includes("I couldn't read the thread: `Slack refused *it*`"));
    assert.doesNotMatch(factsOf(waiting(), { messages: 0, files: [] }), /thread/);
  });

  it('is taken whatever files are called, and names all that were read if their names are short', () => {
    const cardOf = (name: string) => {
      const files = Array.from({ length: 10 }, (_, at) => ({ name: `${at}${name}` }));
      const unread = files.map((file) => ({ ...file, why: 'it is larger than 10 MB' }));
      return cardWith(waiting(), { read: { ...readingOf(threadWith()), files, unread } });
    };
    for (const name of ['&'.repeat(99), '<'.repeat(99), 'n'.repeat(99)]) assertTaken(cardOf(name));
    const facts = JSON.stringify(cardMessage(cardOf('.csv')).blocks);
    for (let at = 0; at < 10; at += 1) assert.ok(facts.includes(`\`${at}.csv\``), facts);
    assert.match(
      JSON.stringify(cardMessage(cardOf('&'.repeat(99))).blocks),
      /`, 6 more · Not read: .*, 6 more"/,
    );
  });

  it('says with its plan that the web could not be searched, and why', () => {
    const unsearched = 'Web search is not `enabled`\nfor <!here>.';
    for (const state of OPEN) {
      const drawn = JSON.stringify(cardMessage(cardWith(state, { unsearched })).blocks);
      assert.ok(
        drawn.includes(
          "I couldn't search the web, so this plan uses only what the model already knows: `Web search is not enabled for &lt;!here&gt;.`",
        ),
        state.kind,
      );
    }
    assert.doesNotMatch(JSON.stringify(cardMessage(cardWith(waiting())).blocks), /search the web/);
  });

  it('carries exactly which plan was seen in its buttons', () => {
    const value = { run: 'abcd2345', request: 'r', revision: 2, items: [{ id: 'plan', digest: 'd' }] };
    assert.deepEqual(decodeButton(encodeButton(value)), value);
    const shown = { run: 'abcd2345', request: 'request-1', revision: 1 };
    const items = [{ id: 'plan', digest: 'd'.repeat(64) }];
    for (const button of buttonValues(cardWith(waiting()))) {
      assert.deepEqual(decodeButton(button), { ...shown, items });
    }
    const entries: MenuChoice[] = [
      { choice: 'edit', about: { ...shown, items } },
      { choice: 'extend', about: { ...shown, items } },
      { choice: 'details', run: shown.run },
    ];
    for (const entry of entries) assert.deepEqual(decodeMenu(encodeMenu(entry)), entry);
    for (const other of [
      undefined,
      '',
      'edit',
      'edit a b 1 plan d',
      's a b 1 plan d',
      'e a b x plan d',
      'e a b 1 plan d e',
      'd',
      'd a b',
    ])
      assert.equal(decodeMenu(other), undefined);
    const odd = ['{}', 'null', '{"run":1}', 'x', JSON.stringify({ ...value, items: [] })];
    for (const other of [undefined, '', ...odd, JSON.stringify({ ...value, items: [{ id: 'plan' }] })]) {
      assert.equal(decodeButton(other), undefined);
    }
  });

  it('has a menu that Slack takes also for a run that was started by hand under a long id', () => {
    const [run, request] = [randomUUID(), randomUUID()];
    const planned = { plan, revision: 99, digest: 'd'.repeat(64) };
    const card = cardWith(waiting({ digest: planned.digest }, { request }), { planned, shortId: run });
    assert.deepEqual(blockProblems(cardMessage(card).blocks, 'messages'), []);
    assert.throws(() => cardMessage({ ...card, shortId: run.repeat(2) }), /Edit plan has 1\d\d characters/);
  });

  it('opens modals that Slack takes, with one input', () => {
    const items = [{ id: 'plan', digest: 'd'.repeat(64) }];
    const about = { button: { run: 'r', request: 'q', revision: 1, items }, channel: 'C1' };
    for (const modal of [rejectModal(about), changesModal(about)]) {
      assert.deepEqual(viewProblems(modal, 'modal'), []);
      assert.equal(modal.blocks.length, 1);
    }
    assert.deepEqual(viewProblems(extendModal(about, { expiresAt: at }), 'modal'), []);
    const noted = rejectModal({ ...about, note: 'too early' });
    assert.match(JSON.stringify(noted.blocks), /"initial_value":"too early"/);
  });
});

describe('a result in Markdown', () => {
  it('is drawn as Slack draws it', () => {
    const blocks = markdownBlocks(
      '# Title\n\nSome **bold** and `code`.\n\n- a\n  - b\n\n| x | y |\n|---|---|\n| 1 | `2` |\n\n```js\nlet a;\n```',
    );
    assert.deepEqual(blockProblems(blocks, 'messages'), []);
    const drawn = JSON.stringify(blocks);
    for (const part of ['"bold":true', '"code":true', '"indent":1', 'let a;', 'rich_text_preformatted']) {
      assert.ok(drawn.includes(part), part);
    }
    assert.ok(!drawn.includes('`2`'), 'a table’s cells without their markup');
  });

  it('cannot ping anybody, and a link shows where it goes', () => {
    const blocks = markdownBlocks(
      'Hi <!channel> <@U1> [your bank](https://evil.example/x) [x](javascript:alert(1))',
    );
    const drawn = JSON.stringify(blocks);
    assert.ok(
      !drawn.includes('"type":"broadcast"') && !drawn.includes('"type":"user"') && !drawn.includes('mrkdwn'),
    );
    assert.ok(drawn.includes('(evil.example)'));
    assert.ok(!/"url":"javascript/.test(drawn));
  });

  it('is taken by Slack, however long and whatever is in it', () => {
    const anything = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20_000 });
    fc.assert(
      fc.property(
        fc.oneof(
          anything,
          fc.lorem({ maxCount: 400 }).map((text) => `- ${text.replaceAll(' ', '\n- ')}`),
        ),
        (text) => {
          for (const page of paginate(markdownBlocks(text))) {
            assert.deepEqual(blockProblems(page, 'messages'), []);
            assert.ok(!isTooLong(page));
          }
        },
      ),
      { numRuns: 80 },
    );
  });
});

describe('splitting text', () => {
  it('drops nothing but the break, and keeps every piece within the limit', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 500 }),
        fc.integer({ min: 10, max: 60 }),
        (text, limit) => {
          const pieces = splitText(text, limit);
          assert.ok(pieces.every((piece) => piece.length <= limit));
          assert.equal(pieces.join('').replaceAll(/\s/g, ''), text.replaceAll(/\s/g, ''));
          for (const piece of pieces.slice(0, -1))
            assert.doesNotMatch(piece, /[\uD800-\uDBFF]$/, 'no pair is cut');
        },
      ),
    );
  });
});

describe('a refused click', () => {
  it('is told who was first', () => {
    const refusal = { reason: 'already-decided', decision: decision({ kind: 'reject' }) } as const;
    const text = refusedDecisionText({ decision: decision({ by: ben }), refusal, requester: ana });
    assert.match(text, /<@UANA> already rejected this/);
  });

  it('is told of the current card', () => {
    const text = refusedDecisionText({
      decision: decision({ revision: 1 }),
      refusal: { reason: 'stale-revision', current: 2 },
      requester: ana,
      link: 'https://x.example/p1',
    });
    assert.match(text, /revision 1\. The plan is now revision 2\. <https:\/\/x\.example\/p1\|Open the card>/);
  });
});

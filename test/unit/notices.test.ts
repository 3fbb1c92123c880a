import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { viewProblems } from '../../sandbox/workspace/validation/views.js';
import { DEFAULT_POLICY } from '../../src/approval/policy.js';
import type { Checkpoint } from '../../src/run/event.js';
import type { RunSnapshot } from '../../src/run/state.js';
import type { ToolCardState } from '../../src/run/thread.js';
import { storyModal } from '../../src/slack/messages/details/story.js';
import { problemLines, statusWords } from '../../src/slack/messages/home/listing.js';
import { cardMessages } from '../../src/slack/messages/plan/card.js';
import { cannotAnswerWords, refusalWords } from '../../src/slack/messages/plan/words.js';
import { type Ask, type AskingCard, askOf } from '../../src/slack/messages/private/asking.js';
import { escalationWords, noticeWords, reminderWords } from '../../src/slack/messages/private/notices.js';
import { awaitedApprovers } from '../../src/slack/permissions/approvers.js';
import type { Directory } from '../../src/slack/permissions/directory.js';
import {
  ASKED,
  ana,
  ben,
  cardWith,
  chloe,
  decision,
  policyWith,
  questionCard,
  toolCall,
  toolCard,
  waiting,
} from '../support/samples.js';

const at = '2026-11-24T10:00:00.000Z';
const link = 'https://x.example/p1';
const nobody = { mentions: [], anyone: false };

/** Slack knows one group. */
const directory = {
  members: async (group: string) => (group === 'SREVIEW' ? ['UBEN', 'UCHLOE'] : undefined),
} as unknown as Directory;

function asking(card: AskingCard): Ask {
  const ask = askOf(card);
  assert.ok(ask);
  return ask;
}

const policy = policyWith({ approvers: ['SREVIEW', 'requester'], approvals: 2, requesterMayApprove: false });
const call = toolCard({ policy, state: { kind: 'waiting', votes: [decision({ by: ben })], expiresAt: at } });

describe('a reminder', () => {
  it('of a tool call goes to those who can approve it and haven’t, and leads to it', async () => {
    const awaited = await awaitedApprovers(directory, ana, asking(call));
    assert.deepEqual(awaited.ids, ['UCHLOE']);
    const { text } = reminderWords(asking(call), awaited, link);
    assert.match(
      text,
      /<@UCHLOE>: the call of `write_file` of `filesystem` still waits for your approval \(1 of 2 so far\)\. .* <https:\/\/x\.example\/p1\|Open it\.>/,
    );
  });

  it('leaves out who edited the plan, where the requester may not approve', async () => {
    const edited = { ...call, editors: [chloe] };
    assert.deepEqual((await awaitedApprovers(directory, ana, asking(edited))).ids, []);
  });

  it('of a question to the requester goes to them alone, whatever the policy', async () => {
    const question = questionCard({ policy });
    const awaited = await awaitedApprovers(directory, ana, asking(question));
    assert.deepEqual(awaited.ids, ['UANA']);
    assert.match(
      reminderWords(asking(question), awaited).text,
      /<@UANA>: this question still waits for your answer\. It/,
    );
  });

  it('of a question to the approvers goes to them', async () => {
    const asked = { ...ASKED, to: 'approvers' } as const;
    const awaited = await awaitedApprovers(directory, ana, asking(questionCard({ policy, asked })));
    assert.deepEqual(awaited.ids, ['UBEN', 'UCHLOE']);
  });

  it('of a plan reads as before', () => {
    const ask = asking(cardWith(waiting()));
    assert.match(
      reminderWords(ask, nobody).text,
      /somebody who may: this plan still waits for your approval\. It expires/,
    );
  });

  it('that widens the circle says what more people may do', () => {
    const awaited = { mentions: ['<@UCHLOE>'], anyone: false };
    assert.match(
      escalationWords(asking(call), awaited).text,
      /<@UCHLOE> may approve the call of `write_file`/,
    );
    const question = asking(questionCard());
    assert.match(
      escalationWords(question, awaited).text,
      /Nobody has answered yet.*<@UCHLOE> may answer this question/,
    );
  });

  it('that widens the circle doesn’t say that nobody decided when somebody has approved', () => {
    const awaited = { mentions: ['<@UCHLOE>'], anyone: false };
    assert.match(
      escalationWords(asking(call), awaited).text,
      /^:mega: 1 of 2 approvals so far, so from now on/,
    );
    const first = asking(toolCard({ policy }));
    assert.match(escalationWords(first, awaited).text, /^:mega: Nobody has decided yet, so from now on/);
  });

  it('is for nothing that is decided', () => {
    assert.equal(askOf(toolCard({ state: { kind: 'withdrawn' } })), undefined);
    assert.equal(askOf(questionCard({ state: { kind: 'expired', at } })), undefined);
    assert.equal(askOf(cardWith({ kind: 'expired', at })), undefined);
  });
});

describe('a direct message to an approver', () => {
  const after: [ToolCardState, RegExp][] = [
    [{ kind: 'waiting', votes: [], expiresAt: at }, /waits for your approval/],
    [{ kind: 'approved', votes: [decision({ by: ben })], all: false }, /was approved by <@UBEN>/],
    [{ kind: 'rejected', decision: decision({ by: ben, kind: 'reject' }) }, /was rejected by <@UBEN>/],
    [{ kind: 'expired', at }, /expired: it was not decided in time/],
    [{ kind: 'withdrawn' }, /the run is over/],
  ];
  for (const [state, words] of after) {
    it(`about a tool call that is ${state.kind} links it and says so`, () => {
      const { text, blocks } = noticeWords(toolCard({ state }), 'C1', link);
      assert.match(text, /<https:\/\/x\.example\/p1\|The call of write_file of filesystem>/);
      assert.match(text, words);
      assert.equal(JSON.stringify(blocks).includes('Open the card'), state.kind === 'waiting');
    });
  }

  it('about a question says what became of it', () => {
    const answer = { question: 'q', by: ben, text: 'yes', at };
    const told = (state: ReturnType<typeof questionCard>['state']) =>
      noticeWords(questionCard({ state }), 'C1', link).text;
    assert.match(
      told({ kind: 'waiting', expiresAt: at }),
      /A question of the model’s> waits for your answer/,
    );
    assert.match(told({ kind: 'answered', answer }), /was answered by <@UBEN>/);
    assert.match(told({ kind: 'expired', at }), /nobody answered in time/);
    assert.match(told({ kind: 'withdrawn' }), /the run is over/);
  });

  it('keeps a tool’s name from being markup', () => {
    const name = 'x__<!channel>|*_~`<https://evil.example|bank>';
    const { text } = noticeWords(toolCard({ call: toolCall({ name }) }), 'C1', link);
    assert.doesNotMatch(text.replace(link, ''), /<!channel>|https:|\*|`/);
  });
});

describe('a private word', () => {
  it('doesn’t name who edited the plan among those who can', () => {
    const who = { policy, requester: ana };
    const clicked = decision({ by: chloe });
    for (const told of [who, { ...who, editors: [chloe] }]) {
      assert.match(
        refusalWords(clicked, { reason: 'edited' }, { who: told }),
        /Who can: .*\(not <@UANA>, who asked, nor <@UCHLOE>, who edited\)\./,
      );
    }
    const others = refusalWords(clicked, { reason: 'edited' }, { who: { ...who, editors: [ben, chloe] } });
    assert.match(others, /nor <@UBEN>, <@UCHLOE>, who edited/);
  });

  it('tells a click that a tool call doesn’t take', () => {
    const words = refusalWords(decision({ kind: 'extend' }), { reason: 'not-offered' }, { link });
    assert.match(words, /a tool call can be approved or rejected, and nothing else\. <https/);
  });

  it('tells whom a question is for', () => {
    assert.match(cannotAnswerWords(questionCard({ policy })), /this question is for <@UANA>\./);
    const asked = { what: 'lost-call', call: toolCall(), why: 'x' } as const;
    assert.match(
      cannotAnswerWords(questionCard({ policy, asked })),
      /for <!subteam\^SREVIEW>, <@UANA> \(not <@UANA>, who asked\)/,
    );
  });
});

describe('a run that stopped at its budget', () => {
  const why = 'the budget of 50 turns is spent <!channel>';

  it('says on its card why', () => {
    const shown = JSON.stringify(
      cardMessages(cardWith({ kind: 'cancelled', at, votes: [decision()], why })).blocks,
    );
    assert.match(shown, /:octagonal_sign: Stopped · <!date/);
    assert.ok(shown.includes(`"text":"${why}"`), 'in plain text');
  });

  it('says so in its status and in the direct messages', () => {
    const summary = {
      runId: 'abcd2345',
      memo: { goal: 'the goal', requester: ana, channel: 'C1', approvers: [] },
      status: 'COMPLETED',
      startedAt: new Date(at),
    };
    const ending = { kind: 'outcome', outcome: { state: 'cancelled', why } } as const;
    assert.match(
      statusWords(summary, undefined, ending),
      /was stopped: the budget of 50 turns is spent &lt;!channel&gt;\./,
    );
    const card = cardWith({ kind: 'cancelled', at, votes: [], why });
    assert.match(noticeWords(card, 'C1').text, /was stopped: the budget of 50 turns is spent &lt;/);
  });
});

describe('the status of a run', () => {
  const summary = {
    runId: 'abcd2345',
    memo: { goal: 'the goal', requester: ana, channel: 'C1', approvers: [] },
    status: 'RUNNING',
    startedAt: new Date(at),
  };
  const executing = (own: Partial<RunSnapshot> = {}): RunSnapshot => ({
    runId: 'abcd2345',
    goal: 'the goal',
    state: 'executing',
    requester: ana,
    policy: DEFAULT_POLICY,
    startedAt: at,
    revision: 1,
    votes: [],
    ...own,
  });

  it('tells what people are asked just now, and what it has used up', () => {
    const asking = ['a question', 'whether delete <!channel> may be called', 'a question'];
    const spent = { turns: 3, toolCalls: 1, tokens: 12_345, costUsd: 0.0312, timeMs: 61_000 };
    const lines = statusWords(summary, executing({ asking, spent })).split('\n');
    assert.deepEqual(lines.slice(3), [
      ':ballot_box_with_ballot: Asks people in the thread of its card: a question (2 times); whether delete &lt;!channel&gt; may be called',
      'Used up so far: 3 turns · 1 tool call · 12,345 tokens · about $0.031 · 1 min at work',
    ]);
  });

  it('is short where ten calls wait side by side', () => {
    const asking = Array.from({ length: 10 }, (_, index) => `whether tool ${index} may be called`);
    assert.match(statusWords(summary, executing({ asking })), /whether tool 4 may be called; 5 more$/);
  });

  it('says nothing of either before there is any', () => {
    const spent = { turns: 0, toolCalls: 0, tokens: 0, costUsd: 0, timeMs: 0 };
    assert.equal(statusWords(summary, executing({ spent })).split('\n').length, 3);
  });

  it('names the tool servers that aren’t available, and why', () => {
    assert.deepEqual(problemLines([]), []);
    assert.match(
      problemLines([{ server: 'github', reason: 'it ended\nwith code 1 <!here>' }]).join(),
      /The tools of `github` aren’t available: it ended with code 1 &lt;!here&gt;/,
    );
  });
});

describe('the story of an execution', () => {
  const entry = (kind: Checkpoint['kind'], data: object, key = kind as string): Checkpoint => ({
    runId: 'abcd2345',
    key,
    kind,
    at,
    data,
  });
  const usage = { inputTokens: 1_000, outputTokens: 234 };
  const budget = { turns: 100, toolCalls: 200, tokens: 1, costUsd: 1, timeMs: 1 };
  const answer = { question: 'q', by: ben, text: 'the second', at };
  const tales: [Checkpoint['kind'], object, RegExp][] = [
    [
      'turned',
      { turn: 3, text: 'Now I write.', calls: ['files__write', 'ask_person'], usage },
      /Turn 3 of the model wants `write` of `files`, `ask_person` \(1,234 tokens\).*Now I write\./,
    ],
    ['turned', { turn: 4, text: '', calls: [], usage }, /Turn 4 of the model calls no tool/],
    [
      'tool-requested',
      { request: 'r', call: toolCall(), policy, expiresAt: at },
      /`write_file` of `filesystem`, for step 2, waits for 2 approvals of .*not who asked; it expires.*notes\.md/,
    ],
    [
      'tool-decided',
      {
        request: 'r',
        call: toolCall(),
        outcome: 'approved',
        votes: [decision({ by: ben, note: 'fine' })],
        all: true,
      },
      /was approved by <@UBEN>, and every later call of it in this run.*fine/,
    ],
    [
      'tool-decided',
      { request: 'r', call: toolCall(), outcome: 'rejected', decision: decision({ by: ben, note: 'no' }) },
      /<@UBEN> rejected `write_file` of `filesystem`.*"no"/,
    ],
    [
      'tool-decided',
      { request: 'r', call: toolCall(), outcome: 'expired' },
      /`write_file` of `filesystem` was not decided about in time/,
    ],
    ['tool-decided', { request: 'r', call: toolCall(), outcome: 'withdrawn' }, /is no longer asked about/],
    ...['done', 'failed', 'denied', 'rejected', 'lost', 'happened', 'cancelled'].map(
      (outcome): [Checkpoint['kind'], object, RegExp] => [
        'tool-called',
        { call: toolCall(), outcome, text: `the ${outcome} answer`, cut: true },
        new RegExp(`\`write_file\` of \`filesystem\` was .*the ${outcome} answer`),
      ],
    ),
    [
      'questioned',
      { question: 'q', asked: ASKED, options: ['2.4'], expiresAt: at },
      /The model asked a question; it can be answered until.*Which release is meant\?.*2\.4/,
    ],
    [
      'questioned',
      {
        question: 'q',
        asked: { what: 'lost-call', call: toolCall(), why: 'it died' },
        options: [],
        expiresAt: at,
      },
      /whether the call of `write_file` of `filesystem` happened.*it died/,
    ],
    [
      'questioned',
      {
        question: 'q',
        asked: { what: 'budget', part: 'turns', budget, spent: budget },
        options: [],
        expiresAt: at,
      },
      /a spent budget \(turns of the model\)/,
    ],
    ['answered', { question: 'q', answer }, /<@UBEN> answered.*the second/],
    ['answered', { question: 'q' }, /Nobody answered in time/],
    ['granted', { part: 'turns', budget, by: ben }, /<@UBEN> granted more: the budget is 100 turns now/],
    ['continued', {}, /goes on in a new run of its workflow/],
  ];
  for (const [kind, data, words] of tales) {
    it(`tells ${kind}: ${words.source.slice(0, 60)}`, () => {
      const modal = storyModal('abcd2345', [entry(kind, data)]);
      assert.deepEqual(viewProblems(modal, 'modal'), []);
      assert.match(JSON.stringify(modal.blocks), words);
    });

    it(`tells ${kind} though nothing more is known of it: ${words.source.slice(0, 60)}`, () => {
      const modal = storyModal('abcd2345', [entry(kind, {})]);
      assert.deepEqual(viewProblems(modal, 'modal'), []);
      assert.equal(modal.blocks.length, 1);
    });
  }

  it('keeps to a view’s size with hundreds of long entries, and says that there is more', () => {
    const entries = Array.from({ length: 500 }, (_, index) =>
      entry('tool-called', { call: toolCall(), outcome: 'done', text: '漢'.repeat(3_000) }, String(index)),
    );
    const modal = storyModal('abcd2345', entries);
    assert.deepEqual(viewProblems(modal, 'modal'), []);
    assert.ok(Buffer.byteLength(JSON.stringify(modal)) < 250_000);
    assert.match(JSON.stringify(modal.blocks[0]), /The beginning is left out here/);
  });
});

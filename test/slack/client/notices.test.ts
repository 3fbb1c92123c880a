import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { viewProblems } from '../../../sandbox/workspace/validation/views.js';
import type { Decision } from '../../../src/approval/decision.js';
import type { Refusal } from '../../../src/approval/judge.js';
import { DEFAULT_POLICY } from '../../../src/approval/policy.js';
import type { Outcome } from '../../../src/approval/request.js';
import type { Checkpoint, RunEvent } from '../../../src/run/event.js';
import type { DecisionMessage } from '../../../src/run/message.js';
import {
  budgetChoices,
  LOST_CALL_CHOICES,
  type RequestItem,
  type RequestMessage,
} from '../../../src/run/request.js';
import type { Asked, RunSnapshot } from '../../../src/run/state.js';
import type { RunSummary } from '../../../src/run/summary.js';
import { findPendingApprovers } from '../../../src/slack/client/notices.js';
import { detailsModal } from '../../../src/slack/messages/details/details-modal.js';
import { noticeMessage } from '../../../src/slack/messages/notices/notice.js';
import {
  escalationMessage,
  type PendingApprovers,
  reminderMessage,
} from '../../../src/slack/messages/notices/reminder.js';
import { cardMessage } from '../../../src/slack/messages/plan/card.js';
import { problemLines, statusText } from '../../../src/slack/messages/private/status.js';
import { refusedDecisionText } from '../../../src/slack/messages/refusals/refused-decision.js';
import { findWaitingItem, type WaitingItem } from '../../../src/slack/messages/request/waiting.js';
import { cardWith, waiting } from '../../support/cards.js';
import { planItem, QUESTION, questionMessage, toolCall, toolMessage } from '../../support/requests.js';
import { ana, ben, chloe, decision, policyWith, verdict } from '../../support/samples.js';

const at = '2026-11-24T10:00:00.000Z';
const link = 'https://x.example/p1';
const nobody: PendingApprovers = { mentions: [], everybody: undefined };

/** Slack knows one group. */
const directory = {
  members: async (group: string) => (group === 'SREVIEW' ? ['UBEN', 'UCHLOE'] : undefined),
};

function waitingItem(message: DecisionMessage): WaitingItem {
  const found = findWaitingItem(message);
  assert.ok(found);
  return found;
}

const pendingFor = (message: DecisionMessage) =>
  findPendingApprovers(directory, ana, waitingItem(message).item);
const reminderText = (message: DecisionMessage, pending = nobody, to?: string) =>
  reminderMessage(waitingItem(message), pending, to).text;
const escalationText = (message: DecisionMessage, pending = nobody) =>
  escalationMessage(waitingItem(message), pending, undefined).text;
const noticeText = (message: DecisionMessage, place: { link?: string } = { link }) =>
  noticeMessage(message, { channel: 'C1', ...place }).text;

const policy = policyWith({ approvers: ['SREVIEW', 'requester'], approvals: 2, requesterMayApprove: false });
const call = toolMessage({ policy, votes: [decision({ by: ben })] });
/** The policy of a question that is for the requester alone. */
const requesterOnly = { ...policy, approvers: ['requester'], approvals: 1, requesterMayApprove: true };

describe('a reminder', () => {
  it('of a tool call goes to those who can approve it and haven’t, and leads to it', async () => {
    const pending = await pendingFor(call);
    assert.deepEqual(pending.ids, ['UCHLOE']);
    assert.match(
      reminderText(call, pending, link),
      /<@UCHLOE>: the action `Write file: “notes\.md”` still waits for your approval \(1 of 2 so far\)\. .* <https:\/\/x\.example\/p1\|Open the card>/,
    );
  });

  it('leaves out who edited the plan, where the requester may not approve', async () => {
    const edited = toolMessage({ ...call.item, editors: [chloe] });
    assert.deepEqual((await pendingFor(edited)).ids, []);
  });

  it('of a question to the requester goes to them alone', async () => {
    const question = questionMessage({ policy: requesterOnly });
    const pending = await pendingFor(question);
    assert.deepEqual(pending.ids, ['UANA']);
    assert.match(
      reminderText(question, pending),
      /<@UANA>: this question still waits for your answer\. Answer by/,
    );
  });

  it('of a question to the approvers goes to them', async () => {
    const subject = { ...QUESTION, to: 'approvers' } as const;
    const pending = await pendingFor(questionMessage({ policy, subject }));
    assert.deepEqual(pending.ids, ['UBEN', 'UCHLOE']);
  });

  it('of a plan reads as before', () => {
    assert.match(
      reminderText(cardWith(waiting())),
      /Approvers: this plan still waits for your approval\. Decide by <!date\^\d+\^\{date_long_pretty\} at \{time\}/,
    );
  });

  it('that widens the circle says what more people may do', () => {
    const pending = { mentions: ['<@UCHLOE>'], everybody: undefined };
    assert.match(escalationText(call, pending), /<@UCHLOE> may approve the action `Write file/);
    assert.match(
      escalationText(questionMessage(), pending),
      /Nobody has answered yet.*<@UCHLOE> may answer this question/,
    );
  });

  it('that widens the circle doesn’t say that nobody decided when somebody has approved', () => {
    const pending = { mentions: ['<@UCHLOE>'], everybody: undefined };
    assert.match(escalationText(call, pending), /^:mega: 1 of 2 approvals so far, so from now on/);
    assert.match(
      escalationText(toolMessage({ policy }), pending),
      /^:mega: Nobody has decided yet, so from now on/,
    );
  });

  it('is for nothing that is decided', () => {
    assert.equal(findWaitingItem(toolMessage({ outcome: { kind: 'withdrawn' } })), undefined);
    assert.equal(findWaitingItem(questionMessage({ outcome: { kind: 'expired', at } })), undefined);
    assert.equal(findWaitingItem(cardWith({ kind: 'expired', at })), undefined);
  });
});

describe('a direct message to an approver', () => {
  const outcomes: [Outcome | undefined, RegExp][] = [
    [undefined, /waits for your approval/],
    [verdict({ by: ben }, [decision({ by: ben })]), /<@UBEN> approved /],
    [verdict({ by: ben, kind: 'reject' }), /<@UBEN> rejected /],
    [
      verdict({ by: ben, kind: 'edit' }),
      /<@UBEN> edited (?:this|the action .*)\. The edited version needs approval\./,
    ],
    [{ kind: 'expired', at }, /expired: nobody decided in time/],
    [{ kind: 'withdrawn' }, /the run is over/],
  ];
  for (const [outcome, words] of outcomes) {
    it(`about a tool call links it and says that it ${outcome?.kind ?? 'waits'}`, () => {
      const message = toolMessage(outcome && { outcome });
      const { text, blocks } = noticeMessage(message, { channel: 'C1', link });
      const name = 'The action “Write file: “notes.md””';
      const drawn = JSON.stringify(blocks);
      assert.ok(drawn.includes(`"type":"link","url":"${link}","text":"${name}"`));
      assert.ok(text.toLowerCase().includes(name.toLowerCase()));
      assert.match(text, words);
      assert.match(drawn, words);
      assert.equal(JSON.stringify(blocks).includes('Open the card'), outcome === undefined);
    });
  }

  it('about a question says what became of it', () => {
    const text = (outcome?: Outcome) => noticeText(questionMessage(outcome && { outcome }));
    assert.match(text(), /The question “Which release is meant\?” waits for your answer/);
    assert.match(text(verdict({ kind: 'answer', by: ben, note: 'yes' })), /<@UBEN> answered the question/);
    assert.match(text({ kind: 'expired', at }), /nobody answered in time/);
    assert.match(text({ kind: 'withdrawn' }), /the run is over/);
  });

  it('keeps a tool’s name from being markup', () => {
    const name = 'x__<!channel>|*_~`<https://evil.example|bank>';
    const text = noticeText(toolMessage({}, { name }));
    assert.doesNotMatch(text.replace(link, ''), /<!channel>|https:|\*|`/);
  });
});

describe('a refused decision', () => {
  const refusalText = (made: Decision, refusal: Refusal, item?: RequestItem) =>
    refusedDecisionText({ decision: made, refusal, requester: ana, item, link });
  const answer = decision({ kind: 'answer', by: chloe, request: 'request-7', choice: '1' });

  it('doesn’t name who edited the plan among those who can', () => {
    const made = decision({ by: chloe });
    for (const item of [planItem({ policy }), planItem({ policy, editors: [chloe] })]) {
      assert.match(
        refusalText(made, { reason: 'edited' }, item),
        /Who can: .*\(not <@UANA>, who asked, nor <@UCHLOE>, who changed the plan\)\./,
      );
    }
    const others = refusalText(made, { reason: 'edited' }, planItem({ policy, editors: [ben, chloe] }));
    assert.match(others, /nor <@UBEN>, <@UCHLOE>, who changed the plan/);
  });

  it('is told that a tool call doesn’t take it', () => {
    assert.match(
      refusalText(decision({ kind: 'extend' }), { reason: 'not-offered' }),
      /this action is not part of “Approve all”\. Use its own Approve, Reject or Edit\. <https/,
    );
  });

  it('of a question is told whom the question is for', () => {
    const { item } = questionMessage({ policy: requesterOnly });
    assert.match(
      refusalText(answer, { reason: 'not-an-approver' }, item),
      /^Your answer didn't count: this question is for <@UANA>\.$/,
    );
    const subject = { kind: 'lost-call', call: toolCall(), why: 'x' } as const;
    assert.match(
      refusalText(answer, { reason: 'four-eyes' }, questionMessage({ policy, subject }).item),
      /for <!subteam\^SREVIEW>, <@UANA> \(not <@UANA>, who asked\)/,
    );
  });

  it('of a question is told that somebody was first, or that there is no such answer', () => {
    const { item } = questionMessage();
    const first = decision({ kind: 'answer', by: ben });
    assert.match(
      refusalText(answer, { reason: 'already-decided', decision: first }, item),
      /<@UBEN> already answered this/,
    );
    assert.match(
      refusalText(answer, { reason: 'not-offered' }, item),
      /^Your answer didn't count: this question has no such answer\.$/,
    );
  });
});

function summaryOf(status: string): RunSummary {
  const memo = { goal: 'the goal', requester: ana, channel: 'C1', approvers: [] };
  return { shortId: 'abcd2345', memo, status, startedAt: new Date(at), executionId: 'x' };
}

describe('a run that stopped at its budget', () => {
  const why = 'the budget of 50 turns is spent <!channel>';

  it('says on its card why', () => {
    const shown = JSON.stringify(
      cardMessage(cardWith({ kind: 'cancelled', at, votes: [decision()], why })).blocks,
    );
    assert.match(shown, /:octagonal_sign: \*Stopped\* · <!date/);
    assert.ok(shown.includes(`"text":"“${why}”"`), 'in plain text');
  });

  it('says so in its status and in the direct messages', () => {
    const summary = summaryOf('COMPLETED');
    const ending = { kind: 'outcome', outcome: { state: 'cancelled', why } } as const;
    assert.match(
      statusText(summary, { end: ending }),
      /was stopped: `the budget of 50 turns is spent &lt;!channel&gt;`\./,
    );
    const card = cardWith({ kind: 'cancelled', at, votes: [], why });
    assert.match(noticeText(card, {}), /was stopped\./);
    assert.ok(JSON.stringify(noticeMessage(card, { channel: 'C1' }).blocks).includes(`"text":"${why}"`));
  });
});

describe('the status of a run', () => {
  const summary = summaryOf('RUNNING');
  const executing = (own: Partial<RunSnapshot> = {}): RunSnapshot => ({
    shortId: 'abcd2345',
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
    const asking: Asked[] = [
      { kind: 'question' },
      { kind: 'tool-call', headline: 'Delete <!channel>' },
      { kind: 'question' },
    ];
    const spent = { turns: 3, toolCalls: 1, tokens: 12_345, costUsd: 0.0312, timeMs: 61_000 };
    const lines = statusText(summary, { snapshot: executing({ asking, spent }) }).split('\n');
    assert.deepEqual(lines.slice(3), [
      ':large_yellow_circle: Waiting in the thread: a question from the agent (2 times); `Delete &lt;!channel&gt;`',
      'Used so far: 3 model replies · 1 action · 12,345 tokens · about $0.031 · 1 min working time',
    ]);
  });

  it('is short where ten calls wait side by side', () => {
    const asking = Array.from(
      { length: 10 },
      (_, index): Asked => ({
        kind: 'tool-call',
        headline: `Tool ${index}`,
      }),
    );
    assert.match(statusText(summary, { snapshot: executing({ asking }) }), /`Tool 4`; 5 more$/);
  });

  it('says nothing of either before there is any', () => {
    const spent = { turns: 0, toolCalls: 0, tokens: 0, costUsd: 0, timeMs: 0 };
    assert.equal(statusText(summary, { snapshot: executing({ spent }) }).split('\n').length, 3);
  });

  it('names the tool servers that aren’t available, and why', () => {
    assert.deepEqual(problemLines([]), []);
    assert.match(
      problemLines([{ server: 'github', reason: 'it ended\nwith code 1 <!here>' }]).join(),
      /The tools of `github` aren't available: `it ended with code 1 &lt;!here&gt;`/,
    );
  });
});

describe('Details', () => {
  const usage = { inputTokens: 1_000, outputTokens: 234 };
  const budget = { turns: 100, toolCalls: 200, tokens: 1, costUsd: 1, timeMs: 1 };
  const expiresAt = at;
  const entry = (event: RunEvent, key: string = event.kind): Checkpoint => ({
    shortId: 'abcd2345',
    key,
    at,
    ...event,
  });
  const requested = ({ request, revision, item }: RequestMessage): RunEvent => ({
    kind: 'requested',
    data: { id: request, revision, items: [item] },
  });
  const planned = requested({ ...toolMessage(), item: planItem({ policy, expiresAt }) });
  const tool = requested(toolMessage({ policy, expiresAt }));
  const question = requested(questionMessage({ expiresAt }));
  const lostCall = requested(
    questionMessage({
      subject: { kind: 'lost-call', call: toolCall(), why: 'it died' },
      choices: LOST_CALL_CHOICES,
    }),
  );
  const spentBudget = requested(
    questionMessage({
      subject: { kind: 'budget', part: 'turns', budget, spent: budget },
      choices: budgetChoices(budget, budget, 'turns'),
    }),
  );
  const decided = (item: string, outcome: Outcome): RunEvent => ({
    kind: 'decided',
    data: { request: 'request-7', item, outcome },
  });
  const vote = decision({ by: ben, note: 'fine' });
  const { input: _, ...called } = toolCall();
  /** The text of Details about the last of some events. */
  const lines: [RunEvent[], RegExp][] = [
    [
      [
        {
          kind: 'turned',
          data: { turn: 3, text: 'Now I write.', calls: ['files__write', 'ask_person'], usage },
        },
      ],
      /Turn 3: the agent wants `files · write`, `ask_person` \(1,234 tokens\).*Now I write\./,
    ],
    [[{ kind: 'turned', data: { turn: 4, text: '', calls: [], usage } }], /Turn 4: the agent calls no tool/],
    [[planned], /Revision 1 waits for 2 approvals of .*but not from the person who asked, until/],
    [
      [planned, decided('plan', verdict({ by: ben }, [vote]))],
      /Revision 1 was approved by <@UBEN> · fingerprint `dddddddddddd`/,
    ],
    [
      [planned, decided('plan', verdict({ by: ben, kind: 'reject', note: 'no' }))],
      /<@UBEN> rejected it.*"no"/,
    ],
    [
      [planned, decided('plan', verdict({ by: ben, kind: 'changes', note: 'more' }))],
      /<@UBEN> asked for changes.*"more"/,
    ],
    [[planned, decided('plan', { kind: 'expired', at })], /Revision 1 was not decided about in time/],
    [
      [tool],
      /`filesystem · write_file`, for step 2, waits for 2 approvals of .*but not from the person who asked, until.*notes\.md/,
    ],
    [
      [tool, { kind: 'voted', data: { request: 'request-7', item: '1', decision: vote, votes: 1, of: 2 } }],
      /<@UBEN> approved the action `Write file: “notes\.md”` \(1 of 2\).*fine/,
    ],
    [
      [tool, decided('1', verdict({ by: ben }, [{ ...vote, everyCall: true }]))],
      /was approved by <@UBEN>, and every later call of it in this run.*fine/,
    ],
    [
      [tool, decided('1', verdict({ by: ben, kind: 'reject', note: 'no' }))],
      /<@UBEN> rejected `filesystem · write_file`.*"no"/,
    ],
    [
      [tool, decided('1', { kind: 'expired', at })],
      /`filesystem · write_file` was not decided about in time/,
    ],
    [[tool, decided('1', { kind: 'withdrawn' })], /is no longer asked about/],
    ...(['done', 'failed', 'denied', 'rejected', 'expired', 'lost', 'happened', 'cancelled'] as const).map(
      (outcome): [RunEvent[], RegExp] => [
        [
          {
            kind: 'tool-called',
            data: { call: called, outcome, text: `the ${outcome} answer`, cut: true },
          },
        ],
        new RegExp(`\`filesystem · write_file\` was .*the ${outcome} answer`),
      ],
    ),
    [[question], /The agent asked a question; it can be answered until.*Which release is meant\?.*2\.4/],
    [[lostCall], /whether this was done: `Write file: “notes\.md”`.*it died/],
    [[spentBudget], /a used-up budget \(model replies\)/],
    [
      [question, decided('question', verdict({ kind: 'answer', by: ben, choice: '2', note: 'not 2.4' }))],
      /<@UBEN> answered.*"2\.5 \(not 2\.4\)"/,
    ],
    [
      [question, decided('question', verdict({ kind: 'answer', by: ben, note: 'the second' }))],
      /<@UBEN> answered.*the second/,
    ],
    [[question, decided('question', { kind: 'expired', at })], /Nobody answered in time/],
    [[question, decided('question', { kind: 'withdrawn' })], /The question is no longer asked/],
    [
      [{ kind: 'granted', data: { part: 'turns', budget, by: ben } }],
      /<@UBEN> granted more: the budget is 100 model replies now/,
    ],
    [[{ kind: 'continued', data: {} }], /What happened/],
  ];
  for (const [events, words] of lines) {
    it(`tell ${events.map(({ kind }) => kind).join(', ')}: ${words.source.slice(0, 60)}`, () => {
      const modal = detailsModal(
        'abcd2345',
        events.map((event) => entry(event)),
      );
      assert.deepEqual(viewProblems(modal, 'modal'), []);
      assert.match(JSON.stringify(modal.blocks), words);
    });
  }

  it('tell of a decision though the entry that asked for it is missing', () => {
    const outcomes: Outcome[] = [
      verdict({}, [vote]),
      ...(['reject', 'changes', 'edit', 'answer'] as const).map((kind) => verdict({ kind })),
      { kind: 'expired', at },
      { kind: 'withdrawn' },
    ];
    for (const outcome of outcomes) {
      const modal = detailsModal('abcd2345', [entry(decided('1', outcome))]);
      assert.deepEqual(viewProblems(modal, 'modal'), []);
      assert.doesNotMatch(JSON.stringify(modal.blocks), /Nobody has decided/);
    }
  });

  it('keep to a view’s size with hundreds of long entries, and say that there is more', () => {
    const text = '漢'.repeat(3_000);
    const entries = Array.from({ length: 500 }, (_, index) =>
      entry({ kind: 'tool-called', data: { call: called, outcome: 'done', text } }, String(index)),
    );
    const modal = detailsModal('abcd2345', entries);
    assert.deepEqual(viewProblems(modal, 'modal'), []);
    assert.ok(Buffer.byteLength(JSON.stringify(modal)) < 250_000);
    assert.match(JSON.stringify(modal.blocks), /What happened.{0,80}The beginning is left out here/);
  });

  it('show what people decided first, and each time once', () => {
    const later = new Date(Date.parse(at) + 90_000).toISOString();
    const asked = {
      kind: 'started',
      data: { goal: 'the goal', requester: ana, channel: 'C1', policy },
    } as const;
    const approved = {
      kind: 'voted',
      data: { request: 'request-7', item: 'plan', decision: vote, votes: 1, of: 2 },
    } as const;
    const events = [entry(asked), entry(planned), { ...entry(approved), at: later }];
    const drawn = JSON.stringify(detailsModal('abcd2345', events).blocks);
    assert.match(
      drawn,
      /"Decisions".*approved \(1 of 2\).*fine.*"What happened".*<@UANA> asked.*Revision 1 waits/,
    );
    const times = [...drawn.matchAll(/"type":"context"[^}]*<!date\^(\d+)/g)].map(
      ([, second]) => Number(second) * 1_000,
    );
    assert.deepEqual(times, [Date.parse(later), Date.parse(at)], 'one for two lines of a minute');
    assert.match(
      JSON.stringify(detailsModal('abcd2345', [entry(asked)]).blocks),
      /Nobody has decided anything yet/,
    );
  });

  it('draw the Markdown of the agent, as a quotation without a table', () => {
    const text = '**Done** with:\n\n- one\n- two\n\n| a | b |\n| - | - |\n| 1 | 2 |';
    const events = [entry({ kind: 'turned', data: { turn: 1, text, calls: [], usage } })];
    const modal = detailsModal('abcd2345', events);
    assert.deepEqual(viewProblems(modal, 'modal'), []);
    const drawn = JSON.stringify(modal.blocks);
    assert.match(drawn, /"rich_text_quote".*"text":"Done","style":\{"bold":true\}/);
    assert.match(drawn, /"rich_text_list".*"border":1/);
    assert.doesNotMatch(drawn, /\*\*Done|"type":"table"/);
  });
});

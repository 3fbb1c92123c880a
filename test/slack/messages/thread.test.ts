import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PlanBlock } from '@slack/types';
import type { Budget } from '../../../src/approval/policy.js';
import type { Outcome } from '../../../src/approval/request.js';
import type { ProgressStep } from '../../../src/run/execution/progress.js';
import { budgetChoices, LOST_CALL_CHOICES } from '../../../src/run/request.js';
import { decodeButton } from '../../../src/slack/messages/kit/ids.js';
import type { MessageWithAttachments } from '../../../src/slack/messages/kit/payload.js';
import { noticeMessage } from '../../../src/slack/messages/notices/notice.js';
import { progressMessage } from '../../../src/slack/messages/progress/progress.js';
import { requestMessage } from '../../../src/slack/messages/request/request-message.js';
import { progressCard } from '../../support/cards.js';
import { QUESTION, questionMessage, toolCall } from '../../support/requests.js';
import { policyWith, verdict } from '../../support/samples.js';
import {
  assertHarmless,
  assertTaken,
  buttonElements,
  drawnText,
  HOSTILE,
  labelsOf,
  markupOf,
} from '../../support/slack/drawn.js';

const at = '2026-11-24T10:00:00.000Z';

describe('a question in the thread', () => {
  const answer = verdict({ kind: 'answer', choice: '2', note: 'but not on Monday' });
  const outcomes: (Outcome | undefined)[] = [
    undefined,
    answer,
    { kind: 'expired', at },
    { kind: 'withdrawn' },
  ];
  for (const outcome of outcomes) {
    it(`is taken by Slack when it ${outcome?.kind ?? 'waits'}, and can be answered only while it waits`, () => {
      const message = requestMessage(questionMessage(outcome && { outcome }));
      assertTaken(message);
      assert.deepEqual(labelsOf(message), outcome ? [] : ['2.4', '2.5', 'Answer']);
    });
  }
  const choicesOf = (labelsOfChoices: string[]) =>
    labelsOfChoices.map((label, index) => ({ id: String(index + 1), label }));

  it('says which tool asks, to whom the answer goes, and to keep secrets out of it', () => {
    const subject = { ...QUESTION, tool: 'trains__book' };
    const markup = markupOf(requestMessage(questionMessage({ subject })));
    assert.match(markup, /\*The tool\* `trains · book` \*asks:\*/);
    assert.match(markup, /answer goes to that tool's server\. Never answer with a password/);
    assert.doesNotMatch(markup, /The agent asks/);
  });

  it('of a tool that asks no longer doesn’t say that the run is over', () => {
    const message = questionMessage({
      subject: { ...QUESTION, tool: 'trains__book' },
      outcome: { kind: 'withdrawn' },
    });
    for (const shown of [markupOf(requestMessage(message)), noticeMessage(message, { channel: 'C1' }).text]) {
      assert.match(shown, /No answer is needed any more: the tool has finished/);
      assert.doesNotMatch(shown, /[Tt]he run (is over|ended)/);
    }
  });

  it('says whose question it is, who may answer until when, and that answering approves nothing', () => {
    const message = requestMessage(questionMessage());
    assert.match(markupOf(message), /The agent asks\*, in its own words/);
    assert.match(
      markupOf(message),
      /Waiting for <@UANA> · Answer by <!date\^.*Answering doesn't approve anything\./,
    );
    assert.ok(drawnText(message).includes('Which release is meant?'));
  });

  it('is for the approvers where the model asks them', () => {
    const policy = policyWith({ approvers: ['UBEN', 'SREVIEW'] });
    const subject = { ...QUESTION, to: 'approvers' } as const;
    const markup = markupOf(requestMessage(questionMessage({ subject, policy })));
    assert.match(markup, /Waiting for <@UBEN>, <!subteam\^SREVIEW>/);
  });

  it('is for the requester where the model asks them', () => {
    assert.match(markupOf(requestMessage(questionMessage())), /Waiting for <@UANA> · Answer/);
  });

  it('carries which question and which choice in its buttons', () => {
    const values = buttonElements(requestMessage(questionMessage())).map(({ value }) => decodeButton(value));
    const items = [{ id: 'question', digest: '' }];
    const shown = { run: 'abcd2345', request: 'request-7', revision: 1, items };
    assert.deepEqual(values, [{ ...shown, choice: '1' }, { ...shown, choice: '2' }, shown]);
  });

  it('has no field where only its options are taken', () => {
    const message = requestMessage(questionMessage({ freeText: false }));
    assert.deepEqual(labelsOf(message), ['2.4', '2.5']);
    assert.ok(!message.blocks.some(({ type }) => type === 'input'));
  });

  it('shows options in full that are longer than a button', () => {
    const long = `Take the longer way round, ${'and round '.repeat(30)}and home`;
    const message = requestMessage(questionMessage({ choices: choicesOf(['Stay', long]) }));
    assertTaken(message);
    assert.ok(drawnText(message).includes(long));
    assert.match(labelsOf(message).join('\n'), /^1\. Stay\n2\. Take the longer way.*…\nAnswer$/);
  });

  it('is taken with very many and very long options', () => {
    const options = Array.from({ length: 300 }, (_, index) => `Option ${index} ${'o'.repeat(500)}`);
    const message = requestMessage(questionMessage({ choices: choicesOf(options) }));
    assertTaken(message);
    assert.match(markupOf(message), /250 more options have no button here/);
    const [whole] = message.attachments;
    assert.ok(whole?.text.includes(`300. ${options[299]}`), 'all of them are attached');
    assert.ok(markupOf(message).includes(`\`${whole?.name}\``));
  });

  it('attaches a question that is too long whole', () => {
    const text = 'Why? '.repeat(20_000);
    const message = requestMessage(questionMessage({ subject: { ...QUESTION, text } }));
    assertTaken(message);
    assert.equal(message.attachments[0]?.text, text);
  });

  it('says who answered what, with the words that stood beside the button', () => {
    const message = requestMessage(questionMessage({ outcome: answer }));
    assert.match(markupOf(message), /Answered by <@UANA>/);
    assert.ok(drawnText(message).includes('"2.5 (but not on Monday)"'));
  });

  it('says truthfully that nobody answered', () => {
    const message = requestMessage(questionMessage({ outcome: { kind: 'expired', at } }));
    assert.match(markupOf(message), /Nobody answered by <!date/);
  });

  it('says with which action contact was lost, where to look, and offers what follows', () => {
    const subject = { kind: 'lost-call', call: toolCall(), why: 'The server died.' } as const;
    const message = requestMessage(questionMessage({ subject, choices: LOST_CALL_CHOICES, freeText: false }));
    assertTaken(message);
    for (const part of [
      '*We lost contact during this action.* Check `filesystem`: was `Write file: “notes.md”` done?',
      'The server died.',
      'notes.md',
    ]) {
      assert.ok(drawnText(message).includes(part), part);
    }
    assert.deepEqual(labelsOf(message), [
      'It was done, continue',
      "It wasn't, run it again",
      'Stop run',
      'Exact input',
    ]);
    assert.equal(buttonElements(message)[2]?.style, 'danger');
  });

  it('says which part of the budget is spent, and how far the others are', () => {
    const budget = { turns: 50, toolCalls: 200, tokens: 2_000_000, costUsd: 10, timeMs: 3_600_000 };
    const spent = { turns: 50, toolCalls: 12, tokens: 345_678, costUsd: 0.7123, timeMs: 754_000 };
    for (const part of Object.keys(budget) as (keyof Budget)[]) {
      const subject = { kind: 'budget', part, budget, spent } as const;
      const choices = budgetChoices(budget, budget, part);
      const message = requestMessage(questionMessage({ subject, choices, freeText: false }));
      assertTaken(message);
      const isSpent = spent[part] >= budget[part];
      assert.match(markupOf(message), isSpent ? /The budget is used up/ : /too small for the next actions/);
      for (const words of [
        'model replies: 50 of 50',
        'actions: 12 of 200',
        'tokens: 345,678 of 2,000,000',
        'money: about $0.71 of $10',
        'working time: 13 min of 1 h',
      ]) {
        assert.ok(drawnText(message).includes(words), words);
      }
    }
  });

  it('is harmless whatever the model asks, and however it calls the options', () => {
    const own = { subject: { ...QUESTION, text: HOSTILE }, choices: choicesOf([HOSTILE, '']) };
    for (const outcome of outcomes) {
      const message = requestMessage(questionMessage({ ...own, ...(outcome && { outcome }) }));
      assertTaken(message);
      assertHarmless(message);
    }
  });
});

describe('progress in the thread', () => {
  const planOf = ({ blocks }: MessageWithAttachments) =>
    blocks[0] as PlanBlock & { tasks: { status: string; title: string }[] };
  const steps = (n: number, own: (at: number) => Partial<ProgressStep> = () => ({})): ProgressStep[] =>
    Array.from({ length: n }, (_, index) => ({
      title: `Step ${index}`,
      status: 'pending',
      calls: [],
      note: '',
      ...own(index),
    }));

  it('shows each step as it stands, with its tool calls and what the model says of it', () => {
    const message = progressMessage(
      progressCard({
        steps: [
          {
            title: 'Read',
            status: 'done',
            calls: [{ headline: 'Read the notes', status: 'done', detail: 'notes.md' }],
            note: 'Read them all.',
          },
          {
            title: 'Write',
            status: 'in_progress',
            calls: [{ headline: 'Write the notes', status: 'asking', detail: 'notes.md' }],
            note: '',
          },
          { title: 'Send', status: 'failed', calls: [], note: '' },
          { title: 'Rest', status: 'pending', calls: [], note: '' },
        ],
        otherCalls: [{ headline: 'Fetch a page', status: 'refused', detail: '' }],
      }),
    );
    assertTaken(message);
    const { tasks } = planOf(message);
    assert.deepEqual(
      tasks.map(({ title, status }) => `${title}: ${status}`),
      [
        '1. Read: complete',
        '2. Write: in_progress',
        '3. Send: error',
        '4. Rest: pending',
        'Other actions: error',
      ],
    );
    for (const words of [
      'Read the notes',
      ' · done: notes.md',
      'Read them all.',
      ' · waiting for a decision: notes.md',
      ' · not run',
    ]) {
      assert.ok(drawnText(message).includes(words), words);
    }
    assert.match(
      markupOf(message),
      /1 of 4 steps done · So far: 3 model replies · 4 actions · 12,345 tokens · about \$0\.031/,
    );
  });

  it('turns no spinner and waits for nobody once the run is over, and leaves the total to the result', () => {
    const open = (status: 'asking' | 'in_progress') => ({
      headline: 'Write the notes',
      status,
      detail: 'notes.md',
    });
    const steps = (['asking', 'in_progress'] as const).map((status) => ({
      ...{ title: 'Write', status: 'in_progress' as const, calls: [open(status)], note: '' },
    }));
    for (const state of ['stopped', 'failed', 'done'] as const) {
      const message = progressMessage(progressCard({ state, steps, otherCalls: [open('asking')] }));
      assertTaken(message);
      const { tasks } = planOf(message);
      assert.deepEqual([...new Set(tasks.map(({ status }) => status))], ['error'], state);
      assert.match(drawnText(message), / · not run: notes\.md[\s\S]* · interrupted: notes\.md/);
      assert.doesNotMatch(drawnText(message), /waiting for a decision|running/);
      assert.equal(markupOf(message).includes('about $'), state !== 'done', state);
    }
  });

  it('is taken with fifty long steps of many calls, and says how many calls it leaves out', () => {
    const calls = Array.from({ length: 40 }, (_, index) => ({
      headline: `Tool ${index}`,
      status: 'done' as const,
      detail: 'd'.repeat(900),
    }));
    const note = 'n'.repeat(2_000);
    const message = progressMessage(
      progressCard({
        steps: steps(50, (index) => ({
          title: `${'字'.repeat(300)}`,
          calls,
          note,
          status: index < 20 ? 'done' : index === 20 ? 'in_progress' : 'pending',
        })),
      }),
    );
    assertTaken(message);
    const { tasks } = planOf(message);
    assert.ok(tasks.length + 2 <= 50);
    const active = tasks.find(({ status }) => status === 'in_progress');
    assert.ok(active, 'the step at work is among those shown');
    assert.match(drawnText(message), /\d+ earlier actions|40 actions/);
    assert.match(markupOf(message), /2 of 50 steps are not shown here/);
  });

  it('keeps the step at work in sight when there are more steps than Slack takes', () => {
    for (const working of [0, 30, 75, 99]) {
      const message = progressMessage(
        progressCard({
          steps: steps(100, (index) => ({
            status: index < working ? 'done' : index === working ? 'in_progress' : 'pending',
          })),
        }),
      );
      assertTaken(message);
      const { tasks } = planOf(message);
      assert.ok(
        tasks.some(({ title }) => title === `${working + 1}. Step ${working}`),
        `step ${working}`,
      );
      assert.match(markupOf(message), /52 of 100 steps are not shown here/);
    }
  });

  it('tells the step at work more fully than those that are over', () => {
    const calls = Array.from({ length: 20 }, (_, index) => ({
      headline: 'Read a page',
      status: 'done' as const,
      detail: `page ${index} ${'x'.repeat(60)}`,
    }));
    const message = progressMessage(
      progressCard({
        steps: steps(20, (index) => ({ calls, status: index < 19 ? 'done' : 'in_progress' })),
      }),
    );
    assertTaken(message);
    const sizes = planOf(message).tasks.map((task) => JSON.stringify(task).length);
    assert.ok((sizes.at(-1) ?? 0) > 3 * (sizes[0] ?? 0), sizes.join(' '));
  });

  it('is harmless, and taken, whatever the steps are called', () => {
    const hostile: ProgressStep = {
      title: HOSTILE,
      status: 'done',
      calls: [{ headline: HOSTILE, status: 'failed', detail: HOSTILE }],
      note: HOSTILE,
    };
    const message = progressMessage(
      progressCard({ title: HOSTILE, steps: [hostile], otherCalls: hostile.calls }),
    );
    assertTaken(message);
    assertHarmless(message);
  });

  it('is taken without a step, and with nothing spent', () => {
    const spent = { turns: 0, toolCalls: 0, tokens: 0, costUsd: 0, timeMs: 0 };
    for (const state of ['working', 'waiting', 'done', 'stopped', 'failed'] as const) {
      const message = progressMessage(progressCard({ steps: [], title: '', spent, state }));
      assertTaken(message);
      assert.doesNotMatch(markupOf(message), /\$/);
    }
  });
});

import type { ToolRule } from '../../../src/approval/policy.js';
import type { Outcome } from '../../../src/approval/request.js';
import type { ProgressCard } from '../../../src/run/execution/progress.js';
import type { ToolCall } from '../../../src/run/execution/tools.js';
import {
  budgetChoices,
  LOST_CALL_CHOICES,
  type RequestItem,
  type RequestMessage,
  type Subject,
} from '../../../src/run/request.js';
import { progressMessage } from '../../../src/slack/messages/progress/progress.js';
import { editCallModal, editorLeftOutText } from '../../../src/slack/messages/request/edit-form.js';
import { exactInputModal } from '../../../src/slack/messages/request/exact-input.js';
import { requestMessage } from '../../../src/slack/messages/request/request-message.js';
import { resultPages, shortResult } from '../../../src/slack/messages/result/result.js';
import { progressCard } from '../cards.js';
import { QUESTION, questionMessage, toolCall, toolMessage } from '../requests.js';
import { ana, ben, decision, plan, verdict } from '../samples.js';
import { confirmations, each, form, message, type Surface } from './sample.js';

const at = '2026-11-24T10:00:00.000Z';
const budget = { turns: 50, toolCalls: 100, tokens: 1_000_000, costUsd: 10, timeMs: 3_600_000 };
const spent = { turns: 31, toolCalls: 44, tokens: 700_000, costUsd: 10.02, timeMs: 2_400_000 };
const vote = decision({ by: ben, note: 'Fine.', everyCall: true });

const payment = toolCall({ name: 'pay__send', input: { amount: 1_500, to: 'ACME' } });
const aboveThousand: ToolRule = { match: 'pay__*', where: { amount: ['> 1000'] }, rule: 'ask' };

const itemOf = (id: string, call: Partial<ToolCall>, own: Partial<RequestItem> = {}): RequestItem =>
  toolMessage({ id, ...own }, { id, ...call }).item;
const first = itemOf('1', {
  name: 'todo__add_todo',
  input: { title: 'Buy stickers' },
  sentence: 'Add “Buy stickers” to the to-do list',
});
const threeCalls: RequestMessage = {
  ...toolMessage(),
  items: [
    first,
    itemOf(
      '2',
      { name: 'todo__add_todo', input: { title: 'Brief the support team' } },
      { outcome: verdict({}, [vote]) },
    ),
    itemOf(
      '3',
      { name: 'todo__remove_todo', input: { id: 3 }, sentence: 'Remove “Order the cake”' },
      { alone: true },
    ),
  ],
};
const button = {
  run: 'abcd2345',
  request: 'request-7',
  revision: 1,
  items: [{ id: '1', digest: 'd'.repeat(64) }],
};

const choices = (subject: Subject, list: NonNullable<RequestItem['choices']>): RequestMessage =>
  questionMessage({ subject, choices: list, freeText: false });

const SUBJECTS: Record<Exclude<Subject['kind'], 'plan'>, RequestMessage> = {
  'tool-call': toolMessage(),
  question: questionMessage(),
  'lost-call': choices(
    { kind: 'lost-call', call: toolCall(), why: 'The service was ended while the call was under way.' },
    LOST_CALL_CHOICES,
  ),
  budget: choices(
    { kind: 'budget', part: 'costUsd', budget, spent },
    budgetChoices(budget, budget, 'costUsd'),
  ),
};

const OUTCOMES: Record<Exclude<Outcome['kind'], 'answer' | 'changes'>, Outcome> = {
  approve: verdict({}, [vote]),
  reject: verdict({ kind: 'reject', by: ben, note: 'Not this week.' }),
  edit: verdict({ kind: 'edit', by: ben }),
  expired: { kind: 'expired', at },
  withdrawn: { kind: 'withdrawn' },
};
const ANSWERS = {
  answer: verdict({ kind: 'answer', by: ana, choice: '1' }),
  expired: OUTCOMES.expired,
  withdrawn: OUTCOMES.withdrawn,
};
const twice = { ...budget, costUsd: 2 * budget.costUsd };
const reading = { name: 'mail__search', input: { query: 'invoice' }, readOnly: true };
const allThree = [
  first,
  itemOf('2', reading),
  itemOf('4', { name: 'todo__add_todo', input: { title: 'Order the cake' } }),
];

export const REQUESTS: Surface = {
  title: 'Requests in the thread',
  samples: [
    ...each(SUBJECTS, requestMessage),
    message(
      'tool-call with a rule',
      requestMessage(toolMessage({ subject: { kind: 'tool-call', call: payment, rule: aboveThousand } })),
    ),
    message('three calls of a turn, one of them decided', requestMessage({ ...threeCalls, item: first })),
    message(
      'three calls of a turn, with Approve all',
      requestMessage({ ...toolMessage(), item: first, items: allThree }),
    ),
    message('tool-call that only reads', requestMessage(toolMessage({}, reading))),
    message(
      'tool-call that is cut',
      requestMessage(
        toolMessage({}, { input: { path: 'notes.md', content: 'A long paragraph. '.repeat(300) } }),
      ),
    ),
    ...confirmations(requestMessage(toolMessage()).blocks),
    message(
      'budget, after a first grant',
      requestMessage(
        choices(
          { kind: 'budget', part: 'costUsd', budget: twice, spent: { ...spent, costUsd: 20.01 } },
          budgetChoices(twice, budget, 'costUsd'),
        ),
      ),
    ),
    form('Exact input', exactInputModal(payment)),
    form(
      'Edit',
      editCallModal({ button, clickedOn: '1.0', warning: editorLeftOutText({ escalates: true }) }, payment, {
        type: 'object',
        properties: { amount: { type: 'number' }, to: { type: 'string' } },
        required: ['to'],
      }),
    ),
    form(
      'Edit, where nobody else could approve it',
      editCallModal(
        { button, clickedOn: '1.0', warning: editorLeftOutText({ escalates: false }) },
        payment,
        undefined,
      ),
    ),
    message(
      'question of a tool',
      requestMessage(questionMessage({ subject: { ...QUESTION, tool: 'github__create_issue' } })),
    ),
    ...each(OUTCOMES, (outcome) => requestMessage(toolMessage({ outcome }))).map((sample) => ({
      ...sample,
      name: `a tool call’s end: ${sample.name}`,
    })),
    ...each(ANSWERS, (outcome) => requestMessage(questionMessage({ outcome }))).map((sample) => ({
      ...sample,
      name: `a question’s end: ${sample.name}`,
    })),
    message(
      'a tool’s question: withdrawn',
      requestMessage(
        questionMessage({
          subject: { ...QUESTION, tool: 'github__create_issue' },
          outcome: { kind: 'withdrawn' },
        }),
      ),
    ),
  ],
};

const calls = [
  { headline: 'List todos', status: 'done', detail: '' },
  { headline: 'Add “Buy stickers” to the to-do list', status: 'in_progress', detail: 'title: Buy stickers' },
  { headline: 'Remove “Order the cake”', status: 'asking', detail: 'id: 3' },
  { headline: 'Send Ben the list', status: 'failed', detail: 'to: ben' },
  { headline: 'Pay the printer', status: 'refused', detail: 'amount: 1500' },
] as const;
const steps = [
  { title: 'Collect the changes', status: 'done' as const, calls: [calls[0]], note: '12 pull requests.' },
  { title: 'Write the notes', status: 'in_progress' as const, calls: [calls[1], calls[2]], note: '' },
  { title: 'Tell the partners', status: 'pending' as const, calls: [], note: '' },
];
const doneSteps = steps.map((step) => ({
  ...step,
  status: 'done' as const,
  calls: step.calls.map((call) => ({ ...call, status: 'done' as const })),
}));
const progress = (state: ProgressCard['state']) =>
  progressMessage(
    progressCard({
      state,
      steps: state === 'done' ? doneSteps : steps,
      otherCalls: [calls[3], calls[4]],
    }),
  );

const STATES: Record<ProgressCard['state'], true> = {
  working: true,
  waiting: true,
  done: true,
  stopped: true,
  failed: true,
};

const report = {
  usage: { turns: 4, toolCalls: 3, tokens: 12_345, costUsd: 0.0312 },
  tookMs: 83_000,
  sources: plan.sources,
  refusedTools: ['pay__send'],
};
const RESULT = `## Release notes for 2.4

- Faster start
- Plans in **French**

### Your next steps

- Send the notes to the partners.`;
const long = { shortId: 'abcd2345', requester: ana, text: `${RESULT}\n\n`.repeat(300), report };

export const RESULTS: Surface = {
  title: 'Progress and results in the thread',
  samples: [
    ...each(STATES, (_, state) => progress(state)),
    ...resultPages({ shortId: 'abcd2345', requester: ana, text: RESULT, report }).map((blocks) =>
      message('result', { text: 'Result: Draft the release notes', blocks }),
    ),
    message('a long result', {
      text: 'Result: Draft the release notes',
      blocks: shortResult(long)?.blocks ?? [],
    }),
  ],
};

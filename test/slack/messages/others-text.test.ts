import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CardState } from '../../../src/run/card.js';
import type { RunEvent } from '../../../src/run/event.js';
import type { OpenItem, RunView } from '../../../src/run/run-view.js';
import { detailsModal } from '../../../src/slack/messages/details/details-modal.js';
import { homeBlocks } from '../../../src/slack/messages/home/home.js';
import { modelWaitMessage } from '../../../src/slack/messages/notices/model-wait.js';
import { noticeMessage } from '../../../src/slack/messages/notices/notice.js';
import { endingNotice, revisionNotice } from '../../../src/slack/messages/notices/requester-notice.js';
import { cardMessage } from '../../../src/slack/messages/plan/card.js';
import { changeBlocks } from '../../../src/slack/messages/plan/changes.js';
import { cannotPostMessage } from '../../../src/slack/messages/private/cannot-post.js';
import { listReply } from '../../../src/slack/messages/private/list.js';
import { startedReply } from '../../../src/slack/messages/private/run-replies.js';
import { problemLines, statusText } from '../../../src/slack/messages/private/status.js';
import { progressMessage } from '../../../src/slack/messages/progress/progress.js';
import { requestMessage } from '../../../src/slack/messages/request/request-message.js';
import { resultPages } from '../../../src/slack/messages/result/result.js';
import {
  draftMessage,
  savedMessage,
  scheduleChangeText,
  scheduleListMessage,
  scheduleNotTaken,
} from '../../../src/slack/messages/schedule/schedules.js';
import { cardWith, progressCard, waiting, waitMessage } from '../../support/cards.js';
import { planItem, QUESTION, questionMessage, toolMessage } from '../../support/requests.js';
import { ana, decision, policyWith, verdict } from '../../support/samples.js';
import { assertHarmless } from '../../support/slack/harmless.js';

/** A text that Slack would format, link and mention, if it were mrkdwn. */
const HOSTILE = '*Approved* _by_ ~nobody~ https://evil.example/x @channel #general <!channel>';
const at = '2026-11-24T10:00:00.000Z';
const link = 'https://acme.slack.com/archives/C1/p1';
const allowed = { people: [ana.user], origin: link };

/** Others' text in mrkdwn: none of it may stand outside of code style. */
function assertCode(text: string): void {
  const bare = text.replaceAll(/`[^`\n]*`/g, '');
  for (const part of [
    '*Approved*',
    '_by_',
    '~nobody~',
    'evil.example',
    '@channel',
    '#general',
    '<!channel>',
  ]) {
    assert.ok(!bare.includes(part), `${part} in ${text}`);
  }
}

/** Walks through blocks: no mrkdwn holds others' text, and Slack makes nothing of bare addresses and names in our own. */
function assertOurs(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if ('type' in value && value.type === 'mrkdwn' && 'text' in value) {
    assert.equal('verbatim' in value && value.verbatim, true, String(value.text));
    assertCode(String(value.text));
  }
  for (const part of Object.values(value)) assertOurs(part);
}

const hostile = {
  title: HOSTILE,
  summary: HOSTILE,
  steps: [{ title: HOSTILE, detail: HOSTILE }],
  risks: [HOSTILE],
  sources: [{ title: HOSTILE, url: 'https://docs.example.com/' }],
};
const planned = { plan: hostile, revision: 1, digest: 'd'.repeat(64) };
const said = decision({ note: HOSTILE });
const STATES: CardState[] = [
  waiting({ votes: [said] }),
  { kind: 'executing', votes: [said] },
  { kind: 'completed', votes: [said], result: { channel: 'C1', ts: '1.0' } },
  { kind: 'changed', decision: said },
  { kind: 'rejected', decision: said },
  { kind: 'expired', at },
  { kind: 'cancelled', at, by: ana, votes: [said], why: HOSTILE, done: [HOSTILE] },
  {
    kind: 'failed',
    failure: { step: 'execution', code: 'x', message: HOSTILE },
    executionId: 'x',
    votes: [said],
  },
];
const schedule = {
  id: 'abcd2345',
  ...{ cron: '0 9 * * *', timeZone: 'UTC', words: 'At 09:00', goal: HOSTILE, requester: ana, channel: 'C1' },
  ...{ paused: false, next: [new Date(at)] },
};
const view: RunView = {
  ...{ shortId: 'abcd2345', goal: HOSTILE, title: HOSTILE, requester: ana, channel: 'C1', state: 'waiting' },
  ...{ outline: { steps: [HOSTILE], of: 9 }, card: { channel: 'C1', ts: '1.0' } },
  ...{ policy: policyWith({}), votes: [], editors: [], approved: false, open: [], messages: [] },
  ...{ startedAt: at, changedAt: at },
};
const plan_: OpenItem = { ...planItem(), request: 'q', revision: 1, subject: 'plan', askedAt: at };
const summary = {
  ...{ shortId: 'abcd2345', status: 'RUNNING', startedAt: new Date(at), executionId: 'x' },
  memo: { goal: HOSTILE, requester: ana, channel: 'C1', approvers: [] },
};
const failure = { step: 'post', code: 'x', message: HOSTILE } as const;
const run = { shortId: 'abcd2345', requester: ana, origin: { channel: 'C1' }, place: { channel: 'C1' } };
const draft = { id: 'abcd2345', cron: '0 9 * * *', timeZone: 'UTC', channel: 'C1', goal: HOSTILE };
const events: RunEvent[] = [
  { kind: 'planned', data: planned },
  {
    kind: 'requested',
    data: { id: 'q', revision: 1, items: [toolMessage({}, { input: { a: HOSTILE } }).item] },
  },
  { kind: 'decided', data: { request: 'q', item: '1', outcome: verdict({ kind: 'reject', note: HOSTILE }) } },
];

describe('others’ text', () => {
  const drawn: Record<string, unknown> = {
    'a card in each state': STATES.map(
      (state) => cardMessage(cardWith(state, { planned, goal: HOSTILE })).blocks,
    ),
    'a direct message about a plan': STATES.flatMap((state) =>
      [link, undefined].map((to) => {
        const card = cardWith(state, { planned, goal: HOSTILE });
        return noticeMessage(card, { channel: 'C1', link: to, hasApproved: state.kind === 'waiting' }).blocks;
      }),
    ),
    'a direct message about a call': noticeMessage(toolMessage({}, { name: `x__${HOSTILE}` }), {
      channel: 'C1',
    }).blocks,
    'a call': requestMessage(toolMessage({}, { reason: HOSTILE, input: { a: HOSTILE } })).blocks,
    'a question': requestMessage(
      questionMessage({
        subject: { ...QUESTION, text: HOSTILE },
        choices: [{ id: '1', label: HOSTILE.repeat(2) }],
      }),
    ).blocks,
    progress: progressMessage(
      progressCard({ title: HOSTILE, steps: [{ title: HOSTILE, status: 'done', calls: [], note: HOSTILE }] }),
    ).blocks,
    'a line for the requester': [...STATES, { kind: 'gone', at, why: 'unknown' } as const].flatMap(
      (state) => {
        const to = { kind: 'thread', nameOf: () => HOSTILE } as const;
        const about = { shortId: 'abcd2345', title: HOSTILE, requester: ana.user, link };
        const news = { kind: 'edit', by: { team: 'T1', user: 'UBEN' } } as const;
        return [
          endingNotice(state, { ...about, to }).blocks,
          endingNotice(state, { ...about, to: { kind: 'direct' } }).blocks,
          revisionNotice(news, 2, { ...about, to }).blocks,
        ];
      },
    ),
    'a wait for the model': modelWaitMessage(waitMessage({ goal: HOSTILE, reason: HOSTILE })).blocks,
    'a result': resultPages({ shortId: 'abcd2345', requester: ana, text: `${HOSTILE}\n\n- ${HOSTILE}` }),
    changes: changeBlocks(hostile, { ...hostile, title: `${HOSTILE} now` }, { from: 1, to: 2 }),
    'App Home': homeBlocks(
      { waiting: [{ ...view, open: [plan_] }], started: [view], recent: [] },
      new Map([['C1 1.0', link]]),
      [schedule],
    ),
    schedules: [
      draftMessage(draft, { next: [], here: true, zoneKnown: true, obstacle: undefined }).blocks,
      savedMessage(draft, undefined).blocks,
      scheduleListMessage([schedule], scheduleChangeText('run', schedule)).blocks,
    ],
    'the answer to a command': startedReply(HOSTILE, run).blocks,
    'a failed post': cannotPostMessage('abcd2345', { channel: 'C1', failure, executionId: 'x' }).blocks,
    Details: detailsModal(
      'abcd2345',
      events.map((event, at_) => ({ shortId: 'abcd2345', key: String(at_), at, ...event })),
    ),
  };
  for (const [what, blocks] of Object.entries(drawn)) {
    it(`is bold nowhere, links nowhere and pings nobody: ${what}`, () => {
      assert.ok(JSON.stringify(blocks).includes('evil.example') || what.endsWith('call'), 'it is shown');
      assertOurs(blocks);
      // Direct messages link their title to the card, and the help in App Home has our own `<goal>`.
      if (!/^a direct|^App/.test(what)) assertHarmless(blocks, allowed);
    });
  }

  it('is in code style in private answers, which are text', () => {
    const failed = { kind: 'failed', failure, executionId: 'x' } as never;
    for (const text of [
      listReply([view], new Map([['abcd2345', link]])),
      statusText(summary),
      statusText(summary, { end: failed }),
      statusText(summary, { end: { kind: 'outcome', outcome: { state: 'cancelled', why: HOSTILE } } }),
      problemLines([{ server: 'github', reason: HOSTILE }]).join(),
      scheduleNotTaken(HOSTILE),
    ]) {
      assert.ok(text.includes('evil.example'));
      assertCode(text);
    }
  });
});

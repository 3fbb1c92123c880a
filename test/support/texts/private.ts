import type { PostObstacle } from '../../../src/run/admission.js';
import { type RunView, viewOf } from '../../../src/run/run-view.js';
import type { RunFailure, RunSnapshot, RunState } from '../../../src/run/state.js';
import type { RunSummary } from '../../../src/run/summary.js';
import { cannotPostMessage } from '../../../src/slack/messages/private/cannot-post.js';
import {
  GOAL_DISMISSED,
  GOAL_MOVED,
  GOAL_NOT_YOURS,
  goalQuestion,
  noSuchRunReply,
} from '../../../src/slack/messages/private/goal-question.js';
import { listReply } from '../../../src/slack/messages/private/list.js';
import {
  busyThreadReply,
  cancelReply,
  goalTooLongReply,
  HELP,
  lateReply,
  NOT_READ_HERE,
  startedReply,
  statusReply,
  THREAD_NOT_VISIBLE,
  unknownRunReply,
} from '../../../src/slack/messages/private/run-replies.js';
import { PROMPTS_TITLE, SUGGESTED_PROMPTS } from '../../../src/slack/messages/private/suggested-prompts.js';
import { completed, failed } from '../ledger/end-events.js';
import { eventsOf, planned, posted, started } from '../ledger/events.js';
import { asksPlan } from '../ledger/request-events.js';
import { ana, policyWith } from '../samples.js';
import { each, message, type Surface } from './sample.js';

const goal = 'Draft the release notes for 2.4';
const run = { shortId: 'abcd2345', requester: ana, origin: { channel: 'C1' }, place: { channel: 'C1' } };
const asked = { id: 'abcd2345', user: ana.user, channel: 'C1' };
const link = 'https://slack.example/p1';
const startedAt = new Date('2026-11-24T10:00:00.000Z');
const summary = {
  ...{ shortId: 'abcd2345', executionId: 'execution-1', status: 'RUNNING', startedAt },
  memo: { goal, requester: ana, channel: 'C1' },
} as RunSummary;
const snapshot = (state: RunState, own: Partial<RunSnapshot> = {}): RunSnapshot => ({
  ...{ shortId: 'abcd2345', goal, state, requester: ana, policy: policyWith({}), votes: [], revision: 1 },
  startedAt: startedAt.toISOString(),
  ...own,
});

const STATES: Record<RunState, Partial<RunSnapshot>> = {
  searching: {},
  planning: {},
  waiting: { expiresAt: '2026-11-27T10:00:00.000Z' },
  executing: {
    asking: [{ kind: 'tool-call', headline: 'Add “Buy stickers” to the to-do list' }, { kind: 'question' }],
    spent: { turns: 3, toolCalls: 4, tokens: 12_345, costUsd: 0.03, timeMs: 61_000 },
  },
  completed: {},
  rejected: {},
  expired: {},
  cancelled: {},
  failed: {},
};

const CANCELS: Record<Parameters<typeof cancelReply>[0], true> = {
  'unknown-run': true,
  'not-allowed': true,
  'not-yet': true,
  over: true,
  cancelling: true,
  requested: true,
};

const failure = (code: string): RunFailure => ({ step: 'post', code, message: `Slack said: ${code}` });
const OBSTACLES: Record<PostObstacle | 'restricted_action' | 'token_revoked' | 'other', RunFailure> = {
  not_in_channel: failure('not_in_channel'),
  channel_not_found: failure('channel_not_found'),
  is_archived: failure('is_archived'),
  restricted_action: failure('restricted_action'),
  token_revoked: failure('token_revoked'),
  other: failure('fatal_error'),
};

const views = [
  viewOf(eventsOf('work2345', started({ goal }))),
  viewOf(eventsOf('plan2345', started({ goal }), planned(), asksPlan(), posted())),
  viewOf(eventsOf('over2345', started({ goal }), planned(), completed)),
  viewOf(eventsOf('fail2345', started({ goal }), failed)),
].filter((view): view is RunView => view !== undefined);

export const PRIVATE: Surface = {
  title: 'Private answers',
  samples: [
    message('help', HELP),
    message(
      'prompts in the direct message',
      [PROMPTS_TITLE, ...SUGGESTED_PROMPTS.map(({ title }) => `• ${title}`)].join('\n'),
    ),
    message('a run has started', startedReply(goal, run)),
    message(
      'a run has started, its card elsewhere',
      startedReply(goal, { ...run, place: { channel: 'C2' } }),
    ),
    message(
      'a run that follows up has started',
      startedReply(goal, {
        ...run,
        place: { channel: 'C1', thread: '1.0' },
        followUp: { shortId: 'over2345' },
      }),
    ),
    message('a run is on hold', startedReply(goal, { ...run, waits: true })),
    message('may be a goal', goalQuestion({ ...asked, goal: 'deploy' })),
    message('may be a goal, after a command’s word', noSuchRunReply('stop', 'the builds', asked)),
    message('no goal', GOAL_DISMISSED),
    message('a goal of somebody else', GOAL_NOT_YOURS),
    message('a goal from another channel', GOAL_MOVED),
    message('a goal that is too long', goalTooLongReply(12_000)),
    message('no such run', unknownRunReply('status', 'zzzz2345')),
    message('which run', unknownRunReply('status', '')),
    message('list', listReply(views)),
    message('list, empty', listReply([])),
    ...each(STATES, (own, state) => statusReply({ run: summary, snapshot: snapshot(state, own) }, [])).map(
      (sample) => ({ ...sample, name: `status: ${sample.name}` }),
    ),
    message(
      'status, with tools away and no worker',
      statusReply({ run: summary }, [
        { server: 'github', reason: 'spawn npx ENOENT' },
        { server: 'github', tool: 'delete_repo', reason: 'its schema is not valid' },
      ]),
    ),
    message(
      'status of a run that stopped by itself',
      statusReply(
        {
          run: summary,
          end: { kind: 'outcome', outcome: { state: 'cancelled', why: 'Too few approvers are left' } },
        },
        [],
      ),
    ),
    message(
      'status of a run that failed',
      statusReply({ run: summary, end: { kind: 'failed', failure: failure('x') } }, []),
    ),
    message('the thread’s run waits', busyThreadReply(summary, snapshot('waiting', STATES.waiting), link)),
    message('the thread’s run works', busyThreadReply(summary, snapshot('executing'), link)),
    message('a thread that you can’t see', THREAD_NOT_VISIBLE),
    message('under another message of the app', NOT_READ_HERE),
    message('an answer that comes late', lateReply(startedReply(goal, run), link)),
    ...each(CANCELS, (_, outcome) => cancelReply(outcome, 'abcd2345')).map((sample) => ({
      ...sample,
      name: `stop: ${sample.name}`,
    })),
    ...each(OBSTACLES, (reason) =>
      cannotPostMessage('abcd2345', { channel: 'C1', failure: reason, executionId: 'execution-1' }),
    ).map((sample) => ({ ...sample, name: `can’t post: ${sample.name}` })),
  ],
};

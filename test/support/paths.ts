import { setTimeout as delay } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import { RemoteError } from '../../src/platform/errors.js';
import type { ResumePoint, RunInput } from '../../src/run/input.js';
import { cardLost } from '../../src/workflows/runtime/signals.js';
import { answerInTurn } from './run/answers.js';
import type { TestRun } from './run/test-run.js';
import { afterApproval } from './run/test-runs.js';
import { createWorld, overloaded, permanent, type ScriptedTurn, transient, type World } from './run/world.js';
import { ana, ben, chloe, policyWith, threadWith } from './samples.js';

/** While histories are recorded, Temporal suggests to continue as new after this many events. */
export const CONTINUES_AFTER = 300;

/** A course that a run can take. */
export interface Path {
  own?: Partial<RunInput>;
  /** @default a world in which all goes well */
  world?: () => World;
  /** The run continues as new: each of its two executions has a history. */
  continues?: true;
  /** Acts as the people of the run do. */
  act(run: TestRun): Promise<void>;
}

function failing(own: Partial<World['failures']>): World {
  const world = createWorld();
  Object.assign(world.failures, own);
  return world;
}

/** The error that a stopping worker gives a call in flight. */
const workerShutdown = () => ApplicationFailure.create({ type: 'WorkerShutdown', details: [1] });

const call = (id: string, name: string, input: Record<string, unknown> = {}) => ({ id, name, input });

/** A world with a tool that reads and one that changes things, in which the model says this. */
function executing(turns: ScriptedTurn[], own: Partial<World['failures']> = {}): World {
  const world = failing(own);
  for (const [name, readOnly] of [
    ['read', true],
    ['write', false],
  ] as const) {
    world.tools.push({ name, description: name, inputSchema: { type: 'object' }, readOnly });
  }
  world.turns.push(...turns);
  return world;
}

/** The change's answer is lost, once. */
function lostOnce(world: World): World {
  answerInTurn(
    world,
    'write',
    new RemoteError('AnswerLost', 'The server died', { retryable: false }),
    'done',
  );
  return world;
}

const resume: ResumePoint = { research: { summary: 'What matters', sources: [] }, retriedBy: ana };

/** Every path of a run, by the name of its history. */
export const PATHS: Record<string, Path> = {
  approve: { act: (run) => run.click('approve', ana, { note: 'mind the dates' }) },
  reject: { act: (run) => run.click('reject', ana, { note: 'too early' }) },
  changes: {
    async act(run) {
      await run.click('changes', ana, { note: 'shorter' });
      await run.click('approve', ana, { revision: 2 });
    },
  },
  quorum: {
    own: { policy: policyWith({ approvers: ['anyone'], approvals: 2, requesterMayApprove: false }) },
    async act(run) {
      for (const by of [ana, ben, chloe]) await run.click('approve', by);
    },
  },
  refused: {
    async act(run) {
      await run.handle.signal('humanApprove', null);
      await run.click('approve', ben);
      await run.click('approve');
    },
  },
  expiry: { own: { policy: policyWith({ expiresAfterMs: 1_500 }) }, act: async () => {} },
  cancel: {
    async act({ card, cancel }) {
      await card();
      await cancel();
    },
  },
  'retries-exhausted': {
    world: () => failing({ plan: Array.from({ length: 5 }, () => transient()) }),
    act: async () => {},
  },
  'model-away': {
    world: () => failing({ search: [overloaded(16_000)] }),
    act: (run) => run.click('approve'),
  },
  'invalid-request': { world: () => failing({ search: [permanent()] }), act: async () => {} },
  'cannot-post': { world: () => failing({ postCard: [permanent('not_in_channel')] }), act: async () => {} },
  'cannot-post-result': {
    world: () => failing({ postResult: [permanent('is_archived'), permanent('user_disabled')] }),
    act: (run) => run.click('approve'),
  },
  'cannot-update': {
    world: () => failing({ updateCard: [permanent('is_archived'), permanent('is_archived')] }),
    act: (run) => run.click('approve'),
  },
  'result-to-requester': {
    world: () => failing({ postResult: [permanent('is_archived')] }),
    act: (run) => run.click('approve'),
  },
  overtaken: {
    world: () => failing({ updateCard: [transient(500)] }),
    async act(run) {
      await run.click('changes', ana, { note: 'shorter' });
      await run.click('changes', ana, { note: 'still shorter', revision: 2 });
      await run.click('approve', ana, { revision: 3 });
    },
  },
  interrupted: {
    world: () => failing({ search: [workerShutdown()], turn: [transient(), workerShutdown()] }),
    act: (run) => run.click('approve'),
  },
  'channel-archived': {
    own: { policy: policyWith({ approvers: ['UBEN'] }) },
    async act(run) {
      const { ref: card } = await run.postedCard();
      await run.handle.signal(cardLost, { card, reason: 'is_archived' });
      await run.world.waitFor(() => run.world.cards().length === 3, 'the cards for Ana and Ben');
      await run.click('approve', ben);
    },
  },
  'card-deleted': {
    async act(run) {
      const { ref: card } = await run.postedCard();
      await run.handle.signal(cardLost, { card, reason: 'deleted' });
      const second = await run.world.waitFor(() => run.world.cards()[1], 'the second card');
      await run.click('approve', ana, { clickedOn: second.ref.ts });
    },
  },
  retried: { own: { resume }, act: (run) => run.click('approve') },
  group: {
    own: { policy: policyWith({ approvers: ['SREVIEW'], approvals: 2, requesterMayApprove: false }) },
    async act(run) {
      await run.click('approve', ben);
      await run.written('voted');
      run.world.groups.SREVIEW = ['UCHLOE', 'UDEV'];
      await run.click('approve', chloe);
      await run.written('lapsed');
      await run.click('approve', { team: 'T1', user: 'UDEV' });
    },
  },
  'group-unsure': {
    own: { policy: policyWith({ approvers: ['SREVIEW'] }) },
    async act(run) {
      run.world.groups.SREVIEW = undefined;
      await run.click('approve', ben);
      await run.written('refused');
      run.world.groups.SREVIEW = ['UBEN'];
      await run.click('approve', ben);
    },
  },
  anyone: {
    own: { policy: policyWith({ approvers: ['anyone'] }) },
    act: (run) => run.click('approve', chloe),
  },
  edit: {
    own: { policy: policyWith({ approvers: ['UBEN', 'UCHLOE'], requesterMayApprove: false }) },
    async act(run) {
      await run.click('edit', ben, { steps: [{ title: 'Ask the team', detail: '' }] });
      await run.click('approve', ben, { revision: 2 });
      await run.click('changes', ana, { revision: 2, note: 'shorter' });
      await run.click('approve', chloe, { revision: 3 });
    },
  },
  'in-time': {
    own: {
      policy: policyWith({
        approvers: ['UBEN'],
        expiresAfterMs: 3_000,
        remindAfterMs: [500],
        escalate: { afterMs: 1_000, to: ['UCHLOE'] },
      }),
    },
    async act(run) {
      await run.written('escalated');
      await run.click('extend', chloe);
    },
  },
  'search-attributes': {
    own: { searchAttributes: true },
    async act(run) {
      await run.click('changes', ana, { note: 'shorter' });
      await run.click('approve', ana, { revision: 2 });
    },
  },
  tools: {
    world: () =>
      executing([
        { calls: [call('a', 'read'), call('b', 'mark_step', { step: 1, status: 'done' })] },
        { calls: [call('c', 'write', { n: 1 }), call('d', 'write', { n: 2 }), call('e', 'nothing')] },
        { calls: [call('f', 'write', { n: 3 })] },
        { text: 'half ', end: 'cut' },
        { end: 'paused' },
      ]),
    act: afterApproval(async ({ toolCall, decide }) => {
      await decide(await toolCall('write'), 'approve', ana, { everyCall: true });
    }),
  },
  'tool-rejected': {
    world: () => executing([{ calls: [call('a', 'write')] }]),
    act: afterApproval(async ({ toolCall, decide }) => {
      const card = await toolCall('write');
      await decide(card, 'approve', ben);
      await decide(card, 'reject', ana, { note: 'not today' });
    }),
  },
  'tool-expired': {
    own: {
      policy: policyWith({
        expiresAfterMs: 2_500,
        remindAfterMs: [500],
        escalate: { afterMs: 1_000, to: ['UBEN'] },
      }),
    },
    world: () => executing([{ calls: [call('a', 'write')] }]),
    act: afterApproval(async () => {}),
  },
  'no-room': {
    world() {
      const world = executing([{ calls: [call('a', 'write')] }]);
      // Slack never has room for progress.
      world.slow.room = new Promise(() => {});
      return world;
    },
    act: afterApproval(async ({ toolCall, decide }) => {
      const card = await toolCall('write');
      // The next progress is due at once.
      await delay(3_500);
      await decide(card, 'approve');
    }),
  },
  'tool-lost': {
    world: () => lostOnce(executing([{ calls: [call('a', 'write')] }])),
    act: afterApproval(async ({ toolCall, decide, question, answer }) => {
      await decide(await toolCall('write'), 'approve');
      await answer(await question('lost-call'), { choice: 'again' });
    }),
  },
  'tool-stopped': {
    world: () => lostOnce(executing([{ calls: [call('a', 'write'), call('b', 'read')] }])),
    act: afterApproval(async ({ toolCall, decide, question, answer }) => {
      await decide(await toolCall('write'), 'approve');
      await answer(await question('lost-call'), { choice: 'stop' });
    }),
  },
  question: {
    world: () =>
      executing([{ calls: [call('a', 'ask_person', { question: 'Which?', options: ['x', 'y'] })] }]),
    act: afterApproval(async ({ question, answer }) => {
      const card = await question('question');
      await answer(card, { choice: '1' }, ben);
      await answer(card, { choice: '2' });
    }),
  },
  budget: {
    own: { policy: policyWith({ budget: { turns: 1 } }) },
    world: () => executing([{ calls: [call('a', 'read')] }]),
    act: afterApproval(async ({ question, answer }) => {
      await answer(await question('budget'), { choice: 'grant' });
    }),
  },
  'cancel-executing': {
    world: () =>
      executing([{ calls: [call('a', 'write'), call('b', 'ask_person', { question: 'Which?' })] }]),
    act: afterApproval(async ({ toolCall, question, cancel }) => {
      await toolCall('write');
      await question('question');
      await cancel();
    }),
  },
  'thread-lost': {
    world: () =>
      executing([{ calls: [call('a', 'write')] }], {
        postInThread: Array.from({ length: 3 }, () => permanent('is_archived')),
      }),
    act: afterApproval(async () => {}),
  },
  'model-refused': {
    world: () => executing([{ calls: [call('a', 'read')] }, { end: 'refused' }]),
    act: afterApproval(async () => {}),
  },
  'follow-up': {
    own: {
      thread: '1700000000.000100',
      followUp: { shortId: 'abcd2222', goal: 'Before', title: 'Before', result: 'Done' },
    },
    act: (run) => run.click('approve'),
  },
  thread: {
    own: { mention: { channel: 'C1', ts: '9.0', thread: '1.0' } },
    world() {
      const world = createWorld();
      world.threads.set('9.0', threadWith());
      return world;
    },
    act: (run) => run.click('approve'),
  },
  'ledger-away': {
    async act(run) {
      await run.postedCard();
      run.world.failures.append = Array.from({ length: 12 }, () => new Error('the database is away'));
      await run.click('approve');
    },
  },
  'continued-waiting': {
    continues: true,
    async act({ world, click }) {
      while (!world.entries.some(({ kind }) => kind === 'continued')) await click('approve', ben);
      await click('approve');
    },
  },
  continued: {
    continues: true,
    own: { policy: policyWith({ budget: { turns: 100 } }) },
    world: () =>
      executing(
        Array.from({ length: CONTINUES_AFTER / 6 }, (_, turn) => ({ calls: [call(`a${turn}`, 'read')] })),
      ),
    act: afterApproval(async () => {}),
  },
};

/** Names of the histories that the paths leave. */
export const HISTORIES = Object.entries(PATHS).flatMap(([name, { continues }]) =>
  continues ? [name, `${name}-again`] : [name],
);

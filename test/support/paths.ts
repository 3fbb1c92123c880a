import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Decision } from '../../src/approval/decision.js';
import { RemoteError } from '../../src/platform/errors.js';
import type { Checkpoint } from '../../src/run/event.js';
import type { ResumePoint, RunInput } from '../../src/run/input.js';
import type { MessageRef } from '../../src/run/message.js';
import { cancelRun, cardLost, humanApprove } from '../../src/workflows/runtime/signals.js';
import { steps } from './run/execution.js';
import { decisionOn, waitingCard } from './run/votes.js';
import { createWorld, permanent, type ScriptedTurn, transient, type World } from './run/world.js';
import { ana, ben, chloe, policyWith } from './samples.js';

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
  act(run: { handle: WorkflowHandle; world: World }): Promise<void>;
}

async function click(
  { handle, world }: { handle: WorkflowHandle; world: World },
  kind: Decision['kind'],
  { revision = 1, by = ana, note = '', ...own }: Partial<Decision> = {},
): Promise<void> {
  const decision = decisionOn(await waitingCard(world, revision), kind, by);
  await handle.signal(humanApprove, { ...decision, note, ...own });
}

/** The card, once the run knows where it stands. */
async function postedCard(world: World): Promise<MessageRef> {
  await world.waitFor(() => world.entries.some(({ kind }) => kind === 'posted'), 'the posted card');
  return (await waitingCard(world)).ref;
}

/** Waits until the ledger has an entry of this kind. */
const written = (world: World, kind: Checkpoint['kind']) =>
  world.waitFor(() => world.entries.some((entry) => entry.kind === kind), kind);

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
  let lost = false;
  world.answers.set('write', async () => {
    if (lost) return { content: [{ type: 'text', text: 'done' }], isError: false };
    lost = true;
    throw new RemoteError('AnswerLost', 'The server died', { retryable: false });
  });
  return world;
}

/** Approves the plan and acts in its thread. */
const inThread =
  (act: (run: ReturnType<typeof steps>) => Promise<void>): Path['act'] =>
  async (run) => {
    await click(run, 'approve');
    await act(steps(run.world, run.handle));
  };

const resume: ResumePoint = { research: { summary: 'What matters', sources: [] }, retriedBy: ana };

/** Every path of a run, by the name of its history. */
export const PATHS: Record<string, Path> = {
  approve: { act: (run) => click(run, 'approve', { note: 'mind the dates' }) },
  reject: { act: (run) => click(run, 'reject', { note: 'too early' }) },
  changes: {
    async act(run) {
      await click(run, 'changes', { note: 'shorter' });
      await click(run, 'approve', { revision: 2 });
    },
  },
  quorum: {
    own: { policy: policyWith({ approvers: ['anyone'], approvals: 2, requesterMayApprove: false }) },
    async act(run) {
      for (const by of [ana, ben, chloe]) await click(run, 'approve', { by });
    },
  },
  refused: {
    async act(run) {
      await run.handle.signal('humanApprove', null);
      await click(run, 'approve', { by: ben });
      await click(run, 'approve');
    },
  },
  expiry: { own: { policy: policyWith({ expiresAfterMs: 1_500 }) }, act: async () => {} },
  cancel: {
    async act({ handle, world }) {
      await waitingCard(world);
      await handle.signal(cancelRun, { by: ana, at: new Date().toISOString() });
    },
  },
  'retries-exhausted': {
    world: () => failing({ plan: Array.from({ length: 5 }, () => transient()) }),
    act: async () => {},
  },
  'invalid-request': { world: () => failing({ search: [permanent()] }), act: async () => {} },
  'cannot-post': { world: () => failing({ postCard: [permanent('not_in_channel')] }), act: async () => {} },
  'cannot-post-result': {
    world: () => failing({ postResult: [permanent('is_archived'), permanent('user_disabled')] }),
    act: (run) => click(run, 'approve'),
  },
  'cannot-update': {
    world: () => failing({ updateCard: [permanent('is_archived'), permanent('is_archived')] }),
    act: (run) => click(run, 'approve'),
  },
  'result-to-requester': {
    world: () => failing({ postResult: [permanent('is_archived')] }),
    act: (run) => click(run, 'approve'),
  },
  overtaken: {
    world: () => failing({ updateCard: [transient(500)] }),
    async act(run) {
      await click(run, 'changes', { note: 'shorter' });
      await click(run, 'changes', { note: 'still shorter', revision: 2 });
      await click(run, 'approve', { revision: 3 });
    },
  },
  interrupted: {
    world: () => failing({ search: [workerShutdown()], turn: [transient(), workerShutdown()] }),
    act: (run) => click(run, 'approve'),
  },
  'channel-archived': {
    own: { policy: policyWith({ approvers: ['UBEN'] }) },
    async act(run) {
      const card = await postedCard(run.world);
      await run.handle.signal(cardLost, { card, reason: 'is_archived' });
      await run.world.waitFor(() => run.world.cards().length === 3, 'the cards for Ana and Ben');
      await click(run, 'approve', { by: ben });
    },
  },
  'card-deleted': {
    async act(run) {
      const card = await postedCard(run.world);
      await run.handle.signal(cardLost, { card, reason: 'deleted' });
      await run.world.waitFor(() => run.world.cards().length === 2, 'the second card');
      await click(run, 'approve');
    },
  },
  retried: { own: { resume }, act: (run) => click(run, 'approve') },
  group: {
    own: { policy: policyWith({ approvers: ['SREVIEW'], approvals: 2, requesterMayApprove: false }) },
    async act(run) {
      await click(run, 'approve', { by: ben });
      await written(run.world, 'voted');
      run.world.groups.SREVIEW = ['UCHLOE', 'UDEV'];
      await click(run, 'approve', { by: chloe });
      await written(run.world, 'lapsed');
      await click(run, 'approve', { by: { team: 'T1', user: 'UDEV' } });
    },
  },
  'group-unsure': {
    own: { policy: policyWith({ approvers: ['SREVIEW'] }) },
    async act(run) {
      run.world.groups.SREVIEW = undefined;
      await click(run, 'approve', { by: ben });
      await written(run.world, 'refused');
      run.world.groups.SREVIEW = ['UBEN'];
      await click(run, 'approve', { by: ben });
    },
  },
  anyone: {
    own: { policy: policyWith({ approvers: ['anyone'] }) },
    act: (run) => click(run, 'approve', { by: chloe }),
  },
  edit: {
    own: { policy: policyWith({ approvers: ['UBEN', 'UCHLOE'], requesterMayApprove: false }) },
    async act(run) {
      await click(run, 'edit', { by: ben, steps: [{ title: 'Ask the team', detail: '' }] });
      await click(run, 'approve', { by: ben, revision: 2 });
      await click(run, 'changes', { by: ana, revision: 2, note: 'shorter' });
      await click(run, 'approve', { by: chloe, revision: 3 });
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
      await written(run.world, 'escalated');
      await click(run, 'extend', { by: chloe });
    },
  },
  'search-attributes': {
    own: { searchAttributes: true },
    async act(run) {
      await click(run, 'changes', { note: 'shorter' });
      await click(run, 'approve', { revision: 2 });
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
    act: inThread(async ({ toolCall, decide }) => {
      await decide(await toolCall('write'), 'approve', ana, { everyCall: true });
    }),
  },
  'tool-rejected': {
    world: () => executing([{ calls: [call('a', 'write')] }]),
    act: inThread(async ({ toolCall, decide }) => {
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
    act: inThread(async () => {}),
  },
  'tool-lost': {
    world: () => lostOnce(executing([{ calls: [call('a', 'write')] }])),
    act: inThread(async ({ toolCall, decide, question, answer }) => {
      await decide(await toolCall('write'), 'approve');
      await answer(await question('lost-call'), { choice: 'again' });
    }),
  },
  'tool-stopped': {
    world: () => lostOnce(executing([{ calls: [call('a', 'write'), call('b', 'read')] }])),
    act: inThread(async ({ toolCall, decide, question, answer }) => {
      await decide(await toolCall('write'), 'approve');
      await answer(await question('lost-call'), { choice: 'stop' });
    }),
  },
  question: {
    world: () =>
      executing([{ calls: [call('a', 'ask_person', { question: 'Which?', options: ['x', 'y'] })] }]),
    act: inThread(async ({ question, answer }) => {
      const card = await question('question');
      await answer(card, { choice: '1' }, ben);
      await answer(card, { choice: '2' });
    }),
  },
  budget: {
    own: { policy: policyWith({ budget: { turns: 1 } }) },
    world: () => executing([{ calls: [call('a', 'read')] }]),
    act: inThread(async ({ question, answer }) => {
      await answer(await question('budget'), { choice: 'grant' });
    }),
  },
  'cancel-executing': {
    world: () =>
      executing([{ calls: [call('a', 'write'), call('b', 'ask_person', { question: 'Which?' })] }]),
    act: inThread(async ({ toolCall, question, handle }) => {
      await toolCall('write');
      await question('question');
      await handle.signal(cancelRun, { by: ana, at: new Date().toISOString() });
    }),
  },
  'thread-lost': {
    world: () =>
      executing([{ calls: [call('a', 'write')] }], {
        postInThread: Array.from({ length: 3 }, () => permanent('is_archived')),
      }),
    act: inThread(async () => {}),
  },
  'model-refused': {
    world: () => executing([{ calls: [call('a', 'read')] }, { end: 'refused' }]),
    act: inThread(async () => {}),
  },
  'follow-up': {
    own: {
      thread: '1700000000.000100',
      followUp: { shortId: 'abcd2222', goal: 'Before', title: 'Before', result: 'Done' },
    },
    act: (run) => click(run, 'approve'),
  },
  'ledger-away': {
    async act(run) {
      await postedCard(run.world);
      run.world.failures.append = Array.from({ length: 12 }, () => new Error('the database is away'));
      await click(run, 'approve');
    },
  },
  continued: {
    continues: true,
    own: { policy: policyWith({ budget: { turns: 100 } }) },
    world: () =>
      executing(
        Array.from({ length: CONTINUES_AFTER / 6 }, (_, turn) => ({ calls: [call(`a${turn}`, 'read')] })),
      ),
    act: inThread(async () => {}),
  },
};

/** Names of the histories that the paths leave. */
export const HISTORIES = Object.entries(PATHS).flatMap(([name, { continues }]) =>
  continues ? [name, `${name}-again`] : [name],
);

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Workspace } from '../../../sandbox/workspace/index.js';
import { DEFAULT_POLICY } from '../../../src/approval/policy.js';
import { createLog } from '../../../src/platform/log.js';
import type { RunInput } from '../../../src/run/input.js';
import type { RunSummary } from '../../../src/run/summary.js';
import { createWebClient } from '../../../src/slack/client/web/web.js';
import type { ListenerContext } from '../../../src/slack/listeners/context.js';
import { ACTIONS, CHOICE, VIEWS } from '../../../src/slack/messages/kit/ids.js';
import { changesModal, editModal, rejectModal } from '../../../src/slack/messages/plan/modals.js';
import { createDirectory } from '../../../src/slack/permissions/directory.js';
import type { SlackApp } from '../../../src/slack/receiver/app.js';
import { withinDeadline } from '../../../src/temporal/deadline.js';
import { shortIdOf } from '../../../src/temporal/ids.js';
import { plan } from '../../support/samples.js';
import { startHttpWorkspace } from '../../support/slack/http-app.js';
import { NO_TOOLS } from '../../support/slack/listener-context.js';

/** Latest acknowledgement, with some room for a busy machine, in milliseconds. */
const ACKNOWLEDGED_MS = 2_900;
/** Number of commands and clicks at once. */
const AT_ONCE = 15;
/** Time-out of Bolt's answer in HTTP mode: a later acknowledgement throws. */
const LOST_MS = 3_001;

/** Temporal as slow as a test says. `effects`: the runs and schedules that something came of. */
const temporal = { delayMs: 0, effects: new Set<string>() };
const client = { withAbortSignal: <T>(_: AbortSignal, work: () => Promise<T>) => work() } as Client;

/** A call that Temporal's server carries out once it gets to it, unless it was aborted before. */
async function call<T>(signal: AbortSignal, answer: T, effectOn?: string): Promise<T> {
  await delay(temporal.delayMs, undefined, { signal });
  if (effectOn !== undefined) temporal.effects.add(effectOn);
  return answer;
}
const within = <T>(answer: T, effectOn?: string) =>
  withinDeadline(client, (signal) => call(signal, answer, effectOn));

/** A change of a run or a schedule that asks first whether the person may. */
const ifAllowed = <T, U>(id: string, about: T, may: (about: T) => Promise<boolean>, answer: U) =>
  withinDeadline(client, async (signal) => {
    await call(signal, undefined);
    if (!(await may(about))) return 'not-allowed';
    signal.throwIfAborted();
    return await call(signal, answer, id);
  });

describe('every command, button and form', () => {
  let workspace: Workspace;
  let app: SlackApp;
  before(async () => {
    const started = await startHttpWorkspace();
    workspace = started.workspace;
    const { botToken } = workspace.credentials;
    const log = createLog('silent');
    // Ben approves, so Slack is asked whether Ana, who didn't ask, is in the channel or among them.
    const requester = { team: workspace.team.id, user: workspace.people.ben };
    const { general: channel } = workspace.channels;
    const policy = { ...DEFAULT_POLICY, approvers: ['S02LEADS'] };
    const summaryOf = (shortId: string): RunSummary => ({
      ...{ shortId, status: 'RUNNING', startedAt: new Date(), executionId: 'e' },
      memo: { goal: 'the goal', requester, channel, approvers: policy.approvers },
    });
    const schedule = { ...summaryOf('s').memo, id: 's', cron: '0 9 * * *', timeZone: 'UTC', words: 'daily' };
    const listed = { ...schedule, paused: false, next: [] };
    const context = {
      runs: {
        start: ({ goal }: RunInput) => within('execution', goal),
        decide: (shortId: string) => within(true, shortId),
        cancel: (shortId: string, may: (run: RunSummary) => Promise<boolean>) =>
          ifAllowed(shortId, summaryOf(shortId), may, 'cancelling'),
        retry: (shortId: string, _: string, may: (input: RunInput) => Promise<boolean>) =>
          ifAllowed(
            shortId,
            { ...summaryOf(shortId).memo, origin: { channel }, policy } as unknown as RunInput,
            may,
            'started',
          ),
        describe: (shortId: string) => within(summaryOf(shortId)),
        snapshot: () => within({ requester, policy, state: 'executing' }),
      },
      schedules: {
        create: ({ id }: { id: string }) => within(undefined, id),
        change: (id: string, _: object, may: (about: typeof listed) => Promise<boolean>) =>
          ifAllowed(id, listed, may, 'done'),
        list: () => within([]),
        describe: () => within(undefined),
      },
      ledger: {
        view: async (goal: string) => ({
          ...{ goal, requester, channel, policy, open: [] },
          ...(goal === ACTIONS.startAgain && { end: 'expired' }),
        }),
        read: async () => [{ data: { plan, revision: 1, digest: 'd' } }],
        stored: async () => [],
        runsIn: async () => [],
        runsFor: async () => [],
        groups: async () => [],
      },
      directory: createDirectory(createWebClient(botToken, { slackApiUrl: workspace.apiUrl })),
      refusals: {
        ...{ started() {}, late() {}, refused() {}, early: () => true, isTooOften: () => false },
      },
      ...{ log, home: { team: workspace.team.id }, shortIdOf, tools: NO_TOOLS, toolProblems: () => [] },
      ...{ policies: { default: policy, channels: {} }, policyFor: () => policy },
    } as unknown as ListenerContext;
    app = await started.startApp(context, log);
  });
  after(async () => {
    await app.stop();
    await workspace.close();
  });
  afterEach(() => {
    workspace.faults.clear();
    temporal.delayMs = 0;
    temporal.effects.clear();
  });

  /** Sends one of each to the app: by its name, which is also the goal, run or schedule that it would change. */
  async function prepare(): Promise<Map<string, () => Promise<{ ok: boolean }>>> {
    const slack = createWebClient(workspace.credentials.botToken, { slackApiUrl: workspace.apiUrl });
    const ana = workspace.as(workspace.people.ana);
    const { general: channel } = workspace.channels;
    const sent = new Map<string, () => Promise<{ ok: boolean }>>();
    for (const text of ['help', 'deploy', 'list', 'status run', 'cancel run2', 'schedules', 'draft a note']) {
      sent.set(text, () => ana.command(channel, '/agent', text));
    }
    sent.set('schedule', () => ana.command(channel, '/agent', 'schedule "daily at 9" draft it'));
    const { ts: thread_ts = '' } = await slack.chat.postMessage({ channel, text: 'root' });
    for (const action_id of [...Object.values(ACTIONS), `${CHOICE}0`]) {
      const own = { cron: '0 9 * * *', timeZone: 'UTC', goal: action_id, user: ana.user.id, channel };
      const ids = { run: action_id, id: action_id, schedule: action_id, executionId: 'e' };
      const items = [{ id: 'plan', digest: 'd' }];
      const about = { request: 'r', revision: 1, items, choice: '1' };
      const text = { type: 'plain_text' as const, text: 'Go' };
      const value = JSON.stringify({ ...own, ...ids, ...about });
      const elements = [{ type: 'button' as const, action_id, text, value }];
      const blocks = [{ type: 'actions' as const, elements }];
      const { ts = '' } = await slack.chat.postMessage({ channel, text: 'x', blocks, thread_ts });
      sent.set(action_id, () => ana.click({ channel, ts }, action_id));
    }
    // A person has one form open at a time.
    const { ben: first, chloe, dev } = workspace.people;
    for (const [name, user, modal, values] of [
      ['reject', first, rejectModal, { answer: 'because' }],
      ['changes', chloe, changesModal, { answer: 'because' }],
      ['edit', dev, editModal, { more_steps: 'One step more' }],
    ] as const) {
      const items = [{ id: 'plan', digest: 'd' }];
      const run = `form ${name}`;
      const view = modal({ button: { run, request: 'r', revision: 1, items }, channel, clickedOn: '' }, plan);
      assert.ok(view);
      await workspace.as(user).command(channel, '/agent', 'help');
      const command = workspace.deliveries.findLast(({ kind }) => kind === 'slash_commands');
      await slack.views.open({ trigger_id: String(command?.payload.trigger_id), view });
      const [open] = workspace.openViews(user);
      assert.ok(open);
      sent.set(run, () => workspace.as(user).submit(open.id, values));
    }
    return sent;
  }

  /** Sends each of them, and checks the time and the result of its acknowledgement. */
  async function measure({ temporalMs, slackMs }: { temporalMs: number; slackMs: number }) {
    const sent = await prepare();
    temporal.delayMs = temporalMs;
    temporal.effects.clear();
    if (slackMs > 0) workspace.faults.inject({ kind: 'slow', method: '*', delayMs: slackMs, times: 1_000 });
    const all: { name: string; ok: boolean; ms: number }[] = [];
    const left = [...sent];
    const sendAll = async (): Promise<void> => {
      for (let next = left.shift(); next; next = left.shift()) {
        const [name, send] = next;
        const since = performance.now();
        const { ok } = await send();
        all.push({ name, ok, ms: Math.round(performance.now() - since) });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, sendAll));
    await delay(temporalMs > LOST_MS ? 0 : temporalMs);
    const lateOnes = all.filter(({ ok, ms }) => ok && ms > ACKNOWLEDGED_MS);
    assert.deepEqual(lateOnes, [], 'none is acknowledged late');
    const failed = all.filter(({ ok }) => !ok).map(({ name }) => name);
    const worked = failed.filter((name) => temporal.effects.has(name));
    assert.deepEqual(worked, [], 'nothing that worked failed');
    return { failed, effects: new Set(temporal.effects) };
  }

  const CHANGES = [ACTIONS.approve, ACTIONS.stop, ACTIONS.retry, ACTIONS.startAgain, ACTIONS.startGoal];

  it('is acknowledged in time, and works, with Temporal and Slack as they should be', async () => {
    const { failed, effects } = await measure({ temporalMs: 0, slackMs: 0 });
    assert.deepEqual(failed, []);
    // Details decide nothing. The others are sent as these are.
    const others = [VIEWS.details, VIEWS.extend, VIEWS.editCall];
    const forms = Object.values(VIEWS).length - others.length;
    assert.equal([...effects].filter((name) => name.startsWith('form')).length, forms);
    for (const name of [...CHANGES, ACTIONS.saveSchedule, ACTIONS.deleteSchedule])
      assert.ok(effects.has(name), name);
  });

  it('is acknowledged in time while Temporal is slow', async () => {
    const { failed, effects } = await measure({ temporalMs: 600, slackMs: 0 });
    assert.deepEqual(failed, []);
    for (const name of CHANGES) assert.ok(effects.has(name), name);
  });

  it('is acknowledged in time, or changed nothing, while Slack is slow', async () => {
    const { effects } = await measure({ temporalMs: 0, slackMs: 2_500 });
    for (const name of [ACTIONS.approve, ACTIONS.stop, 'draft a note', 'run2'])
      assert.ok(effects.has(name), name);
  });

  it('is acknowledged in time, or changed nothing, while both are slow', async () => {
    const { effects } = await measure({ temporalMs: 600, slackMs: 2_500 });
    assert.ok(effects.has(ACTIONS.approve));
  });

  it('is acknowledged in time while Temporal is away', async () => {
    const { failed } = await measure({ temporalMs: LOST_MS * 10, slackMs: 0 });
    assert.deepEqual(
      failed.filter((name) => !name.startsWith('form')),
      [],
    );
  });
});

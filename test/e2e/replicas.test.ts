import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startSimulatedModel } from '../../sandbox/model/index.js';
import { todoServer } from '../../sandbox/todo-server/command.js';
import { startWorkspace } from '../../sandbox/workspace/index.js';
import { postgresPath, startPostgres } from '../support/ledger/postgres.js';
import { type Replica, startReplica } from '../support/product/replica.js';
import { serviceSettings } from '../support/product/service-settings.js';
import { approvedRun, inThread } from '../support/slack/execution.js';
import { ASKS, cardOf, startWaitingRun } from '../support/slack/people.js';
import { type OwnNamespace, openNamespace } from '../support/temporal/namespaces.js';

const skip = postgresPath() ? false : 'there is no PostgreSQL here';

const GOALS = ['editors', 'shells', 'fonts', 'desks', 'lamps', 'mugs'].map((name) => `compare two ${name}`);

/** A killed leader is replaced within this time, in milliseconds; a busy machine takes longer. */
const LEADER_WITHIN_MS = 15_000;

describe('bots and workers in processes of their own', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'replicas-'));
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let temporal: OwnNamespace;
  let model: Awaited<ReturnType<typeof startSimulatedModel>>;
  let workspace: Awaited<ReturnType<typeof startWorkspace>>;
  let replicas: Replica[] = [];
  before(async () => {
    [postgres, temporal, model, workspace] = await Promise.all([
      startPostgres(),
      openNamespace(),
      startSimulatedModel(),
      startWorkspace({ rateLimits: false }),
    ]);
  });
  afterEach(async () => {
    await Promise.all(replicas.map((replica) => replica.stop()));
    replicas = [];
  });
  after(async () => {
    await Promise.all([temporal.close(), model.stop(), workspace.close(), postgres.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  const settings = () => {
    const mcp = join(folder, 'mcp.json');
    writeFileSync(mcp, JSON.stringify({ mcpServers: { todo: todoServer(join(folder, 'todos.json')) } }));
    const { ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL, SLACK_APP_TOKEN, ...shared } = serviceSettings({
      ...{ workspace, model, temporal, folder },
    });
    const both = { ...shared, DATABASE_URL: postgres.url };
    return {
      bot: { ...both, SLACK_APP_TOKEN },
      worker: { ...both, ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL, MCP_CONFIG: mcp },
      all: { ...both, SLACK_APP_TOKEN, ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL, MCP_CONFIG: mcp },
    };
  };
  const start = async (...roles: ('all' | 'bot' | 'worker')[]): Promise<Replica[]> => {
    const started = await Promise.all(roles.map((role) => startReplica(role, folder, settings()[role])));
    replicas.push(...started);
    await Promise.all(started.map((replica) => replica.ready()));
    return started;
  };
  const leaders = async () => {
    const leading = await Promise.all(replicas.map(async (replica) => (await replica.leads()) && replica));
    return leading.filter((replica) => replica !== false);
  };
  const theLeader = async (withinMs: number): Promise<Replica> => {
    for (const giveUpAt = Date.now() + withinMs; Date.now() < giveUpAt; await delay(100)) {
      const [leader, another] = await leaders();
      assert.equal(another, undefined, 'there is one leader');
      if (leader) return leader;
    }
    throw new Error(`Nobody leads after ${withinMs} ms`);
  };
  const home = (user: string) => JSON.stringify(workspace.home(user)?.blocks ?? '');
  const shows = (user: string, text: RegExp) =>
    workspace.waitFor(() => text.test(home(user)), { what: `${text} in Home`, timeoutMs: 20_000 });

  it('carry a run from the command to its result: the workers without an app token, the bots without a key for Claude', async () => {
    await start('bot', 'bot', 'worker', 'worker');
    const { ana } = workspace.people;
    const { general } = workspace.channels;
    const { shortId, card } = await approvedRun(
      workspace,
      ana,
      general,
      'Add "Buy stickers" to our to-do list',
    );
    const asked = await inThread(workspace, card, ASKS, 'Buy stickers');
    // A bot makes the form by the schema, though it has no MCP server.
    await workspace.as(ana).click(asked, 'Edit');
    const form = await workspace.waitFor(() => workspace.openViews(ana)[0], { what: 'the form' });
    assert.match(JSON.stringify(form.blocks), /"text":"owner/);
    await workspace.as(ana).closeView(form.id);
    await workspace.as(ana).click(asked, 'Approve');
    await cardOf(workspace, general, shortId, /^Done/);
    const leader = await theLeader(LEADER_WITHIN_MS);
    assert.equal(leader.role, 'bot');
  });

  it('keep App Home right, and replace a leader that was killed', async () => {
    await start('bot', 'bot', 'worker');
    const { ana } = workspace.people;
    const { general } = workspace.channels;
    // Slack shares events among the bots: both have heard of an opening by then.
    for (let times = 0; times < 4; times += 1) await workspace.as(ana).openHome();
    const first = await startWaitingRun(workspace, ana, general, 'compare two editors');
    await shows(ana, new RegExp(`Waiting for you \\(1\\).*${first.shortId}`));
    const killed = await theLeader(LEADER_WITHIN_MS);
    killed.kill();
    const since = Date.now();
    replicas = replicas.filter((replica) => replica !== killed);
    const second = await startWaitingRun(workspace, ana, general, 'compare two shells');
    await shows(ana, new RegExp(`Waiting for you \\(2\\).*${second.shortId}`));
    const next = await theLeader(LEADER_WITHIN_MS - (Date.now() - since));
    assert.notEqual(next, killed);
    for (const { shortId, card } of [first, second]) {
      await workspace.as(ana).click(card, 'Approve');
      await cardOf(workspace, general, shortId, /^Done/);
    }
    await shows(ana, /Nothing waits for you/);
    assert.equal(await next.stop(), 0);
  });

  it('make about as many calls to Slack as one process, but for what each process looks up once', async () => {
    const work = async (): Promise<Map<string, number>> => {
      const { ana, ben } = workspace.people;
      const { general } = workspace.channels;
      await theLeader(LEADER_WITHIN_MS);
      await delay(1_000);
      const before = workspace.requests.length;
      for (const user of [ana, ben]) await workspace.as(user).openHome();
      for (const goal of [...GOALS]) {
        const { shortId } = await approvedRun(workspace, ana, general, goal);
        await cardOf(workspace, general, shortId, /^Done/);
      }
      await delay(2_000);
      const counts = new Map<string, number>();
      for (const { method } of workspace.requests.slice(before))
        counts.set(method, (counts.get(method) ?? 0) + 1);
      return counts;
    };
    /** Each process looks these up once, and remembers them. */
    const lookUps = ['users.info', 'conversations.info', 'conversations.members'];
    const sum = (counts: Map<string, number>) =>
      [...counts].reduce((all, [method, times]) => (lookUps.includes(method) ? all : all + times), 0);
    await start('all');
    const one = await work();
    await Promise.all(replicas.map((replica) => replica.stop()));
    replicas = [];
    await start('bot', 'bot', 'bot', 'worker', 'worker', 'worker');
    const three = await work();
    const told = JSON.stringify({ one: [...one], three: [...three] });
    if (process.env.SHOW_CALLS) console.log(told);
    assert.ok(sum(three) <= 1.2 * sum(one), told);
    for (const method of lookUps) assert.ok((three.get(method) ?? 0) <= 6 * (one.get(method) ?? 0), told);
  });
});

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startSimulatedModel } from '../../sandbox/model/index.js';
import { startWorkspace } from '../../sandbox/workspace/index.js';
import { openLedger } from '../../src/ledger/index.js';
import type { RunInput } from '../../src/run/input.js';
import { takeDatabase } from '../../src/service/lease.js';
import { createRuns } from '../../src/temporal/runs.js';
import { createSchedules } from '../../src/temporal/schedules/schedules.js';
import { startPostgres } from '../support/ledger/postgres.js';
import { commandLine } from '../support/product/built.js';
import { startCommand } from '../support/product/run-command.js';
import { serviceSettings } from '../support/product/service-settings.js';
import { policyWith, runInput } from '../support/samples.js';
import { cardOf, startWaitingRun } from '../support/slack/people.js';
import { connectClient, type OwnNamespace, openNamespace } from '../support/temporal/namespaces.js';
import { unusedPort } from '../support/temporal/temporal.js';

describe('npm start', () => {
  const folder = mkdtempSync(join(tmpdir(), 'start-'));
  let temporal: OwnNamespace;
  let model: Awaited<ReturnType<typeof startSimulatedModel>>;
  let workspace: Awaited<ReturnType<typeof startWorkspace>>;
  before(async () => {
    [temporal, model, workspace] = await Promise.all([
      openNamespace(),
      startSimulatedModel(),
      startWorkspace(),
    ]);
  });
  after(async () => {
    await Promise.all([temporal.close(), model.stop(), workspace.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  const settings = () => serviceSettings({ workspace, model, temporal, folder });

  /** Runs the command line with just this environment, in a folder without a `.env`. */
  const run = (env: Record<string, string>, command = 'start') => startCommand(folder, env, command);

  /** Starts the service, which runs and logs these lines. Returns what the doctor says, who then exits with `code`. */
  const startAndExamine = async (env: Record<string, string>, lines: RegExp[], code: number) => {
    const { child, output, exit } = run(env);
    const told = () => lines.every((line) => line.test(output()));
    await workspace.waitFor(told, { what: 'the lines', timeoutMs: 30_000 });
    child.kill('SIGTERM');
    assert.equal(await exit, 0);
    const doctor = run(env, 'doctor');
    assert.equal(await doctor.exit, code, doctor.output());
    return doctor.output();
  };

  it('names the missing variable in one line, says how to get it, and exits with 1', async () => {
    const { SLACK_BOT_TOKEN: _, ...incomplete } = settings();
    const { output, exit } = run(incomplete);
    assert.equal(await exit, 1);
    assert.match(output(), /^SLACK_BOT_TOKEN is missing\. Copy it from .*npm run sandbox.*\n$/);
  });

  const only = join(folder, 'only.yml');
  writeFileSync(only, 'channels:\n  C02APPROVALS: { approvers: [S01APPROVERS], approvals: 2 }\n');
  const wrong: [string, Record<string, string>, RegExp][] = [
    [
      'bot token',
      { SLACK_BOT_TOKEN: 'xoxb-wrong' },
      /^SLACK_BOT_TOKEN: Slack refuses this token \(invalid_auth\)\. .*\n$/,
    ],
    [
      'app token',
      { SLACK_APP_TOKEN: 'xapp-wrong' },
      /^SLACK_APP_TOKEN: Slack refuses this token \(invalid_auth\)\. .*\n$/m,
    ],
    ['API key', { ANTHROPIC_API_KEY: 'wrong' }, /^ANTHROPIC_API_KEY: the key is refused \(401\)\. .*\n$/],
    [
      'model',
      { ANTHROPIC_MODEL: 'claude-sonet' },
      /^ANTHROPIC_MODEL: 127\.0\.0\.1:\d+ has no model "claude-sonet" \(model: claude-sonet\)\. .*\n$/,
    ],
    ['channel', { APPROVAL_CHANNEL: '#nowhere' }, /^APPROVAL_CHANNEL: there is no channel #nowhere .*\n$/],
    [
      'channel, which a policy file without a default does not name',
      { APPROVAL_CHANNEL: '#general', POLICY_FILE: only },
      /^APPROVAL_CHANNEL: the policy file names channels and has no default, and #general \(C01GENERAL\) is not among them.*\n$/,
    ],
  ];
  for (const [what, own, message] of wrong) {
    it(`ends with one line about a wrong ${what}, and exits with 1`, async () => {
      const { output, exit } = run({ ...settings(), ...own });
      assert.equal(await exit, 1);
      const ours = output()
        .split('\n')
        .filter((line) => !line.startsWith('{'))
        .join('\n');
      assert.match(ours, message);
    });
  }

  it('refuses the database of another Slack app that runs, names both, and exits with 1', async () => {
    const database = await startPostgres();
    const ledger = await openLedger(database.url);
    await takeDatabase(ledger, 'T9/A9');
    const { output, exit } = run({ ...settings(), DATABASE_URL: database.url });
    assert.equal(await exit, 1, output());
    assert.match(output(), /^DATABASE_URL: the Slack app T9\/A9 uses this database now.*T01LOCAL\/A\w+\. /m);
    await ledger.close();
    await database.stop();
  });

  it('has the doctor call no key right while Claude is out of reach', async () => {
    const doctor = run({ ...settings(), ANTHROPIC_BASE_URL: 'http://127.0.0.1:4' }, 'doctor');
    assert.equal(await doctor.exit, 1);
    assert.match(doctor.output(), /^WRONG Claude: 127\.0\.0\.1:4 could not be reached, so nobody knows/m);
  });

  it('runs, and on SIGTERM finishes what is in flight and exits with 0; the run goes on with the next start', async () => {
    const first = run(settings());
    await workspace.waitFor(() => workspace.connected(), { what: 'the app', timeoutMs: 30_000 });
    const { ana } = workspace.people;
    const { general } = workspace.channels;
    const { shortId, card } = await startWaitingRun(workspace, ana, general, 'compare two editors');
    first.child.kill('SIGTERM');
    assert.equal(await first.exit, 0);
    const second = run(settings());
    await workspace.waitFor(() => workspace.connected(), { what: 'the app again', timeoutMs: 30_000 });
    assert.deepEqual(await workspace.as(ana).click(card, 'Approve'), { ok: true });
    await cardOf(workspace, general, shortId, /^Done/);
    second.child.kill('SIGTERM');
    assert.equal(await second.exit, 0);
    assert.match(second.output(), /Countersign is running: .*, no policy file"/);
    assert.match(second.output(), /"Approvals: everywhere: the requester alone"/);

    const doctor = run(settings(), 'doctor');
    assert.equal(await doctor.exit, 0, doctor.output());
    assert.doesNotMatch(doctor.output(), /WRONG/);
    assert.match(doctor.output(), /^ok {4}policy: no file\. everywhere: the requester alone$/m);
    assert.match(doctor.output(), /^note {2}requesters: members may start runs$/m);
    assert.match(doctor.output(), /^note {2}limits: none\. It is better to limit .* policy\.example\.yml/m);
  });

  const told: [string, Record<string, string>, string][] = [
    [
      'default: {}\nchannels:\n  C01GENERAL: {}\n  C02APPROVALS: { approvers: [S01APPROVERS, requester], approvals: 2 }\n',
      {},
      '#general and everywhere else: the requester alone; #approvals: 2 of S01APPROVERS and the requester',
    ],
    [
      'channels:\n  C02APPROVALS: { approvers: [S01APPROVERS], requesterMayApprove: false }\n',
      {},
      '#approvals: 1 of S01APPROVERS, not the requester; no goals are taken anywhere else',
    ],
    [
      'channels:\n  C02APPROVALS: { approvers: [anyone] }\n',
      { APPROVAL_CHANNEL: '#approvals' },
      '#approvals, where all plans go: 1 of anyone',
    ],
  ];
  for (const [text, own, line] of told) {
    it(`has the doctor say which policy holds where: ${line}`, async () => {
      const policy = join(folder, 'told.yml');
      writeFileSync(policy, text);
      const doctor = run({ ...settings(), POLICY_FILE: policy, ...own }, 'doctor');
      assert.equal(await doctor.exit, 0, doctor.output());
      assert.ok(doctor.output().includes(`ok    policy: ${policy}. ${line}\n`), doctor.output());
    });
  }

  it('ends with the process that started it, also before the start is done', async () => {
    const SLACK_API_URL = `http://127.0.0.1:${await unusedPort()}/api/`;
    const child = spawn(process.execPath, commandLine('start'), {
      cwd: folder,
      env: { ...settings(), SLACK_API_URL },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const exit = once(child, 'exit');
    await delay(2_000);
    const before = Date.now();
    child.disconnect();
    assert.deepEqual(await exit, [0, null]);
    assert.ok(Date.now() - before < 10_000, 'it does not try for the minute that Slack is given');
  });

  it('says that another Slack app’s schedules and runs are there, and on its own task queue', async () => {
    const { client, close } = await connectClient(temporal);
    const by = { team: 'T9', user: 'U9' };
    const times = { cron: '0 9 1 1 *', timeZone: 'UTC', words: 'once a year' };
    const asked = { ...times, goal: 'g', channel: 'C9', origin: 'C9', requester: by, policy: policyWith({}) };
    await createSchedules(client, 'countersign', { app: 'T9/A9' }).create({ id: 'theirs', ...asked });
    await createRuns(client, 'theirs', { app: 'T9/A9' }).start(runInput({ shortId: 'ffff2345' }));
    const { child, output, exit } = run(settings());
    const said =
      /"level":40.*1 schedules and 1 running runs in this namespace belong to another Slack app.*1 of them use the same task queue, countersign/;
    await workspace.waitFor(() => said.test(output()), { what: 'the warning', timeoutMs: 60_000 });
    child.kill('SIGTERM');
    assert.equal(await exit, 0);
    const { action } = await client.schedule.getHandle('agent-theirs').describe();
    assert.deepEqual((action.args as [RunInput])[0].policy, policyWith({}));
    await close();
  });

  it('warns of a policy for a channel that Slack does not know, and so does the doctor', async () => {
    const policy = join(folder, 'policy.yml');
    writeFileSync(policy, 'channels:\n  C99GONE: { approvers: [anyone] }\n');
    const env = { ...settings(), POLICY_FILE: policy };
    const { child, output, exit } = run(env);
    const warned = () =>
      /"level":40.*The policy names the channel C99GONE, which Slack doesn't know/.test(output());
    await workspace.waitFor(warned, { what: 'the warning', timeoutMs: 30_000 });
    child.kill('SIGTERM');
    assert.equal(await exit, 0);
    const doctor = run(env, 'doctor');
    assert.equal(await doctor.exit, 1);
    assert.match(doctor.output(), /^WRONG policy: POLICY_FILE: The policy names the channel C99GONE, which/m);
  });

  it('warns of rules for tools and arguments that nothing has, and so does the doctor', async () => {
    const policy = join(folder, 'rules.yml');
    writeFileSync(
      policy,
      'tools:\n  - { match: fetch_ulr, rule: deny }\n  - { match: Fetch_URL, where: { uri: "*" }, rule: ask }\n',
    );
    const env = { ...settings(), POLICY_FILE: policy };
    const doctor = await startAndExamine(
      env,
      [
        /"level":40.*POLICY_FILE: No tool matches the rule \\"fetch_ulr\\"\./,
        /"level":40.*POLICY_FILE: No tool that the rule \\"Fetch_URL\\" matches has an argument \\"uri\\"/,
      ],
      1,
    );
    assert.match(doctor, /^WRONG rules for tools: POLICY_FILE: No tool matches the rule "fetch_ulr"\./m);
  });

  it('starts with a wrong entry in the list of MCP servers, warns of it by name, and so does the doctor', async () => {
    const file = join(folder, 'mcp-wrong.json');
    const wrong = { type: 'ws', url: 'wss://x.example', autoApprove: ['y'] };
    const odd = { command: '/no/such/program', autoApprove: ['y'] };
    writeFileSync(file, JSON.stringify({ mcpServers: { wrong, odd } }));
    const env = { ...settings(), MCP_CONFIG: file };
    const doctor = await startAndExamine(
      env,
      [
        /"level":40.*The tools of wrong are not available: type: \\"ws\\" is not spoken here/,
        /"level":40.*MCP_CONFIG: server \\"odd\\": autoApprove is not read here: the policy file decides/,
      ],
      1,
    );
    assert.match(doctor, /^WRONG MCP server wrong: MCP_CONFIG: type: "ws" is not spoken here/m);
    assert.match(doctor, /^note {2}settings: MCP_CONFIG: server "odd": autoApprove is not read/m);
  });

  it('says what a server’s tools cost, and names those that it can’t offer; so does the doctor', async () => {
    const file = join(folder, 'mcp.json');
    const tools = join(folder, 'tools.json');
    const listed = Array.from({ length: 50 }, (_, index) => ({
      name: `report_${index}`,
      description: 'x'.repeat(800),
      inputSchema: { type: 'object', properties: index === 0 ? { a: { type: 'strng' } } : {} },
    }));
    writeFileSync(tools, JSON.stringify(listed));
    const script = fileURLToPath(new URL('../support/mcp/listing-server.mjs', import.meta.url));
    const many = { command: process.execPath, args: [script, tools] };
    writeFileSync(file, JSON.stringify({ mcpServers: { many } }));
    const policy = join(folder, 'policy-for-tools.yml');
    writeFileSync(policy, 'default: {}\n');
    const env = { ...settings(), MCP_CONFIG: file, POLICY_FILE: policy };
    const doctor = await startAndExamine(
      env,
      [
        /The MCP server many is up: 49 tools, about 11,000 tokens/,
        /The servers have 49 tools, about 11,000 tokens\. Above 40 tools, the model finds those that it needs by search/,
        /"level":40.*The tool report_0 can't be offered: its schema is not valid JSON Schema: properties\.a\.type is/,
      ],
      0,
    );
    assert.match(
      doctor,
      /^ok {4}MCP server many: connects, 49 tools, about 11,000 tokens\. report_0 can't be offered: its schema/m,
    );
    assert.match(doctor, /^note {2}tools: The servers have 49 tools/m);
  });
});

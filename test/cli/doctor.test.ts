import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { startWorkspace } from '../../sandbox/workspace/index.js';
import { checkSlack } from '../../src/cli/doctor/check-slack.js';
import { examine } from '../../src/cli/doctor/examine.js';
import { createReport } from '../../src/cli/doctor/report.js';
import { readSettings } from '../../src/config/environment.js';
import { commandLine } from '../support/product/built.js';

it('doctor prints nothing that a terminal would obey', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
  const policy = join(folder, 'policy.yml');
  writeFileSync(policy, '"no\\e[2Jbody": 1\n');
  const workspace = await startWorkspace();
  const nowhere = '127.0.0.1:1';
  const env = {
    ...{ SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', SLACK_API_URL: workspace.apiUrl },
    ...{ ANTHROPIC_API_KEY: 'sk-ant-1', ANTHROPIC_BASE_URL: `http://${nowhere}`, TEMPORAL_ADDRESS: nowhere },
    POLICY_FILE: policy,
  };
  const said: string[] = [];
  assert.equal(await examine(env, (line) => said.push(line)), false);
  await workspace.close();
  rmSync(folder, { recursive: true });
  assert.match(said.join('\n'), /no⟨U\+001B⟩\[2Jbody/);
  assert.ok(!said.join('\n').includes('\u001b'));
});

it('doctor names all that is missing at once, checks the rest all the same, and makes nothing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
  const env = {
    ...{ PATH: process.env.PATH, HOME: folder, TEMPORAL_ADDRESS: '127.0.0.1:1', NO_PROXY: '127.0.0.1' },
    ...{ LOG_LEVEL: 'loud', ANTHROPIC_EFFORT: 'much', POLICY_FILE: '/nowhere.yml' },
  };
  const { status, stdout } = spawnSync(process.execPath, commandLine('doctor'), {
    ...{ cwd: folder, env, encoding: 'utf8' },
  });
  assert.equal(status, 1);
  const names = ['SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN', 'ANTHROPIC_API_KEY', 'ANTHROPIC_EFFORT'];
  for (const name of [...names, 'POLICY_FILE', 'LOG_LEVEL'])
    assert.match(stdout, new RegExp(`^WRONG settings: ${name}\\b`, 'm'));
  for (const what of ['Slack', 'Slack events', 'policy', 'Claude'])
    assert.match(stdout, new RegExp(`^note  ${what}: not checked, because a setting`, 'm'));
  assert.match(stdout, /^ok {4}ledger: file:data\/ledger\.db is not there yet/m);
  assert.match(stdout, /^WRONG Temporal: TEMPORAL_ADDRESS: /m);
  assert.deepEqual(readdirSync(folder), []);
  rmSync(folder, { recursive: true });
});

it('doctor names the scopes that the installed app lacks, and says which ones it can do without', async () => {
  const manifest = readFileSync('manifest.yml', 'utf8');
  const look = async (...without: string[]) => {
    const scopes = new RegExp(` *- (?:${without.join('|')}).*\\n`, 'g');
    const workspace = await startWorkspace({ manifest: manifest.replace(scopes, '') });
    const { botToken, appToken } = workspace.credentials;
    const env = { SLACK_BOT_TOKEN: botToken, SLACK_APP_TOKEN: appToken, SLACK_API_URL: workspace.apiUrl };
    const said: string[] = [];
    const report = createReport((line) => said.push(line));
    await checkSlack(readSettings(env).values, report);
    await workspace.close();
    return { isWell: report.isWell(), text: said.join('\n') };
  };
  const whole = await look('no such scope');
  assert.ok(whole.isWell, whole.text);
  assert.doesNotMatch(whole.text, /scopes/);
  const less = await look('files:read');
  assert.ok(less.isWell, less.text);
  assert.match(less.text, /^note {2}Slack scopes: The bot token lacks files:read\./m);
  const broken = await look('chat:write', 'users:read');
  assert.ok(!broken.isWell);
  assert.match(
    broken.text,
    /^WRONG Slack scopes: The bot token lacks chat:write, users:read\. Paste manifest/m,
  );
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { examine } from '../../src/cli/doctor.js';

it('doctor prints nothing that a terminal would obey', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
  const policy = join(folder, 'policy.yml');
  writeFileSync(policy, '"no\\e[2Jbody": 1\n');
  const env = {
    ...{ SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', ANTHROPIC_API_KEY: 'sk-ant-1' },
    POLICY_FILE: policy,
  };
  const said: string[] = [];
  assert.equal(await examine(env, (line) => said.push(line)), false);
  rmSync(folder, { recursive: true });
  assert.match(said.join('\n'), /no⟨U\+001B⟩\[2Jbody/);
  assert.ok(!said.join('\n').includes('\u001b'));
});

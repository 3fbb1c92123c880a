import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type Stack, startStack } from '../support/product/stack.js';
import { approvedRun, resultOf } from '../support/slack/execution.js';

/** The service looks at its files each five seconds. */
const SEEN_WITHIN_MS = 8_000;

describe('secrets in files that are replaced while the service runs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rotated-'));
  const files = { bot: join(folder, 'bot'), app: join(folder, 'app'), key: join(folder, 'key') };
  let stack: Stack;
  before(async () => {
    stack = await startStack({
      env: {
        ...{ SLACK_BOT_TOKEN: '', SLACK_APP_TOKEN: '', ANTHROPIC_API_KEY: '' },
        SLACK_BOT_TOKEN_FILE: files.bot,
        SLACK_APP_TOKEN_FILE: files.app,
        ANTHROPIC_API_KEY_FILE: files.key,
      },
      prepare: ({ workspace, model }) => {
        writeFileSync(files.bot, workspace.credentials.botToken);
        writeFileSync(files.app, workspace.credentials.appToken);
        writeFileSync(files.key, model.apiKey);
      },
    });
  });
  after(async () => {
    await stack.stop();
    rmSync(folder, { recursive: true });
  });

  it('go on as they were when they are wrong, and are used from then on when they are right', async () => {
    const { workspace, model } = stack;
    const { ana } = workspace.people;
    const { general } = workspace.channels;
    writeFileSync(files.bot, 'xoxb-wrong');
    writeFileSync(files.key, 'wrong');
    await delay(SEEN_WITHIN_MS);
    await resultOf(workspace, await approvedRun(workspace, ana, general, 'compare two editors'));

    workspace.credentials.botToken = 'xoxb-rotated';
    model.renewKey('rotated');
    writeFileSync(files.bot, 'xoxb-rotated\n');
    writeFileSync(files.key, 'rotated\n');
    await delay(SEEN_WITHIN_MS);
    await resultOf(workspace, await approvedRun(workspace, ana, general, 'compare two shells'));
  });
});

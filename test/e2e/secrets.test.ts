import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { VERIFICATION_TOKEN } from '../../sandbox/workspace/delivery/payloads.js';
import { openScene } from '../support/product/scene.js';
import { cardOf, startRun, toldPrivately, WAITING } from '../support/slack/people.js';

describe('the log at its most talkative', () => {
  it('holds no token, no key, no secret and no address that acts for a person', async () => {
    const lines: string[] = [];
    const scene = await openScene({ say: (line) => lines.push(line), env: { LOG_LEVEL: 'trace' } });
    const { workspace, model } = scene;
    const { general, random } = workspace.channels;
    const { ana } = workspace.people;
    try {
      workspace.faults.inject({ kind: 'drop', method: 'chat.postMessage' });
      workspace.faults.inject({ kind: 'error-500', method: 'chat.update' });
      model.faults.inject({ kind: 'error', status: 529, retryAfterS: 0.05 });
      model.faults.inject({ kind: 'reset', match: 'plan' });
      const shortId = await startRun(workspace, ana, general, 'what is written to the log');
      await workspace.as(ana).click(await cardOf(workspace, general, shortId, WAITING), 'Approve');
      await cardOf(workspace, general, shortId, /^Done/);
      await startRun(workspace, ana, random, 'a channel that refuses the card');
      await toldPrivately(workspace, ana, /^I can't post in/);
      workspace.faults.inject({ kind: 'refuse', method: 'chat.postMessage', error: 'restricted_action' });
      const refused = await startRun(workspace, ana, general, 'a card that is refused');
      await workspace.waitFor(
        () =>
          workspace.privateWords(ana).find(({ text }) => text.includes(refused) && /only certain/.test(text)),
        { what: 'who may post there' },
      );
      workspace.faults.inject({ kind: 'refuse', method: 'views.open', error: 'token_revoked' });
      model.faults.inject({ kind: 'error', status: 401, match: 'search' });
      await cardOf(workspace, general, await startRun(workspace, ana, general, 'a wrong key'), /^Failed/);
    } finally {
      await scene.close();
    }
    const log = lines.join('\n');
    assert.ok(lines.some((line) => /^\w+ \| /.test(line)) && lines.length > 50, `${lines.length} lines`);
    const { botToken, appToken, signingSecret } = workspace.credentials;
    const addresses = workspace.deliveries.map(({ payload }) => String(payload.response_url ?? 'none'));
    const secrets = { botToken, appToken, signingSecret, apiKey: model.apiKey, token: VERIFICATION_TOKEN };
    for (const [name, secret] of Object.entries(secrets)) {
      assert.ok(
        !log.includes(secret),
        `${name}: ${lines.find((line) => line.includes(secret))?.slice(0, 300)}`,
      );
    }
    for (const address of addresses) {
      const line = lines.find((one) => one.includes(address));
      assert.ok(!line, `a response_url: ${line?.slice(0, 300)}`);
    }
  });
});

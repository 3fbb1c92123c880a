import assert from 'node:assert/strict';
import { startWorkspace, type Workspace } from '../../../sandbox/workspace/index.js';
import { boltLogger, type createLog } from '../../../src/platform/log.js';
import type { ListenerContext } from '../../../src/slack/listeners/context.js';
import { identify } from '../../../src/slack/permissions/identity.js';
import { createApp, type SlackApp } from '../../../src/slack/receiver/app.js';
import { unusedPort } from '../temporal/temporal.js';

/** Starts a workspace that sends its events over HTTP. `startApp` starts the app that gets them. */
export async function startHttpWorkspace(): Promise<{
  workspace: Workspace;
  startApp(context: ListenerContext, log: ReturnType<typeof createLog>): Promise<SlackApp>;
}> {
  const port = await unusedPort();
  const eventsUrl = `http://127.0.0.1:${port}/slack/events`;
  const workspace = await startWorkspace({ rateLimits: false, mode: { kind: 'http', eventsUrl } });
  return {
    workspace,
    async startApp(context, log) {
      const { botToken, signingSecret } = workspace.credentials;
      const access = { botToken, apiUrl: workspace.apiUrl };
      const mode = { kind: 'http' as const, signingSecret, port };
      const settings = { ...access, mode, identity: await identify(access), logger: boltLogger(log) };
      const app = createApp({ ...settings, onFatal: assert.ifError }, context);
      await app.start();
      return app;
    },
  };
}

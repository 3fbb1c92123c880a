import { after, afterEach, before } from 'node:test';
import { startWorkspace, type Workspace } from '../../../sandbox/workspace/index.js';
import { createMessenger } from '../../../src/slack/client/messenger.js';
import { createWebClient } from '../../../src/slack/client/web/web.js';
import { createDirectory } from '../../../src/slack/permissions/directory.js';
import { assertVerbatim } from './verbatim.js';

interface Opened {
  workspace: Workspace;
  client: ReturnType<typeof createWebClient>;
  messenger: ReturnType<typeof createMessenger>;
}

/** Opens a workspace with a messenger for the tests of a file. `use` gets them before the first test. In the end, all messages must show texts as they are. */
export function openMessenger(
  use: (opened: Opened) => unknown,
  options: Parameters<typeof startWorkspace>[0] = {},
): void {
  let workspace: Workspace;
  before(async () => {
    workspace = await startWorkspace({ rateLimits: false, ...options });
    const client = createWebClient(workspace.credentials.botToken, { slackApiUrl: workspace.apiUrl });
    await use({ workspace, client, messenger: createMessenger(client, createDirectory(client)) });
  });
  after(async () => {
    await workspace.close();
    assertVerbatim(workspace);
  });
  afterEach(() => workspace.faults.clear());
}

import { join } from 'node:path';
import type { startSimulatedModel } from '../../../sandbox/model/index.js';
import type { startWorkspace } from '../../../sandbox/workspace/index.js';
import type { OwnNamespace } from '../temporal/namespaces.js';

interface Parts {
  workspace: Pick<Awaited<ReturnType<typeof startWorkspace>>, 'credentials' | 'apiUrl'>;
  model: Pick<Awaited<ReturnType<typeof startSimulatedModel>>, 'apiKey' | 'url'>;
  temporal: Pick<OwnNamespace, 'address' | 'namespace'>;
  /** Folder of the ledger's database. */
  folder: string;
}

/** Whole environment of a service in a process of its own, between these parts: by Socket Mode, with SQLite. */
export function serviceSettings({ workspace, model, temporal, folder }: Parts) {
  return {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    SLACK_BOT_TOKEN: workspace.credentials.botToken,
    SLACK_APP_TOKEN: workspace.credentials.appToken,
    SLACK_API_URL: workspace.apiUrl,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    ANTHROPIC_API_KEY: model.apiKey,
    ANTHROPIC_BASE_URL: model.url,
    DATABASE_URL: `file:${join(folder, 'ledger.db')}`,
  };
}

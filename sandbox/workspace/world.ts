import type { AgentSessions } from './agent-sessions.js';
import type { Transport } from './delivery/delivery.js';
import type { EventRetries } from './delivery/events.js';
import type { ResponseUrls } from './delivery/response-urls.js';
import type { Contents } from './files/contents.js';
import type { Files } from './files/files.js';
import type { Manifest } from './manifest.js';
import type { Outbox } from './outbox.js';
import type { WorkspaceState } from './state.js';
import type { Triggers } from './triggers.js';

/** Dependencies of people's actions: the workspace, and its connections to the app. */
export interface World {
  state: WorkspaceState;
  manifest: Manifest;
  sessions: AgentSessions;
  triggers: Triggers;
  responseUrls: ResponseUrls;
  contents: Contents;
  files: Files;
  transport(): Transport;
  eventRetries: EventRetries;
  outbox: Outbox;
  /** Aborts when the workspace closes. */
  closed: AbortSignal;
}

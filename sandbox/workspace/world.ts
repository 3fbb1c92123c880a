import type { Transport } from './delivery/delivery.js';
import type { EventRetries } from './delivery/events.js';
import type { ResponseUrls } from './delivery/response-urls.js';
import type { Contents } from './files/contents.js';
import type { Manifest } from './manifest.js';
import type { WorkspaceState } from './state.js';
import type { Triggers } from './triggers.js';

/** What people act in: the workspace, and the ways from it to the app. */
export interface World {
  state: WorkspaceState;
  manifest: Manifest;
  triggers: Triggers;
  responseUrls: ResponseUrls;
  contents: Contents;
  transport(): Transport;
  eventRetries: EventRetries;
  /** Aborted when the workspace closes. */
  closed: AbortSignal;
}

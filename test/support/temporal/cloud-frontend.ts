import { startHangingServer } from './hanging-server.js';

/** gRPC status of a call that the caller may not make. */
const PERMISSION_DENIED = 7;

/** Calls that Temporal Cloud refuses: the operator's, and the one that lists a whole cluster's search attributes. */
const REFUSED = /\/temporal\.api\.operatorservice\.|\/GetSearchAttributes$/;

/** Stands before a Temporal server as Temporal Cloud's frontend does. Namespaces are managed elsewhere. */
export const startCloudFrontend = (address: string) =>
  startHangingServer(address, () => false, {
    refuses: (path) => (REFUSED.test(path) ? PERMISSION_DENIED : undefined),
  });

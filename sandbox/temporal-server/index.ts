export { findServer, type ServerKind } from './find-server.js';
export { startTemporalServer, type TemporalServer } from './start-server.js';

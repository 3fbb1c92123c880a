export { findServer, type ServerKind } from './find-server.js';
export { registerAttributes } from './register-attributes.js';
export { startTemporalServer, type TemporalServer } from './start-server.js';

import type { Faults } from './faults.js';
import type { WhatIf } from './protocol.js';

/** Methods that the page's faults affect: posts and updates, which people see. */
const POST = 'chat.postMessage';

/** Each affects the next possible call, once. */
export type WhatIfs = Partial<Record<WhatIf, () => void>>;

/** Creates the page's faults. Those of parts that aren't there are missing. */
export function createWhatIfs({
  faults,
  reconnect,
  deliverTwice,
  crash,
  failModel,
  slowCall,
}: {
  faults: Faults;
  reconnect(): void;
  deliverTwice(): void;
  /** Without a service process there is none. */
  crash?: (() => void) | undefined;
  failModel?: (() => void) | undefined;
  slowCall?: (() => void) | undefined;
}): WhatIfs {
  return {
    ...(crash && { 'kill-service': crash }),
    ...(slowCall && { 'slow-call': slowCall }),
    ...(failModel && { 'fail-model': failModel }),
    'lose-answer': () => faults.inject({ kind: 'lose-answer', method: POST }),
    'refuse-connection': () => faults.inject({ kind: 'drop', method: POST }),
    'too-many-requests': () => faults.inject({ kind: 'ratelimited', method: POST, retryAfterS: 3 }),
    'deliver-twice': deliverTwice,
    reconnect,
  };
}

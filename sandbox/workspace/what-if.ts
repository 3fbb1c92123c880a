import type { Faults } from './faults.js';
import type { WhatIf } from './protocol.js';

/** Methods that the page's faults affect: posts and updates, which people see. */
const POST = 'chat.postMessage';

/** Each affects the next possible call, once. */
export type WhatIfs = Partial<Record<WhatIf, () => void>>;

/** Creates the page's faults. `crash` is missing without a service process. */
export function createWhatIfs({
  faults,
  reconnect,
  deliverTwice,
  crash,
}: {
  faults: Faults;
  reconnect(): void;
  deliverTwice(): void;
  crash?: (() => void) | undefined;
}): WhatIfs {
  return {
    ...(crash && { 'kill-service': crash }),
    'lose-answer': () => faults.inject({ kind: 'lose-answer', method: POST }),
    'refuse-connection': () => faults.inject({ kind: 'drop', method: POST }),
    'too-many-requests': () => faults.inject({ kind: 'ratelimited', method: POST, retryAfterS: 3 }),
    'deliver-twice': deliverTwice,
    reconnect,
  };
}

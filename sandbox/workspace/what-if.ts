import type { Faults } from './faults.js';
import type { WhatIf } from './protocol.js';

/** Posts and updates are what people see, so that is where the page's faults strike. */
const POST = 'chat.postMessage';

/** Each strikes once, at the next chance. */
export type WhatIfs = Partial<Record<WhatIf, () => void>>;

/** What may go wrong when somebody clicks on it; `crash` is left out where there is no service of ours to kill. */
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

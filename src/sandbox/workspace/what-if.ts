import type { SocketMode } from './delivery/socket-mode.js';
import type { Faults } from './faults.js';
import type { WhatIf } from './protocol.js';

/** Posts and updates are what people see, so that is where the page's faults strike. */
const POST = 'chat.postMessage';

/** Lets go wrong what somebody clicked on: each strikes once, at the next chance. */
export function createWhatIf(
  faults: Faults,
  socketMode: SocketMode,
  deliverTwice: () => void,
): (what: WhatIf) => void {
  const strike: Record<WhatIf, () => void> = {
    'lose-answer': () => faults.inject({ kind: 'lose-answer', method: POST }),
    'too-many-requests': () => faults.inject({ kind: 'ratelimited', method: POST, retryAfterS: 3 }),
    'refuse-connection': () => faults.inject({ kind: 'drop', method: POST }),
    reconnect: () => socketMode.reconnect('refresh_requested'),
    'deliver-twice': deliverTwice,
  };
  return (what) => strike[what]?.();
}

import type { Delivery } from '../../sandbox/workspace/index.js';
import type { Violation } from './invariants/index.js';

/** Kinds of payloads that Slack delivers once. A person is told when nobody acknowledges one in time. */
const ONCE = new Set<Delivery['kind']>(['slash_commands', 'interactive']);

/** Collects the acknowledgements of commands and clicks. */
export function createAcks() {
  const times: number[] = [];
  const late: Violation[] = [];
  let lost = 0;
  const rank = (share: number) =>
    Math.round(times.toSorted((one, other) => one - other)[Math.floor((times.length - 1) * share)] ?? 0);
  return {
    /** Payloads that a process had for three seconds, and did not acknowledge. Without its connection it can't. */
    late: late as readonly Violation[],
    add({ kind, payload, result }: Delivery): void {
      if (!ONCE.has(kind)) return;
      if (result.ok) times.push(result.ackMs);
      else if (result.isCut || result.reason !== 'timeout') lost += 1;
      else late.push({ run: '-', what: `not acknowledged within three seconds: ${wordsOf(payload)}` });
    },
    summary: () =>
      `${times.length} commands and clicks acknowledged (median ${rank(0.5)} ms, 99 of 100 within ${rank(0.99)} ms, slowest ${rank(1)} ms), ${late.length} late, ${lost} lost with their connection`,
  };
}

function wordsOf({ command, text, type, actions, view }: Delivery['payload']): string {
  return JSON.stringify({ command, text, type, actions, view }).slice(0, 300);
}

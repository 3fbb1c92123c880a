import type { Delivery } from '../../sandbox/workspace/index.js';
import { NOT_ACKNOWLEDGED } from '../../src/slack/listeners/actions/button.js';
import type { Violation } from './invariants/index.js';

/** Kinds of payloads that Slack delivers once. A person is told when nobody acknowledges one in time. */
const ONCE = new Set<Delivery['kind']>(['slash_commands', 'interactive']);

type Payload = Delivery['payload'];

interface Machine {
  /** Time since each process of the service was ready, in milliseconds. */
  uptimes(): number[];
  /** Longest time lately in which the machine did not let this process go on, in milliseconds. */
  longestPause(): number;
}

/** Collects the acknowledgements of commands and clicks. */
export function createAcks({ uptimes, longestPause }: Machine) {
  const times: number[] = [];
  const late: { payload: Payload; up: number[]; pauseMs: number }[] = [];
  /** Clicks that the service says it left, by their id. They changed nothing, and Slack shows their person that they failed. */
  const left = new Set<string>();
  let lost = 0;
  const rank = (share: number) =>
    Math.round(times.toSorted((one, other) => one - other)[Math.floor((times.length - 1) * share)] ?? 0);
  return {
    /** Reads a line of the service's log. */
    read(line: string): void {
      if (!line.includes(NOT_ACKNOWLEDGED)) return;
      const [, click] = /"click":"([\d.]+)"/.exec(line) ?? [];
      if (click) left.add(click);
    },
    /** Payloads that a process had for three seconds, and did not acknowledge. Without its connection it can't, and a click that changed nothing it may leave. */
    late: (): Violation[] =>
      late
        .filter(({ payload }) => !left.has(clickOf(payload)))
        .map(({ payload, up, pauseMs }) => ({
          run: '-',
          what: `not acknowledged within three seconds (processes up for ${up.join(', ')} ms, Slack's stand-in held up for ${pauseMs} ms): ${wordsOf(payload)}`,
        })),
    add({ kind, payload, result }: Delivery): void {
      if (!ONCE.has(kind)) return;
      if (result.ok) times.push(result.ackMs);
      else if (result.isCut || result.reason !== 'timeout') lost += 1;
      else late.push({ payload, up: uptimes(), pauseMs: Math.round(longestPause()) });
    },
    summary: () =>
      `${times.length} commands and clicks acknowledged (median ${rank(0.5)} ms, 99 of 100 within ${rank(0.99)} ms, slowest ${rank(1)} ms), ${late.length} late (${left.size} left on purpose), ${lost} lost with their connection`,
  };
}

function clickOf({ actions }: Payload): string {
  const [action] = (actions ?? []) as { action_ts?: string }[];
  return action?.action_ts ?? '';
}

function wordsOf({ command, text, type, actions, view }: Payload): string {
  return JSON.stringify({ command, text, type, actions, view }).slice(0, 300);
}

import { untilAborted } from '../platform/with-timeout.js';
import type { Sealed } from '../run/card.js';
import { appendBeside } from './append-entries.js';
import type { Ledger, Messenger } from './ports.js';
import { tryShow } from './slack.js';
import type { Beside, Shown } from './types.js';

/** Time for the entries and the card once the call is over, in milliseconds. */
const END_WITHIN_MS = 1_000;

/** Pause before the entries, or the card, are tried again, in milliseconds: the first one, which grows up to the longest. */
const PAUSE_MS = { first: 1_000, longest: 30_000 };

/** Parts of the world that take what goes along with a call. */
export interface Carriers {
  ledger: Ledger;
  messenger: Pick<Messenger, 'updateCard'>;
}

/**
 * Writes entries and shows a card while a call is under way. A call that is over doesn't wait for what can't be done soon: the run does it then.
 * A call that fails, or is cancelled, says nothing of either. In each case an update that Slack may have got is waited for, because it could come after
 * the card's next state.
 */
export async function besideCall<T>(
  { ledger, messenger }: Carriers,
  { entries = [], show }: Beside,
  cancelled: AbortSignal,
  call: () => Promise<T>,
): Promise<T & Shown & Sealed> {
  const over = new AbortController();
  const signal = AbortSignal.any([cancelled, over.signal]);
  const write = async () => (await untilAborted(appendBeside(ledger, entries), signal)).head;
  const written = entries.length > 0 ? tryAgain(write, signal) : undefined;
  const shown = show && tryAgain(() => tryShow(messenger, show, signal), signal);
  let timer: NodeJS.Timeout | undefined;
  try {
    const done = await call();
    timer = setTimeout(() => over.abort(), END_WITHIN_MS);
    const [head, isShown] = await Promise.all([written, shown]);
    return { ...done, ...(head && { head }), ...(show && { isShown: isShown === true }) };
  } finally {
    clearTimeout(timer);
    over.abort();
    await shown;
  }
}

/** Does work again until it gives something, for as long as the signal lets it. Never rejects: nobody may be waiting for it yet. */
async function tryAgain<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  try {
    for (let pauseMs = PAUSE_MS.first; ; pauseMs = Math.min(3 * pauseMs, PAUSE_MS.longest)) {
      const done = await work();
      if (done || signal.aborted) return done;
      await untilAborted(new Promise((resolve) => setTimeout(resolve, pauseMs)), signal);
    }
  } catch {
    // The call is over.
  }
  return undefined;
}

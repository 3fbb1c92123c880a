import { setTimeout as delay } from 'node:timers/promises';
import type { ShownItem } from '../approval/decision.js';
import type { Ledger } from '../ledger/index.js';
import { withTimeout } from '../platform/with-timeout.js';
import type { ToolCall } from '../run/execution/tools.js';

/** Longest wait for a call that is not in the ledger yet, in milliseconds. Its message may be clicked earlier; Slack allows 3 s for a form. */
const WRITTEN_WITHIN_MS = 1_500;
const LOOK_EVERY_MS = 100;

/**
 * Reads the tool call that a button shows, exactly as people were asked about it. Whoever has the button saw the call. Undefined when the ledger
 * doesn't have it, or doesn't answer in time.
 */
export async function findCall(
  ledger: Pick<Ledger, 'read'>,
  { run, request, items: [shown] }: { run: string; request: string; items: ShownItem[] },
): Promise<ToolCall | undefined> {
  const look = async () => {
    const requests = await ledger.read(run, 'requested');
    const items = requests.flatMap(({ data }) => (data.id === request ? data.items : []));
    const subject = items.find(({ id, digest }) => id === shown?.id && digest === shown.digest)?.subject;
    return subject?.kind === 'tool-call' || subject?.kind === 'lost-call' ? subject.call : undefined;
  };
  let isLate = false;
  const search = async () => {
    for (;;) {
      const call = await look();
      if (call || isLate) return call;
      await delay(LOOK_EVERY_MS);
    }
  };
  return await withTimeout(WRITTEN_WITHIN_MS, search, () => {
    isLate = true;
    return undefined;
  });
}

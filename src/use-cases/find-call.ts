import type { ShownItem } from '../approval/decision.js';
import type { Ledger } from '../ledger/index.js';
import { withTimeout } from '../platform/with-timeout.js';
import type { ToolCall } from '../run/execution/tools.js';

/** Longest wait for the ledger, in milliseconds. A form must open within 3 s of the click. */
const READ_WITHIN_MS = 1_000;

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
  return await withTimeout(READ_WITHIN_MS, look, () => undefined);
}

import { setTimeout as delay } from 'node:timers/promises';
import type { ShownItem } from '../approval/decision.js';
import type { Person } from '../approval/person.js';
import type { Ledger } from '../ledger/index.js';
import { withTimeout } from '../platform/with-timeout.js';
import type { ToolCall } from '../run/execution/tools.js';
import { isCertain, mayDecide, maySeeRun } from '../slack/permissions/permissions.js';
import type { UseCasePorts } from './ports.js';
import { memoOf } from './read-story.js';

/**
 * Checks whether a person may read a call. People who may see the run may, and those who may decide about the item.
 * @throws CountersignError with code `MembershipUnsure` where Slack doesn't say.
 */
export async function mayReadCall(
  ports: UseCasePorts,
  { run, request, items: [shown] }: { run: string; request: string; items: ShownItem[] },
  person: Person,
): Promise<boolean> {
  const view = await ports.ledger.view(run);
  if (!view) return false;
  const { requester } = view;
  const item = view.open.find((open) => open.request === request && open.id === shown?.id);
  if (item && (await mayDecide(ports, { requester, policy: item.policy }, person)) === 'yes') return true;
  return isCertain(await maySeeRun(ports, memoOf(view), person));
}

/** Longest wait for a call that is not in the ledger yet, in milliseconds. Its message may be clicked earlier; Slack allows 3 s for a form. */
const WRITTEN_WITHIN_MS = 1_500;
const LOOK_EVERY_MS = 100;

/**
 * Reads the tool call that a button shows, exactly as people were asked about it. Undefined when the ledger doesn't have it, or doesn't answer in
 * time.
 */
export async function findCall(
  ledger: Pick<Ledger, 'read'>,
  { run, request, items: [shown] }: { run: string; request: string; items: ShownItem[] },
): Promise<ToolCall | undefined> {
  const look = async () => {
    const requests = await ledger.read(run, 'requested');
    const items = requests.flatMap(({ data }) => (data.id === request ? data.items : []));
    const subject = items.find(({ id, digest }) => id === shown?.id && digest === shown.digest)?.subject;
    const call = subject?.kind === 'tool-call' || subject?.kind === 'lost-call' ? subject.call : undefined;
    return { call, isWritten: items.length > 0 };
  };
  let isLate = false;
  const search = async () => {
    for (;;) {
      const { call, isWritten } = await look();
      if (isWritten || isLate) return call;
      await delay(LOOK_EVERY_MS);
    }
  };
  return await withTimeout(WRITTEN_WITHIN_MS, search, () => {
    isLate = true;
    return undefined;
  });
}

import type { LedgerEntry } from '../../../src/ledger/index.js';
import type { EventKind, ItemRef } from '../../../src/run/event.js';
import type { RequestItem } from '../../../src/run/request.js';

/** An item of a request, as people were asked. */
export interface AskedItem extends RequestItem {
  ref: ItemRef;
  revision: number;
}

export function entriesOf<K extends EventKind>(
  records: LedgerEntry[],
  kind: K,
): Extract<LedgerEntry, { kind: K }>[] {
  return records.filter((entry): entry is Extract<LedgerEntry, { kind: K }> => entry.kind === kind);
}

/** Items of all requests. */
export function askedItems(records: LedgerEntry[]): AskedItem[] {
  return entriesOf(records, 'requested').flatMap(({ data: { id, revision, items } }) =>
    items.map((item) => ({ ...item, ref: { request: id, item: item.id }, revision })),
  );
}

export function findItem(items: AskedItem[], { request, item }: ItemRef): AskedItem | undefined {
  return items.find(({ ref }) => ref.request === request && ref.item === item);
}

/** Name of an item in a violation: `request/item`. */
export function nameOf({ request, item }: ItemRef): string {
  return `${request}/${item}`;
}

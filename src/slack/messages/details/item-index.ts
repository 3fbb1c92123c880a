import type { Checkpoint, ItemRef } from '../../../run/event.js';
import type { RequestItem } from '../../../run/request.js';

/** An item of a request, as people were asked. */
export type AskedItem = { item: RequestItem; revision: number };
/** Finds an item that was requested. */
export type Find = (ref: ItemRef) => AskedItem | undefined;

/** Makes a function that finds requested items, because later events name an item only by its id. */
export function indexItems(entries: Checkpoint[]): Find {
  const items = new Map<string, AskedItem>();
  const keyOf = ({ request, item }: ItemRef) => JSON.stringify([request, item]);
  for (const { kind, data } of entries) {
    if (kind !== 'requested') continue;
    const { id: request, revision } = data;
    for (const item of data.items) items.set(keyOf({ request, item: item.id }), { item, revision });
  }
  return (ref) => items.get(keyOf(ref));
}

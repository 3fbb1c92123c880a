import type { Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { SEARCH_ATTRIBUTES } from '../run/summary.js';

const { IndexedValueType } = proto.temporal.api.enums.v1;
const WANTED = Object.values(SEARCH_ATTRIBUTES).map(({ name, type }) => {
  return [name, IndexedValueType[`INDEXED_VALUE_TYPE_${type}`]] as const;
});

/** Registers the service's search attributes, which Temporal Cloud doesn't allow. Returns true when the server has them all. */
export async function registerSearchAttributes(connection: Connection, namespace: string): Promise<boolean> {
  try {
    const missing = await listMissing(connection, namespace);
    if (missing.length === 0) return true;
    const searchAttributes = Object.fromEntries(missing);
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
    return (await listMissing(connection, namespace)).length === 0;
  } catch {
    return false;
  }
}

/** True if the server has all of the service's search attributes. Nothing is registered. */
export async function hasSearchAttributes(connection: Connection, namespace: string): Promise<boolean> {
  return await listMissing(connection, namespace).then(
    (missing) => missing.length === 0,
    () => false,
  );
}

async function listMissing(connection: Connection, namespace: string) {
  const known = await listKnown(connection, namespace);
  return WANTED.filter(([name, type]) => known[name] !== type);
}

async function listKnown(connection: Connection, namespace: string): Promise<Record<string, unknown>> {
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    return customAttributes ?? {};
  } catch {
    // This call may be allowed where the operator's call isn't.
    const { keys } = await connection.workflowService.getSearchAttributes({});
    return keys ?? {};
  }
}

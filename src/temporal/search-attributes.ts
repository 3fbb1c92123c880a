import type { Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { SEARCH_ATTRIBUTES } from '../run/summary.js';

const { IndexedValueType } = proto.temporal.api.enums.v1;
const TYPES = {
  KEYWORD: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  KEYWORD_LIST: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
} as const;

/**
 * Registers our search attributes where the server allows it (a dev server and a self-hosted one do; Temporal Cloud wants them made
 * in its own UI). True when it has them all: runs may set them then.
 */
export async function registerSearchAttributes(connection: Connection, namespace: string): Promise<boolean> {
  const wanted = Object.values(SEARCH_ATTRIBUTES);
  const missing = async () => {
    const known = await knownIn(connection, namespace);
    return wanted.filter(({ name, type }) => known[name] !== TYPES[type]);
  };
  try {
    const absent = await missing();
    if (absent.length === 0) return true;
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(absent.map(({ name, type }) => [name, TYPES[type]])),
    });
    return (await missing()).length === 0;
  } catch {
    return false;
  }
}

async function knownIn(connection: Connection, namespace: string): Promise<Record<string, unknown>> {
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    return customAttributes ?? {};
  } catch {
    // Where operators' calls aren't allowed, this one may be.
    const { keys } = await connection.workflowService.getSearchAttributes({});
    return keys ?? {};
  }
}

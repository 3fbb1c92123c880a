import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { shared } from '../shared.js';
import { startDevServer } from './temporal.js';

/** A namespace that nobody else uses, on a dev server. */
export interface OwnNamespace {
  address: string;
  namespace: string;
  close(): Promise<void>;
}

/** Opens a namespace of the server that all test files share, or starts a server where they share none. */
export async function openNamespace(): Promise<OwnNamespace> {
  if (shared.temporal === undefined) return await startOwnServer();
  const namespace = `test-${randomUUID()}`;
  const connection = await Connection.connect({ address: shared.temporal });
  const workflowExecutionRetentionPeriod = msToTs('1 day');
  await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod });
  await connection.close();
  return { address: shared.temporal, namespace, close: async () => {} };
}

/** Starts a server for one suite, with more of its dynamic configuration: `key=value` each. */
export async function startOwnServer(dynamicConfig: string[] = []): Promise<OwnNamespace> {
  const { address, stop } = await startDevServer({ dynamicConfig });
  return { address, namespace: 'default', close: stop };
}

/** Connects to a namespace as an operator does. */
export async function connectClient({
  address,
  namespace,
}: Omit<OwnNamespace, 'close'>): Promise<{ client: Client; close(): Promise<void> }> {
  const connection = await Connection.connect({ address });
  return { client: new Client({ connection, namespace }), close: () => connection.close() };
}

/** Sets the variables by which the service and its command line find a namespace. */
export function setNamespace({ address, namespace }: Omit<OwnNamespace, 'close'>): void {
  process.env.TEMPORAL_ADDRESS = address;
  process.env.TEMPORAL_NAMESPACE = namespace;
}

import { Connection } from '@temporalio/client';
import { registerSearchAttributes } from '../../src/temporal/search-attributes.js';

/** Registers the service's search attributes on the embedded server, which belongs to nobody else. */
export async function registerAttributes({
  address,
  namespace = 'default',
}: {
  address: string;
  namespace?: string;
}): Promise<void> {
  const connection = await Connection.connect({ address });
  try {
    await registerSearchAttributes(connection, namespace);
  } finally {
    await connection.close();
  }
}

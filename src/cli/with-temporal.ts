import { connectTemporal, type Temporal } from '../temporal/connection.js';
import type { PayloadHandling } from '../temporal/payloads/storage.js';

/** Runs work with a connection to Temporal, which is closed afterwards. */
export async function withTemporal(
  payloads: PayloadHandling,
  work: (temporal: Temporal) => Promise<void>,
): Promise<void> {
  const temporal = await connectTemporal(payloads);
  try {
    await work(temporal);
  } finally {
    await temporal.close();
  }
}

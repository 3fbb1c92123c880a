import { connectTemporal, type Temporal } from '../../../src/temporal/connection.js';

/** Connects as the service does, to another address of the namespace. */
export async function connectService(address: string): Promise<Temporal> {
  const { TEMPORAL_ADDRESS } = process.env;
  process.env.TEMPORAL_ADDRESS = address;
  const connecting = connectTemporal();
  // The address was read.
  if (TEMPORAL_ADDRESS === undefined) delete process.env.TEMPORAL_ADDRESS;
  else process.env.TEMPORAL_ADDRESS = TEMPORAL_ADDRESS;
  return await connecting;
}

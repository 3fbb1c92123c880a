import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import { ConfigError } from '../errors.js';
import { dataConverter, type PayloadHandling } from './payload-storage.js';
import { registerSearchAttributes } from './search-attributes.js';

/** How long the start waits for the server, in milliseconds. */
const CONNECT_TIMEOUT_MS = 10_000;

/** After an outage the server is found again within a second, not within gRPC's two minutes. */
const RECONNECT = { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 1_000 };

export interface Temporal {
  client: Client;
  /** The worker's own connection. */
  native: NativeConnection;
  namespace: string;
  /** Whether the server has our search attributes, registered now if need be and if it allows it. */
  registerSearchAttributes(): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * Connects as `TEMPORAL_*` and temporal.toml say, read by Temporal's own envconfig. With a `store` the client reads and
 * writes payloads that are too large for Temporal, with keys those that are encrypted.
 *
 * @throws ConfigError when the server can't be reached or refuses.
 */
export async function connectTemporal(payloads: PayloadHandling = {}): Promise<Temporal> {
  const { connectionOptions, namespace = 'default' } = readSettings();
  const address = connectionOptions.address ?? 'localhost:7233';
  try {
    const connection = await Connection.connect({
      ...connectionOptions,
      connectTimeout: CONNECT_TIMEOUT_MS,
      // Whoever waits for an answer bounds the retries: the SDK's own would go on after the person was told.
      interceptors: [],
      channelArgs: RECONNECT,
    });
    const native = await NativeConnection.connect(connectionOptions);
    const client = new Client({ connection, namespace, dataConverter: dataConverter(payloads) });
    await connection.workflowService.describeNamespace({ namespace });
    const close = async () => {
      await native.close();
      await connection.close();
    };
    return {
      client,
      native,
      namespace,
      registerSearchAttributes: () => registerSearchAttributes(connection, namespace),
      close,
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(
      'TEMPORAL_ADDRESS',
      `TEMPORAL_ADDRESS: Temporal can't be used at ${address}, namespace ${namespace} (${reason}). Start a server there ("temporal server start-dev"), or set TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and TEMPORAL_API_KEY; "npm run sandbox" brings its own.`,
      { cause: error },
    );
  }
}

function readSettings(): ReturnType<typeof loadClientConnectConfig> {
  try {
    return loadClientConnectConfig();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(
      'TEMPORAL_PROFILE',
      `TEMPORAL_PROFILE: Temporal's settings can't be read (${reason}). Check temporal.toml, TEMPORAL_CONFIG_FILE and the TEMPORAL_* variables.`,
      { cause: error },
    );
  }
}

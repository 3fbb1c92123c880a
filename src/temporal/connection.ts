import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import { ConfigError, reasonOf } from '../platform/errors.js';
import { dataConverter, type PayloadHandling } from './payloads/storage.js';
import { registerSearchAttributes } from './search-attributes.js';

/** Longest wait of the start for the server, in milliseconds. */
const CONNECT_TIMEOUT_MS = 10_000;

/** After an outage the server is found again within a second, not within gRPC's two minutes. */
const RECONNECT = { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 1_000 };

export type Temporal = Awaited<ReturnType<typeof connectTemporal>>;

/** Connects as `TEMPORAL_*` and temporal.toml say, read by Temporal's own envconfig. @throws ConfigError */
export async function connectTemporal(payloads: PayloadHandling = {}) {
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
    await connection.workflowService.describeNamespace({ namespace });
    return {
      client: new Client({ connection, namespace, dataConverter: dataConverter(payloads) }),
      /** The worker's own connection. */
      native,
      namespace,
      /** Registers our search attributes, if need be and if the server allows it. True when it has them. */
      registerSearchAttributes: () => registerSearchAttributes(connection, namespace),
      async close(): Promise<void> {
        await native.close();
        await connection.close();
      },
    };
  } catch (error) {
    throw new ConfigError(
      'TEMPORAL_ADDRESS',
      `TEMPORAL_ADDRESS: Temporal can't be used at ${address}, namespace ${namespace} (${reasonOf(error)}). Start a server there ("temporal server start-dev"), or set TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and TEMPORAL_API_KEY; "npm run sandbox" brings its own.`,
      { cause: error },
    );
  }
}

function readSettings(): ReturnType<typeof loadClientConnectConfig> {
  try {
    return loadClientConnectConfig();
  } catch (error) {
    throw new ConfigError(
      'TEMPORAL_PROFILE',
      `TEMPORAL_PROFILE: Temporal's settings can't be read (${reasonOf(error)}). Check temporal.toml, TEMPORAL_CONFIG_FILE and the TEMPORAL_* variables.`,
      { cause: error },
    );
  }
}

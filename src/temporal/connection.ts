import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import { ConfigError, reasonOf } from '../platform/errors.js';
import { withTimeout } from '../platform/with-timeout.js';
import { dataConverter, lenientConverter, type PayloadHandling } from './payloads/storage.js';
import { chooseWay, type TemporalProxy } from './proxy.js';
import { hasSearchAttributes, registerSearchAttributes } from './search-attributes.js';

/** Longest wait for the server in each step of the start, in milliseconds. */
const CONNECT_TIMEOUT_MS = 10_000;

/** After an outage the server is found within a second; gRPC's default is two minutes. */
const RECONNECT = { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 1_000 };

export type Temporal = Awaited<ReturnType<typeof connectTemporal>>;

/** Connects with the settings of `TEMPORAL_*` and temporal.toml, which Temporal's envconfig reads. @throws ConfigError */
export async function connectTemporal(payloads: PayloadHandling = {}) {
  const { connectionOptions, namespace = 'default' } = readSettings();
  const address = connectionOptions.address ?? 'localhost:7233';
  const way = chooseWay(process.env, address);
  const unusable = (error: unknown) =>
    new ConfigError(
      'TEMPORAL_ADDRESS',
      `TEMPORAL_ADDRESS: Temporal can't be used at ${address}${wayText(way)}, namespace ${namespace} (${reasonOf(error)}).${way.problem ? ` ${way.problem}` : ''} Start a server there ("temporal server start-dev"), or set TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and TEMPORAL_API_KEY; "npm run sandbox" brings its own.`,
      { cause: error },
    );
  // The SDK waits for most answers without a limit, and a server that hangs keeps its connections open.
  const inTime = <T>(work: () => Promise<T>, withinMs = CONNECT_TIMEOUT_MS) =>
    withTimeout(withinMs, work, () => {
      throw unusable(new Error(`no answer for ${withinMs / 1000} s`));
    });
  const closing: (() => Promise<void>)[] = [];
  try {
    const connection = Connection.lazy({
      ...connectionOptions,
      connectTimeout: CONNECT_TIMEOUT_MS,
      // The SDK's retries are off: `withinDeadline` retries, and stops when the person gets an answer.
      interceptors: [],
      channelArgs: { ...RECONNECT, ...way.channelArgs },
    });
    closing.push(() => connection.close());
    await connection.ensureConnected();
    const connecting = NativeConnection.connect({ ...connectionOptions, ...way.native });
    // After a time-out it may still be on its way.
    closing.push(async () => (await connecting).close());
    const native = await inTime(() => connecting);
    await inTime(() => connection.workflowService.describeNamespace({ namespace }));
    return {
      /** Reads leniently: what can't be read is `null`, and unencrypted payloads are taken. */
      client: new Client({ connection, namespace, dataConverter: lenientConverter(payloads) }),
      /** Takes only what the workers take. A payload that is encrypted anew must be read with this client. */
      strictClient: new Client({ connection, namespace, dataConverter: dataConverter(payloads) }),
      /** Connection for the worker. */
      native,
      namespace,
      /** Reason why a proxy of the environment isn't used. */
      proxyProblem: way.problem,
      /** Registers the service's search attributes where the server allows it. Returns true when the server has them. */
      registerSearchAttributes: () => inTime(() => registerSearchAttributes(connection, namespace)),
      /** Returns true when the server has the service's search attributes. */
      hasSearchAttributes: () => inTime(() => hasSearchAttributes(connection, namespace)),
      /** Asks the server for nothing. @throws when it doesn't answer. */
      async ping(): Promise<void> {
        await connection.workflowService.getSystemInfo({});
      },
      /** Waits for a step of the start that asks the server. @throws ConfigError when there is no answer within `withinMs`, by default 10 s. */
      inTime,
      async close(): Promise<void> {
        await native.close().finally(() => connection.close());
      },
    };
  } catch (error) {
    for (const close of closing) close().catch(() => 'the error is told');
    throw error instanceof ConfigError ? error : unusable(error);
  }
}

function wayText({ through }: TemporalProxy): string {
  return through === undefined ? '' : ` through the proxy ${through} (NO_PROXY would name a direct address)`;
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

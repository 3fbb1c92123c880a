import { lookup } from 'node:dns/promises';
import {
  type LogEntry,
  type LogLevel,
  type LogMetadata,
  makeTelemetryFilterString,
  Runtime,
  type RuntimeOptions,
} from '@temporalio/worker';
import { ConfigError, reasonOf } from '../../platform/errors.js';
import { bucketBounds, installMetrics } from '../../telemetry/metrics.js';

type Exporter = NonNullable<NonNullable<RuntimeOptions['telemetryOptions']>['metrics']>;

/** Way in which Temporal's core exports its metrics, and ours with them. */
export type MetricsWay =
  | { kind: 'prometheus'; host: string; port: number }
  | {
      kind: 'otlp';
      url: string;
      isHttp: boolean;
      headers: Record<string, string>;
      intervalMs: number;
      temporality: 'cumulative' | 'delta';
    };

/** Warning of each worker that has only activities, which is intended. */
const NO_WORKFLOWS = 'No workflows registered, not polling for workflow tasks';

/**
 * Sends logs of Temporal's core and workers to `write`, and leaves process signals to the service. Call it once, before any worker.
 *
 * @param metrics Starts the metrics of Temporal's SDK and of the service.
 * @throws ConfigError when their port can't be opened.
 */
export function installRuntime(write: (entry: LogEntry) => void, metrics?: Exporter): void {
  const log = (level: LogLevel, message: string, meta?: LogMetadata) => {
    if (message !== NO_WORKFLOWS) write({ level, message, timestampNanos: 0n, ...(meta && { meta }) });
  };
  const at = (level: LogLevel) => (message: string, meta?: LogMetadata) => log(level, message, meta);
  const options: RuntimeOptions = {
    shutdownSignals: [],
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) },
      ...(metrics && { metrics }),
    },
    logger: {
      log,
      trace: at('TRACE'),
      debug: at('DEBUG'),
      info: at('INFO'),
      warn: at('WARN'),
      error: at('ERROR'),
    },
  };
  try {
    Runtime.install(options);
  } catch (error) {
    throw metrics && 'prometheus' in metrics ? notServed(metrics.prometheus.bindAddress, error) : error;
  }
  if (metrics)
    installMetrics(Runtime.instance().metricMeter, 'prometheus' in metrics ? 'prometheus' : 'otlp');
}

/** Makes the exporter for Temporal's core. `resource`: attributes that the environment doesn't set, for OTLP. @throws ConfigError for a host without an address */
export async function exporterFor(way: MetricsWay, resource: Record<string, string> = {}): Promise<Exporter> {
  const shared = { attachServiceName: false };
  if (way.kind === 'otlp') {
    const { url, isHttp, headers, intervalMs, temporality } = way;
    const otel = {
      ...{ url, headers, temporality },
      http: isHttp,
      metricsExportInterval: intervalMs,
      useSecondsForDurations: true,
      histogramBucketOverrides: bucketBounds('otlp'),
    };
    return { ...shared, otel, globalTags: resource };
  }
  const prometheus = {
    bindAddress: await bindAddress(way),
    countersTotalSuffix: true,
    unitSuffix: true,
    useSecondsForDurations: true,
    histogramBucketOverrides: bucketBounds('prometheus'),
  };
  return { ...shared, prometheus };
}

/** Temporal's core names neither the port nor its variable. */
function notServed(address: string, cause: unknown): ConfigError {
  const name = 'OTEL_EXPORTER_PROMETHEUS_PORT';
  const reason = reasonOf(cause);
  const remedy = /in use/i.test(reason)
    ? `${address} is in use. Stop the process that uses it, or set another port.`
    : `metrics can't be served on ${address} (${reason}). Set another port, or OTEL_EXPORTER_PROMETHEUS_HOST.`;
  return new ConfigError(name, `${name}: ${remedy}`, { cause });
}

/** Temporal's core takes no names of hosts. */
async function bindAddress({ host, port }: { host: string; port: number }): Promise<string> {
  const name = 'OTEL_EXPORTER_PROMETHEUS_HOST';
  try {
    const { address } = await lookup(host, { verbatim: false });
    return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  } catch (cause) {
    const problem = `${host} has no address (${reasonOf(cause)}). Use 0.0.0.0, or a name that resolves.`;
    throw new ConfigError(name, `${name}: ${problem}`, { cause });
  }
}

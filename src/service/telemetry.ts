import type { Config } from '../config/environment.js';
import { eventsIn, type LedgerEvents } from '../ledger/index.js';
import { type Logger, temporalLog } from '../platform/log.js';
import { packageVersion } from '../platform/package-file.js';
import { hasMetrics, setGauge, uninstallMetrics } from '../telemetry/metrics.js';
import { countEvents, type FindServer } from '../telemetry/run-events.js';
import { hasTracer, installTracer } from '../telemetry/spans.js';
import { installWarnings, warnOf } from '../telemetry/warnings.js';
import { exporterFor, installRuntime } from '../temporal/worker/runtime.js';
import { prefixOf } from '../tools/names.js';

/** Starts the log, the metrics and the traces of the process, as its environment says. Returns the function that ends them. */
export async function startTelemetry({ telemetry }: Config, log: Logger): Promise<() => Promise<void>> {
  const { metrics, traces, serviceName } = telemetry;
  const version = packageVersion();
  const resource = {
    'service.version': version,
    ...(serviceName === undefined && { 'service.name': 'countersign' }),
  };
  const exporter = metrics && (await exporterFor(metrics, resource));
  installWarnings(log);
  installRuntime(temporalLog(log), exporter);
  setGauge('countersign.build.info', 1, { version });
  const tracer = traces && (await openTracer(traces.share, version));
  installTracer(tracer);
  if (metrics)
    log.info(
      metrics.kind === 'prometheus'
        ? `Metrics: http://${metrics.host}:${metrics.port}/metrics`
        : `Metrics: ${metrics.url}`,
    );
  return async () => {
    await tracer?.close();
    installTracer(undefined);
    uninstallMetrics();
    installWarnings(undefined);
  };
}

/** OpenTelemetry's SDK is loaded only where it is used. */
async function openTracer(share: number, version: string) {
  const { createTracer } = await import('../telemetry/otlp-traces.js');
  const warn = (problem: string) => warnOf('traces', new Error(problem), 'Traces could not be sent');
  return createTracer({ version, share, warn });
}

/** Counts what is written to the ledger, where somebody asks for it. `servers`: the MCP servers. */
export function ledgerCounter(servers: readonly { name: string }[]): Pick<LedgerEvents, 'recorded'> {
  if (!hasMetrics() && !hasTracer()) return {};
  const serverOf = findServer(servers.map(({ name }) => name));
  return {
    recorded(news) {
      for (const { before, written } of news) countEvents(before, eventsIn(written), serverOf);
    },
  };
}

/** Finds the server of a tool by the tool's name. A model may call tools that there are not. */
function findServer(servers: string[]): FindServer {
  return (tool) => {
    if (!tool.includes('__')) return 'built-in';
    return servers.find((name) => tool.startsWith(prefixOf(name))) ?? 'unknown';
  };
}

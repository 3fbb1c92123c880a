import { ConfigError } from '../platform/errors.js';
import type { MetricsWay } from '../temporal/worker/runtime.js';
import { valueIn } from './value.js';

export interface TelemetrySettings {
  metrics?: MetricsWay;
  /** Set where traces are sent. `share`: the share of the runs, from 0 to 1. */
  traces?: { share: number };
  /** Name of the service, where the environment sets it. */
  serviceName?: string;
}

const PROMETHEUS_PORT = 'OTEL_EXPORTER_PROMETHEUS_PORT';
/** Port and host by OpenTelemetry's specification. */
const PROMETHEUS_DEFAULT = { host: 'localhost', port: '9464' };

/** Reads OpenTelemetry's own variables. @throws ConfigError that names the one that is wrong */
export function readTelemetry(env: NodeJS.ProcessEnv): TelemetrySettings {
  const read = (name: string) => valueIn(env, name) || undefined;
  if (read('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return {};
  const metrics = readMetrics(read);
  const traces = readTraces(read);
  const [, named] = /(?:^|,)\s*service\.name=([^,]+)/.exec(read('OTEL_RESOURCE_ATTRIBUTES') ?? '') ?? [];
  const serviceName = read('OTEL_SERVICE_NAME') ?? named;
  return {
    ...(metrics && { metrics }),
    ...(traces && { traces }),
    ...(serviceName !== undefined && { serviceName }),
  };
}

type Read = (name: string) => string | undefined;

function readMetrics(read: Read): MetricsWay | undefined {
  const named = read('OTEL_METRICS_EXPORTER');
  const port = read(PROMETHEUS_PORT);
  const endpoint = read('OTEL_EXPORTER_OTLP_METRICS_ENDPOINT') ?? read('OTEL_EXPORTER_OTLP_ENDPOINT');
  const kind = named ?? (port ? 'prometheus' : endpoint ? 'otlp' : 'none');
  switch (kind) {
    case 'none':
      return undefined;
    case 'prometheus':
      return readPrometheus(read);
    case 'otlp':
      return readOtlp(read);
    default:
      throw wrong(
        'OTEL_METRICS_EXPORTER',
        "is unknown. Use prometheus, otlp or none; only one, because Temporal's core exports to one place.",
      );
  }
}

function readPrometheus(read: Read): MetricsWay {
  const port = read(PROMETHEUS_PORT) ?? PROMETHEUS_DEFAULT.port;
  const host = read('OTEL_EXPORTER_PROMETHEUS_HOST') ?? PROMETHEUS_DEFAULT.host;
  if (!/^\d+$/.test(port) || Number(port) < 1 || Number(port) > 65_535)
    throw wrong(PROMETHEUS_PORT, 'is not a port. Use a number from 1 to 65535.');
  return { kind: 'prometheus', host, port: Number(port) };
}

function readOtlp(read: Read): MetricsWay {
  const of = (name: string) =>
    read(`OTEL_EXPORTER_OTLP_METRICS_${name}`) ?? read(`OTEL_EXPORTER_OTLP_${name}`);
  const protocol = of('PROTOCOL') ?? 'http/protobuf';
  if (!['grpc', 'http/protobuf'].includes(protocol))
    throw wrong(
      'OTEL_EXPORTER_OTLP_METRICS_PROTOCOL',
      "is unknown. Use grpc or http/protobuf, which Temporal's core can send.",
    );
  const isHttp = protocol === 'http/protobuf';
  const own = read('OTEL_EXPORTER_OTLP_METRICS_ENDPOINT');
  const shared = read('OTEL_EXPORTER_OTLP_ENDPOINT') ?? `http://localhost:${isHttp ? 4318 : 4317}`;
  const url = own ?? (isHttp ? `${shared.replace(/\/$/, '')}/v1/metrics` : shared);
  const name = own ? 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT' : 'OTEL_EXPORTER_OTLP_ENDPOINT';
  checkEndpoint(name, url);
  const interval = read('OTEL_METRIC_EXPORT_INTERVAL') ?? '60000';
  if (!/^\d+$/.test(interval) || Number(interval) === 0)
    throw wrong('OTEL_METRIC_EXPORT_INTERVAL', 'is no number of milliseconds. Correct it or unset it.');
  const preference = read('OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE')?.toLowerCase();
  return {
    kind: 'otlp',
    url,
    isHttp,
    headers: readHeaders(of('HEADERS') ?? ''),
    intervalMs: Number(interval),
    temporality: preference === 'delta' ? 'delta' : 'cumulative',
  };
}

/** Samplers of OpenTelemetry's specification. A run's trace has no parent, so those with `parentbased_` do the same as those without. */
const SAMPLERS: Record<string, 'on' | 'off' | 'ratio'> = {
  always_on: 'on',
  always_off: 'off',
  traceidratio: 'ratio',
};

function readTraces(read: Read): TelemetrySettings['traces'] {
  const exporter = read('OTEL_TRACES_EXPORTER');
  if (exporter !== undefined && exporter !== 'otlp' && exporter !== 'none')
    throw wrong('OTEL_TRACES_EXPORTER', 'is unknown. Use otlp or none.');
  const own = read('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT');
  const endpoint = own ?? read('OTEL_EXPORTER_OTLP_ENDPOINT');
  if (exporter === 'none' || (endpoint === undefined && exporter !== 'otlp')) return undefined;
  if (endpoint !== undefined)
    checkEndpoint(own ? 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT' : 'OTEL_EXPORTER_OTLP_ENDPOINT', endpoint);
  const protocol =
    read('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') ?? read('OTEL_EXPORTER_OTLP_PROTOCOL') ?? 'http/protobuf';
  if (protocol !== 'http/protobuf')
    throw wrong(
      'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL',
      'must be http/protobuf for traces; a collector takes it on port 4318. OTEL_TRACES_EXPORTER=none turns traces off.',
    );
  const sampler = SAMPLERS[(read('OTEL_TRACES_SAMPLER') ?? 'always_on').replace(/^parentbased_/, '')];
  if (!sampler)
    throw wrong('OTEL_TRACES_SAMPLER', 'is unknown. Use always_on, always_off or traceidratio, or unset it.');
  if (sampler !== 'ratio') return { share: sampler === 'on' ? 1 : 0 };
  const share = Number(read('OTEL_TRACES_SAMPLER_ARG') ?? '1');
  if (!(share >= 0 && share <= 1))
    throw wrong('OTEL_TRACES_SAMPLER_ARG', 'is no share. Use a number from 0 to 1.');
  return { share };
}

function checkEndpoint(name: string, url: string): void {
  const isAddress = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
  if (!isAddress) throw wrong(name, 'is no http(s) address. Correct it or unset it.');
}

/** Reads `key=value` pairs with commas between them, percent-encoded, as OpenTelemetry writes them. */
function readHeaders(text: string): Record<string, string> {
  const pairs = text.split(',').map((pair) => /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(pair));
  return Object.fromEntries(pairs.flatMap((pair) => (pair ? [[pair[1] ?? '', decoded(pair[2] ?? '')]] : [])));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function wrong(name: string, problem: string): ConfigError {
  return new ConfigError(name, `${name} ${problem}`);
}

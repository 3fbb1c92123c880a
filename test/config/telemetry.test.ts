import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readTelemetry } from '../../src/config/telemetry.js';

describe('the settings of metrics and traces', () => {
  it('turn nothing on where none is set', () => {
    assert.deepEqual(readTelemetry({}), {});
    assert.deepEqual(
      readTelemetry({ OTEL_EXPORTER_PROMETHEUS_PORT: '', OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }),
      {},
    );
    assert.deepEqual(readTelemetry({ OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_PROMETHEUS_PORT: '9464' }), {});
  });

  it('serve Prometheus where a port or the exporter is named, by the specification on localhost', () => {
    const served = { kind: 'prometheus', host: 'localhost', port: 9464 };
    assert.deepEqual(readTelemetry({ OTEL_METRICS_EXPORTER: 'prometheus' }).metrics, served);
    const env = { OTEL_EXPORTER_PROMETHEUS_PORT: '9000', OTEL_EXPORTER_PROMETHEUS_HOST: '0.0.0.0' };
    assert.deepEqual(readTelemetry(env).metrics, { ...served, host: '0.0.0.0', port: 9000 });
  });

  it('send traces and metrics to a collector where one is named', () => {
    const { metrics, traces } = readTelemetry({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/',
      OTEL_EXPORTER_OTLP_HEADERS: 'api-key=a%20b, x=y',
      OTEL_METRIC_EXPORT_INTERVAL: '5000',
    });
    assert.deepEqual(traces, { share: 1 });
    assert.deepEqual(metrics, {
      kind: 'otlp',
      url: 'http://collector:4318/v1/metrics',
      isHttp: true,
      headers: { 'api-key': 'a b', x: 'y' },
      intervalMs: 5000,
      temporality: 'cumulative',
    });
    const grpc = readTelemetry({
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://collector:4317',
      OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'grpc',
    });
    assert.equal(grpc.traces, undefined);
    assert.equal(grpc.metrics?.kind === 'otlp' && grpc.metrics.url, 'http://collector:4317');
  });

  it('keep metrics on Prometheus where the collector is for traces', () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_EXPORTER_PROMETHEUS_PORT: '9464' };
    const { metrics, traces } = readTelemetry(env);
    assert.equal(metrics?.kind, 'prometheus');
    assert.ok(traces);
    assert.equal(readTelemetry({ ...env, OTEL_TRACES_EXPORTER: 'none' }).traces, undefined);
    assert.equal(readTelemetry({ ...env, OTEL_METRICS_EXPORTER: 'none' }).metrics, undefined);
  });

  it('take the usual samplers, and the name of the service', () => {
    const share = (own: Record<string, string>) =>
      readTelemetry({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c:4318/v1/traces', ...own }).traces?.share;
    assert.equal(share({}), 1);
    assert.equal(share({ OTEL_TRACES_SAMPLER: 'always_off' }), 0);
    const ratio = { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' };
    assert.equal(share(ratio), 0.25);
    assert.equal(readTelemetry({ OTEL_SERVICE_NAME: 'a' }).serviceName, 'a');
    assert.equal(readTelemetry({ OTEL_RESOURCE_ATTRIBUTES: 'x=1,service.name=b' }).serviceName, 'b');
  });

  const wrong: [Record<string, string>, RegExp][] = [
    [{ OTEL_METRICS_EXPORTER: 'prometheus,otlp' }, /^OTEL_METRICS_EXPORTER is unknown/],
    [{ OTEL_EXPORTER_PROMETHEUS_PORT: '70000' }, /^OTEL_EXPORTER_PROMETHEUS_PORT is not a port/],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, /^OTEL_EXPORTER_OTLP_ENDPOINT is no http/],
    [
      { OTEL_METRICS_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
      /METRICS_PROTOCOL is unknown/,
    ],
    [
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c:4317', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
      /^OTEL_EXPORTER_OTLP_TRACES_PROTOCOL must be http\/protobuf/,
    ],
    [{ OTEL_TRACES_EXPORTER: 'jaeger' }, /^OTEL_TRACES_EXPORTER is unknown/],
    [{ OTEL_TRACES_EXPORTER: 'otlp', OTEL_TRACES_SAMPLER: 'often' }, /^OTEL_TRACES_SAMPLER is unknown/],
    [
      { OTEL_TRACES_EXPORTER: 'otlp', OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '2' },
      /^OTEL_TRACES_SAMPLER_ARG is no share/,
    ],
  ];
  for (const [env, message] of wrong) {
    it(`that are wrong are named: ${JSON.stringify(env)}`, () => {
      assert.throws(() => readTelemetry(env), { name: 'ConfigError', message });
    });
  }
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, describe, it } from 'node:test';
import { Runtime } from '@temporalio/worker';
import { ConfigError } from '../../src/platform/errors.js';
import { METRICS } from '../../src/telemetry/metric-names.js';
import { count, measure, setGauge, uninstallMetrics } from '../../src/telemetry/metrics.js';
import { exporterFor, installRuntime } from '../../src/temporal/worker/runtime.js';
import { unusedPort } from '../support/temporal/temporal.js';

describe('the metrics of the service', () => {
  after(async () => {
    uninstallMetrics();
    // It would keep the process alive.
    await Runtime.instance().shutdown();
  });

  it('have a port of their own, and a taken one is an error that names the variable', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const exporter = await exporterFor({ kind: 'prometheus', host: 'localhost', port });
    assert.throws(
      () => installRuntime(() => {}, exporter),
      (error) =>
        error instanceof ConfigError &&
        error.code === 'OTEL_EXPORTER_PROMETHEUS_PORT' &&
        error.message ===
          `OTEL_EXPORTER_PROMETHEUS_PORT: 127.0.0.1:${port} is in use. Stop the process that uses it, or set another port.`,
    );
    other.close();
    const nowhere = exporterFor({ kind: 'prometheus', host: 'no.such.host.invalid', port });
    await assert.rejects(
      nowhere,
      /^ConfigError: OTEL_EXPORTER_PROMETHEUS_HOST: no.such.host.invalid has no address/,
    );
  });

  it('are served as Prometheus wants them: with units, totals and a zero for what has not happened yet', async () => {
    const port = await unusedPort();
    installRuntime(() => {}, await exporterFor({ kind: 'prometheus', host: 'localhost', port }));
    setGauge('countersign.slack.connected', 1);
    measure('gen_ai.client.operation.duration', 2.5, { 'gen_ai.request.model': 'm', 'error.type': '529' });
    measure('countersign.model.cost', 0.02, { 'gen_ai.request.model': 'm' });
    count('countersign.slack.calls', { method: 'chat.update', code: 'ok' });
    for (let method = 0; method < 1_000; method += 1)
      count('countersign.slack.calls', { method: `made.up${method}`, code: 'ok' });
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    const text = await response.text();
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
    const value = (line: string) =>
      new RegExp(`^${line.replaceAll(/[{}.]/g, '\\$&')} (.*)$`, 'm').exec(text)?.[1];
    assert.equal(value('countersign_slack_connected'), '1');
    assert.equal(value('countersign_runs_ended_total{outcome="failed"}'), '0');
    assert.equal(value('countersign_warnings_total{source="card-check"}'), '0');
    assert.equal(value('countersign_slack_calls_total{code="ok",method="chat.update"}'), '1');
    assert.equal(value('countersign_model_cost_usd_sum{gen_ai_request_model="m"}'), '0.02');
    const bucket =
      'gen_ai_client_operation_duration_seconds_bucket{error_type="529",gen_ai_request_model="m",le=';
    assert.equal(value(`${bucket}"1.28"}`), '0');
    assert.equal(value(`${bucket}"2.56"}`), '1');
    const series = text.split('\n').filter((line) => line.startsWith('countersign_slack_calls_total{'));
    assert.ok(series.length <= 402, `what comes from outside makes no more series: ${series.length}`);
    assert.equal(value('countersign_slack_calls_total{code="other",method="other"}'), String(1_001 - 400));
  });

  it('have a name, an explanation and labels that name no run, person or tool', () => {
    for (const [name, { about, labels = {} }] of Object.entries(METRICS) as [
      string,
      { about: string; labels?: object },
    ][]) {
      assert.match(name, /^(countersign|gen_ai)\.[a-z_.]+$/);
      assert.match(about, /^[A-Z0-9].*\.$/);
      for (const label of Object.keys(labels)) assert.doesNotMatch(label, /run|user|person|channel|tool/);
    }
  });
});

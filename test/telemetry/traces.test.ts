import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { RemoteError } from '../../src/platform/errors.js';
import { createTracer } from '../../src/telemetry/otlp-traces.js';
import { fieldsOf, forRun, inSpan, installTracer, logFields, reportRun } from '../../src/telemetry/spans.js';
import { traceIdsOf } from '../../src/telemetry/trace-ids.js';
import { startCollector } from '../support/telemetry/collector.js';
import { unusedPort } from '../support/temporal/temporal.js';

const RUN = 'abcd2345';
const FROM = '2026-11-27T10:00:00.000Z';
const TO = '2026-11-30T10:00:00.000Z';
const WHOLE = { name: 'invoke_agent countersign', from: FROM, to: TO, isFirst: true };

/** Sets variables for a test, and unsets them after it. */
const set = (values: Record<string, string>) => Object.assign(process.env, values);
const unset = () => {
  for (const name of Object.keys(process.env)) if (name.startsWith('OTEL_')) delete process.env[name];
};

describe('traces of runs', () => {
  let collector: Awaited<ReturnType<typeof startCollector>>;
  let problems: string[] = [];
  const open = (share = 1) => {
    const tracer = createTracer({ version: '9', share, warn: (problem) => void problems.push(problem) });
    installTracer(tracer);
    return tracer;
  };
  before(async () => {
    collector = await startCollector();
  });
  after(() => collector.close());
  beforeEach(() => {
    problems = [];
    collector.spans.length = 0;
    set({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  });
  afterEach(() => {
    installTracer(undefined);
    unset();
  });
  const spanNamed = (name: string) => {
    const span = collector.spans.find((one) => one.name === name);
    assert.ok(span, `there is a span ${name} in ${collector.spans.map((one) => one.name)}`);
    return span;
  };

  it('are one trace from the click to the tool call, which several processes report parts of', async () => {
    const bot = open();
    await forRun({ run: RUN }, { name: 'click approve', kind: 'server' }, async () => {});
    await bot.close();
    const worker = open();
    await forRun({ run: RUN }, { name: 'plan countersign' }, async () => {
      await inSpan({ name: 'chat m', kind: 'client' }, async (span) =>
        span.add({ 'gen_ai.usage.input_tokens': 7 }),
      );
    });
    reportRun(RUN, { ...WHOLE, attributes: { 'countersign.outcome': 'completed' } });
    await worker.close();
    assert.deepEqual(problems, []);
    assert.deepEqual([...new Set(collector.spans.map(({ traceId }) => traceId))], [traceIdsOf(RUN).traceId]);
    const run = spanNamed('invoke_agent countersign');
    assert.equal(run.parentId, '', 'the run is the root');
    assert.equal(run.ms, 3 * 86_400_000);
    assert.equal(spanNamed('click approve').parentId, run.spanId);
    assert.equal(spanNamed('click approve').kind, 2);
    assert.equal(spanNamed('plan countersign').parentId, run.spanId);
    assert.equal(spanNamed('chat m').parentId, spanNamed('plan countersign').spanId);
    assert.equal(spanNamed('chat m').kind, 3);
    assert.equal(spanNamed('chat m').attributes['gen_ai.usage.input_tokens'], 7);
    assert.equal(run.attributes['countersign.run'], RUN);
    assert.equal(run.resource['service.name'], 'countersign');
    assert.equal(run.resource['service.version'], '9');
  });

  it('show a retried run under the first one, so that no two spans have one id', async () => {
    const tracer = open();
    reportRun(RUN, WHOLE);
    reportRun(RUN, { ...WHOLE, isFirst: false });
    await tracer.close();
    const [first, second] = collector.spans;
    assert.notEqual(first?.spanId, second?.spanId);
    assert.equal(second?.parentId, first?.spanId);
  });

  it('name a failure by its code, and never by its text', async () => {
    const tracer = open();
    const failing = forRun({ run: RUN }, { name: 'execute_tool x' }, () => {
      throw new RemoteError('AnswerLost', 'the secret words of a tool');
    });
    await assert.rejects(failing);
    await tracer.close();
    assert.equal(spanNamed('execute_tool x').status, 2);
    assert.equal(spanNamed('execute_tool x').attributes['error.type'], 'AnswerLost');
    assert.doesNotMatch(collector.text(), /secret words/);
  });

  it('carry the name and the attributes that the environment gives the service, and its headers', async () => {
    set({
      OTEL_SERVICE_NAME: 'approvals',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=prod,team=it',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20x',
    });
    const tracer = open();
    reportRun(RUN, WHOLE);
    await tracer.close();
    const { resource } = spanNamed('invoke_agent countersign');
    assert.equal(resource['service.name'], 'approvals');
    assert.equal(resource['deployment.environment.name'], 'prod');
    assert.equal(resource.team, 'it');
    assert.equal(collector.headers.at(-1)?.authorization, 'Bearer x');
  });

  it('are whole where only a share of the runs is traced', async () => {
    const tracer = open(0.5);
    const runs = Array.from({ length: 60 }, (_, index) => `run${index}`);
    for (const run of runs) {
      await forRun({ run }, { name: 'click approve' }, async () => {});
      reportRun(run, WHOLE);
    }
    await tracer.close();
    const counts = runs.map(
      (run) => collector.spans.filter((span) => span.attributes['countersign.run'] === run).length,
    );
    assert.ok(
      counts.every((count) => count === 0 || count === 2),
      'a run has all of its spans, or none',
    );
    const kept = counts.filter((count) => count === 2).length;
    assert.ok(kept > 10 && kept < 50, `about half of the runs are kept, and not ${kept}`);
  });

  it('cost nothing but a warning where the collector is away, and hold up no stop', async () => {
    set({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await unusedPort()}` });
    const tracer = open();
    const done = await forRun({ run: RUN }, { name: 'click approve' }, async () => 'taken');
    assert.equal(done, 'taken');
    const since = performance.now();
    await tracer.close();
    assert.ok(performance.now() - since < 4_000, 'the stop is not held up');
    assert.ok(problems.length > 0, 'somebody is told');
  });

  it('are in the log by their id, with the run and the request', async () => {
    assert.deepEqual(logFields(), {});
    const about = { run: RUN, request: 'q1' };
    const withoutTraces = await forRun(about, { name: 'x' }, async () => logFields());
    assert.deepEqual(withoutTraces, { run: RUN, request: 'q1' });
    const tracer = open();
    const fields = await forRun(about, { name: 'x' }, async () => logFields());
    assert.deepEqual(fields, { run: RUN, request: 'q1', trace_id: traceIdsOf(RUN).traceId });
    assert.deepEqual(fieldsOf(RUN), { run: RUN, trace_id: traceIdsOf(RUN).traceId });
    await tracer.close();
  });
});

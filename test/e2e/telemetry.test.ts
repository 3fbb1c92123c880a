import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { propagation, type TextMapPropagator, trace } from '@opentelemetry/api';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { traceIdsOf } from '../../src/telemetry/trace-ids.js';
import { todoFolder } from '../support/mcp/todos.js';
import { type Stack, startStack } from '../support/product/stack.js';
import { approvedRun, inThread, resultOf } from '../support/slack/execution.js';
import { ASKS } from '../support/slack/people.js';
import { type ReceivedSpan, startCollector } from '../support/telemetry/collector.js';
import {
  ALERT_TESTS,
  ALERTS,
  deployedQueries,
  metricsIn,
  seriesIn,
  withGrafanaValues,
} from '../support/telemetry/deploy.js';
import { startPrometheus } from '../support/telemetry/prometheus.js';
import { unusedPort } from '../support/temporal/temporal.js';

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
const skip = hasPromtool ? false : 'there is no promtool here: install the package "prometheus"';

/** Sends the ids of a trace as W3C's trace context does. */
const toTraceparent: TextMapPropagator = {
  inject(context, carrier, setter) {
    const span = trace.getSpanContext(context);
    if (span) setter.set(carrier, 'traceparent', `00-${span.traceId}-${span.spanId}-01`);
  },
  extract: (context) => context,
  fields: () => ['traceparent'],
};

const GOAL = 'Add "Buy stickers" to our to-do list';

describe('a service that is watched', () => {
  const todos = todoFolder();
  let stack: Stack;
  let collector: Awaited<ReturnType<typeof startCollector>>;
  let port: number;
  let shortId: string;
  let spans: ReceivedSpan[] = [];
  const metrics = async () => await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();

  before(async () => {
    collector = await startCollector();
    port = await unusedPort();
    const telemetry = {
      OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces`,
      OTEL_BSP_SCHEDULE_DELAY: '200',
    };
    Object.assign(process.env, telemetry);
    // A process that traces by itself, as with OpenTelemetry's automatic instrumentation, has a provider for all libraries.
    trace.setGlobalTracerProvider(new BasicTracerProvider());
    propagation.setGlobalPropagator(toTraceparent);
    stack = await startStack({ ownTemporal: true, env: { MCP_CONFIG: todos.config, ...telemetry } });
    const { workspace } = stack;
    const { ana } = workspace.people;
    stack.model.faults.inject({ kind: 'reset', match: 'plan' });
    workspace.faults.inject({ kind: 'error-500', method: 'chat.update', times: 1 });
    const run = await approvedRun(workspace, ana, workspace.channels.general, GOAL);
    const asked = await inThread(workspace, run.card, ASKS, 'add_todo');
    await workspace.as(ana).click(asked, 'Approve');
    await resultOf(workspace, run);
    await stack.ended(run.shortId);
    shortId = run.shortId;
    const isRoot = ({ name }: ReceivedSpan) => name === 'invoke_agent countersign';
    while (!collector.spans.some(isRoot)) await delay(100);
    spans = collector.spans.filter(({ attributes }) => attributes['countersign.run'] === shortId);
  });
  after(async () => {
    await stack?.stop();
    await collector?.close();
    todos.remove();
    trace.disable();
    propagation.disable();
    for (const name of Object.keys(process.env)) if (name.startsWith('OTEL_')) delete process.env[name];
  });

  it('has one trace of a run, from the command and the clicks to the tool call', () => {
    const { traceId, root } = traceIdsOf(shortId);
    assert.ok(spans.every((span) => span.traceId === traceId));
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    const named = (name: string | RegExp) => {
      const found = spans.filter((span) =>
        typeof name === 'string' ? span.name === name : name.test(span.name),
      );
      assert.ok(found[0], `a span ${name} among ${spans.map((span) => span.name).join(', ')}`);
      return found[0];
    };
    assert.equal(named('invoke_agent countersign').spanId, root);
    for (const name of ['command start', 'click plan_approve', 'plan countersign', 'postCard', 'searchWeb'])
      assert.equal(named(name).parentId, root, `${name} is right under the run`);
    const tool = named('execute_tool todo__add_todo');
    assert.equal(tool.parentId, root);
    assert.equal(tool.attributes['gen_ai.operation.name'], 'execute_tool');
    assert.equal(tool.attributes['gen_ai.tool.name'], 'todo__add_todo');
    const chat = named(/^chat claude-/);
    assert.match(byId.get(chat.parentId)?.name ?? '', /^(searchWeb|plan countersign|callLlm)$/);
    const answered = spans.find(({ attributes }) => attributes['gen_ai.usage.output_tokens']);
    assert.equal(answered?.attributes['gen_ai.provider.name'], 'anthropic');
    assert.ok(Number(answered?.attributes['gen_ai.usage.input_tokens']) > 0);
    assert.ok(spans.some(({ name, attributes }) => name.startsWith('chat ') && attributes['error.type']));
  });

  it('sends no content with its traces, and nothing of them to the model’s provider', () => {
    for (const words of ['Buy stickers', 'to-do list', 'U01ANA'])
      assert.ok(!collector.text().includes(words), words);
    assert.ok(stack.model.requests.length > 0);
    for (const { headers } of stack.model.requests)
      assert.deepEqual(
        Object.keys(headers).filter((name) => /^(traceparent|tracestate|baggage)$/.test(name)),
        [],
      );
  });

  it('counts the run, its calls and what they cost, once each', async () => {
    const text = await metrics();
    const value = (series: RegExp) =>
      Number(new RegExp(`^${series.source} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
    assert.equal(value(/countersign_runs_started_total\{trigger="person"\}/), 1);
    assert.equal(value(/countersign_runs_ended_total\{outcome="completed"\}/), 1);
    assert.equal(value(/countersign_tool_calls_total\{outcome="done",server="todo"\}/), 2);
    assert.equal(value(/countersign_slack_connected/), 1);
    assert.equal(value(/countersign_mcp_server_up\{server="todo"\}/), 1);
    assert.ok(value(/countersign_slack_calls_total\{code="ok",method="chat\.postMessage"\}/) >= 3);
    assert.ok(value(/countersign_model_cost_usd_sum\{gen_ai_request_model="[^"]+"\}/) > 0);
    const posts = stack.workspace.requests.filter(({ method }) => method === 'chat.postMessage').length;
    const all = [
      ...text.matchAll(/^countersign_slack_calls_total\{code="[^"]+",method="chat\.postMessage"\} (\d+)$/gm),
    ];
    assert.equal(
      all.reduce((sum, [, count]) => sum + Number(count), 0),
      posts,
      'as many as Slack has got',
    );
  });

  it('has every metric that the dashboard and the alerts ask for', async () => {
    // The failures of Temporal's requests are there once there was one.
    const back = await stack.killTemporal();
    await delay(3_000);
    await back();
    let known = seriesIn(await metrics());
    for (let tries = 0; tries < 50 && !known.has('temporal_long_request_failure_total'); tries += 1) {
      await delay(200);
      known = seriesIn(await metrics());
    }
    const wanted = new Set(deployedQueries().flatMap(metricsIn));
    assert.ok(wanted.size > 20);
    assert.deepEqual(
      [...wanted].filter((name) => !known.has(name)),
      [],
    );
  });

  it('has metrics and alerts that Prometheus takes', { skip }, async () => {
    const promtool = (args: string[], input = '') => {
      const { status, stdout, stderr } = spawnSync('promtool', args, { input, encoding: 'utf8' });
      assert.equal(status, 0, `${args.join(' ')}: ${stdout}${stderr}`);
    };
    const own = (await metrics()).split('\n').filter((line) => /^(# \w+ )?(countersign|gen_ai)_/.test(line));
    promtool(['check', 'metrics'], `${own.join('\n')}\n`);
    promtool(['check', 'rules', ALERTS]);
    promtool(['test', 'rules', ALERT_TESTS]);
  });

  it('is scraped by Prometheus, which evaluates the alerts and answers what the dashboard asks', {
    skip,
  }, async () => {
    const prometheus = await startPrometheus({ port, rules: ALERTS });
    try {
      const ends = await prometheus.query('countersign_runs_ended_total{outcome="completed"}');
      assert.deepEqual(
        ends.map(({ metric, value }) => [metric.job, value[1]]),
        [['countersign', '1']],
      );
      for (const query of deployedQueries()) await prometheus.query(withGrafanaValues(query));
      let rules = await prometheus.rules();
      for (let tries = 0; tries < 100 && rules.some(({ health }) => health === 'unknown'); tries += 1) {
        await delay(200);
        rules = await prometheus.rules();
      }
      assert.ok(rules.length > 10);
      assert.deepEqual(
        rules.filter(({ health }) => health !== 'ok'),
        [],
      );
    } finally {
      await prometheus.close();
    }
  });
});

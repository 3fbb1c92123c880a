import { hostname } from 'node:os';
import {
  type Context,
  DiagLogLevel,
  diag,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BasicTracerProvider,
  BatchSpanProcessor,
  type IdGenerator,
  RandomIdGenerator,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import { withTimeout } from '../platform/with-timeout.js';
import type { Attributes, Span, Step, Tracer } from './spans.js';
import { traceIdsOf } from './trace-ids.js';

/** Longest wait for the last spans at a stop, in milliseconds. */
const FLUSH_WITHIN_MS = 3_000;

const KINDS = { client: SpanKind.CLIENT, server: SpanKind.SERVER, internal: SpanKind.INTERNAL };

export interface TraceSettings {
  version: string;
  /** Share of the runs whose traces are kept, from 0 to 1. */
  share: number;
  /** Told of what goes wrong beside the work, such as a collector that is away. */
  warn(problem: string): void;
}

/**
 * Sends spans to an OpenTelemetry collector, as the `OTEL_*` variables say. No provider is registered: libraries that trace by themselves, such as
 * Anthropic's SDK, then send no ids of traces to others.
 */
export function createTracer({ version, share, warn }: TraceSettings): Tracer & { close(): Promise<void> } {
  // The SDK tells of a failed export here, and only here.
  diag.setLogger(
    { error: warn, warn, info: () => {}, debug: () => {}, verbose: () => {} },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const ids = new ChosenIds();
  const own = {
    'service.name': 'countersign',
    'service.version': version,
    'service.instance.id': hostname(),
  };
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes(own).merge(detectResources({ detectors: [envDetector] })),
    sampler: samplerFor(share),
    idGenerator: ids,
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  const otel = provider.getTracer('countersign', version);
  const open = new WeakMap<Span, OtelSpan>();

  const optionsOf = ({ kind = 'internal', attributes }: Step, run: string) => ({
    kind: KINDS[kind],
    attributes: defined({ ...attributes, 'countersign.run': run }),
  });
  return {
    open(run, step, parent) {
      const known = parent && open.get(parent);
      const context = known ? trace.setSpan(ROOT_CONTEXT, known) : under(run);
      const started = otel.startSpan(step.name, optionsOf(step, run), context);
      const span = {
        add: (attributes: Attributes) => void started.setAttributes(defined(attributes)),
        end: (failure?: string) => finish(started, failure),
      };
      open.set(span, started);
      return span;
    },
    report(run, { from, to, isFirst, failure, ...step }) {
      const options = { ...optionsOf(step, run), startTime: new Date(from) };
      if (isFirst) ids.choose(traceIdsOf(run));
      const started = otel.startSpan(step.name, options, isFirst ? ROOT_CONTEXT : under(run));
      finish(started, failure, new Date(to));
    },
    async close() {
      const flushed = provider.shutdown().catch((error: unknown) => warn(String(error)));
      await withTimeout(
        FLUSH_WITHIN_MS,
        () => flushed,
        () => warn('the last spans were not sent in time'),
      );
      diag.disable();
    },
  };
}

/** Context of what is right under a run's own span. That span is reported at the run's end, perhaps by another process. */
function under(run: string): Context {
  const { traceId, root: spanId } = traceIdsOf(run);
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  });
}

function finish(span: OtelSpan, failure?: string, at?: Date): void {
  if (failure !== undefined) {
    span.setAttribute('error.type', failure);
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end(at);
}

function defined(attributes: Attributes): Record<string, string | number | boolean | string[]> {
  const given = Object.entries(attributes).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return Object.fromEntries(given);
}

/** Each process keeps the same spans of a run, because the choice follows from the trace's id. */
function samplerFor(share: number): Sampler {
  if (share >= 1) return new AlwaysOnSampler();
  return share <= 0 ? new AlwaysOffSampler() : new TraceIdRatioBasedSampler(share);
}

/** Random ids, but for a span whose ids were chosen. */
class ChosenIds implements IdGenerator {
  #next: { traceId: string; root: string } | undefined;
  readonly #random = new RandomIdGenerator();

  choose(ids: { traceId: string; root: string }): void {
    this.#next = ids;
  }

  generateSpanId(): string {
    return this.#next?.root ?? this.#random.generateSpanId();
  }

  /** Called after `generateSpanId`, for a span without a parent. */
  generateTraceId(): string {
    const chosen = this.#next?.traceId;
    this.#next = undefined;
    return chosen ?? this.#random.generateTraceId();
  }
}

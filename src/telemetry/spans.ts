import { AsyncLocalStorage } from 'node:async_hooks';
import { RemoteError } from '../platform/errors.js';
import { traceIdsOf } from './trace-ids.js';

export type Attributes = Record<string, string | number | boolean | string[] | undefined>;

/** A step of a run. No attribute holds what people, models or tools said. */
export interface Step {
  name: string;
  /** `client`: a request to another system. `server`: a request of another system. @default internal */
  kind?: 'client' | 'server' | 'internal';
  attributes?: Attributes;
}

/** An open span. */
export interface Span {
  add(attributes: Attributes): void;
}

/** Keeps the spans of this process. */
export interface Tracer {
  /** `parent`: an open span of this tracer; without one the span is right under the run's. */
  open(run: string, step: Step, parent?: Span): Span & { end(failure?: string): void };
  /** Reports the span of a whole run, which has ended. `isFirst`: it is the one that all spans are under. */
  report(run: string, step: Step & { from: string; to: string; isFirst: boolean; failure?: string }): void;
}

interface Scope {
  run: string;
  request?: string;
  span?: Span;
}

const scopes = new AsyncLocalStorage<Scope>();
const NO_SPAN: Span = { add: () => {} };
let tracer: Tracer | undefined;

/** Starts the traces of this process, or ends them. Without it, a span costs nothing. */
export function installTracer(next: Tracer | undefined): void {
  tracer = next;
}

export function hasTracer(): boolean {
  return tracer !== undefined;
}

/** A run whose work is done, and the request to people that it is about. */
export interface About {
  run: string;
  request?: string | undefined;
}

/** Does a step of a run, as a span of its own: log lines and spans of the work are the run's. */
export async function forRun<T>(
  { run, request }: About,
  step: Step,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  return await scopes.run({ run, ...(request !== undefined && { request }) }, () => inSpan(step, work));
}

/** Does work within a span, which ends with it. Outside of a run there is no span. */
export async function inSpan<T>(step: Step, work: (span: Span) => Promise<T>): Promise<T> {
  const scope = scopes.getStore();
  if (!tracer || !scope) return await work(NO_SPAN);
  const span = tracer.open(scope.run, step, scope.span);
  try {
    const done = await scopes.run({ ...scope, span }, () => work(span));
    span.end();
    return done;
  } catch (error) {
    span.end(failureCode(error));
    throw error;
  }
}

/** Reports the span of a run that has ended. */
export function reportRun(run: string, whole: Parameters<Tracer['report']>[1]): void {
  tracer?.report(run, whole);
}

/** Fields of the run whose work this is, for the log. */
export function logFields(): Record<string, string> {
  const scope = scopes.getStore();
  return scope ? fieldsOf(scope.run, scope.request) : {};
}

/** Fields by which the log names a run. `trace_id` is there where traces are kept. */
export function fieldsOf(run: string, request?: string): Record<string, string> {
  return {
    run,
    ...(request !== undefined && { request }),
    ...(tracer && { trace_id: traceIdsOf(run).traceId }),
  };
}

/** Code of a failure: no text, which may hold what people or models said. */
export function failureCode(error: unknown): string {
  if (error instanceof RemoteError) return error.code;
  const { type, name } = (error ?? {}) as { type?: unknown; name?: unknown };
  return typeof type === 'string' && /^\w{1,60}$/.test(type)
    ? type
    : typeof name === 'string'
      ? name
      : '_OTHER';
}

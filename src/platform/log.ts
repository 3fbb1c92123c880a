import type { Logger as BoltLogger } from '@slack/bolt';
import { LogLevel } from '@slack/bolt';
import type { LogEntry } from '@temporalio/worker';
import { type Logger, type LoggerOptions, pino } from 'pino';
import { shortIdIn } from '../run/summary.js';
import { count } from '../telemetry/metrics.js';
import { fieldsOf, logFields } from '../telemetry/spans.js';
import { hideSecrets } from './errors.js';

export type { Logger } from 'pino';

/** Log fields that hold secrets; they are written as `[redacted]`. */
const SECRET_FIELDS = ['token', 'authorization', 'responseUrl'].flatMap((name) => [name, `*.${name}`]);

/** Levels whose lines are counted, by pino's numbers. */
const LEVELS: Record<number, string> = { 40: 'warn', 50: 'error', 60: 'fatal' };

type LogHook = NonNullable<NonNullable<LoggerOptions['hooks']>['logMethod']>;

/** Creates the log. A line that is written while a run is worked on names the run, the request and the trace. */
export function createLog(level: string): Logger {
  const redact = { paths: SECRET_FIELDS, censor: '[redacted]' };
  const logMethod: LogHook = function (args, method, level) {
    const name = LEVELS[level];
    if (name) count('countersign.log.lines', { level: name });
    method.apply(this, args);
  };
  const hooks = { streamWrite: hideSecrets, logMethod };
  return pino({ level, base: null, redact, hooks, mixin: logFields });
}

/** Adapts the log for Bolt. Bolt's `info` messages matter little, so they become `debug`. */
export function boltLogger(log: Logger): BoltLogger {
  const text = (parts: unknown[]) => parts.map(String).join(' ');
  return {
    debug: (...parts) => log.debug(text(parts)),
    info: (...parts) => log.debug(text(parts)),
    warn: (...parts) => log.warn(text(parts)),
    error: (...parts) => log.error(text(parts)),
    setLevel: () => {},
    getLevel: () => LogLevel.WARN,
    setName: () => {},
  };
}

/** Adapts the log for Temporal's runtime. Workflow, activity, attempt and reason are kept. */
export function temporalLog(log: Logger): (entry: LogEntry) => void {
  return ({ level, message, meta = {} }) => {
    const { workflowId, workflowType, activityType, attempt, error } = meta as Record<string, unknown>;
    const reason = error instanceof Error ? error.message : undefined;
    // Temporal's lines come later, when the work that wrote them is over.
    const run = typeof workflowId === 'string' ? fieldsOf(shortIdIn(workflowId)) : {};
    const fields = { ...run, workflowId, workflowType, activityType, attempt, reason };
    const ours = level === 'ERROR' ? 'error' : level === 'WARN' ? 'warn' : 'debug';
    log[ours](fields, message);
  };
}

import type { Logger as BoltLogger } from '@slack/bolt';
import { LogLevel } from '@slack/bolt';
import type { LogEntry } from '@temporalio/worker';
import { type Logger, pino } from 'pino';
import { hideSecrets } from './errors.js';

export type { Logger } from 'pino';

/** Log fields that hold secrets; they are written as `[redacted]`. */
const SECRET_FIELDS = ['token', 'authorization', 'responseUrl'].flatMap((name) => [name, `*.${name}`]);

export function createLog(level: string): Logger {
  const redact = { paths: SECRET_FIELDS, censor: '[redacted]' };
  return pino({ level, base: null, redact, hooks: { streamWrite: hideSecrets } });
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
    const fields = { workflowId, workflowType, activityType, attempt, reason };
    const ours = level === 'ERROR' ? 'error' : level === 'WARN' ? 'warn' : 'debug';
    log[ours](fields, message);
  };
}

import type { WarningSource } from './metric-names.js';
import { count } from './metrics.js';

/** Shortest time between two lines of one source, in milliseconds. An outage must not flood the log. */
const EVERY_MS = 60_000;

interface Log {
  warn(fields: object, message: string): void;
}

interface Source {
  saidAt: number;
  /** Errors since that line. */
  unsaid: number;
}

let log: Log | undefined;
const sources = new Map<WarningSource, Source>();

/** Lets `warnOf` write into the log of the service. */
export function installWarnings(next: Log | undefined): void {
  log = next;
  sources.clear();
}

/**
 * Counts an error that work goes on after, and says it in the log. The first of a source is said at once, then one line a minute has the number of the
 * others.
 *
 * @param fields Further fields of the line, such as the run.
 */
export function warnOf(source: WarningSource, error: unknown, message: string, fields: object = {}): void {
  count('countersign.warnings', { source });
  if (!log) return;
  const known = sources.get(source) ?? { saidAt: Number.NEGATIVE_INFINITY, unsaid: 0 };
  sources.set(source, known);
  const now = performance.now();
  if (now - known.saidAt < EVERY_MS) {
    known.unsaid += 1;
    return;
  }
  const { unsaid } = known;
  known.saidAt = now;
  known.unsaid = 0;
  log.warn({ source, ...(unsaid > 0 && { alsoSince: unsaid }), ...fields, err: error }, message);
}

/** Makes a handler that counts an error and gives another value instead. */
export function warnAnd<T>(
  source: WarningSource,
  message: string,
  otherwise: T,
  fields?: object,
): (error: unknown) => T {
  return (error) => {
    warnOf(source, error, message, fields);
    return otherwise;
  };
}

/** Handler for a look-up that work can go on without: counts its error, and gives another value instead. */
export function missing<T>(otherwise: T): (error: unknown) => T {
  return warnAnd('look-up', 'A look-up in Slack or the ledger failed; work went on without it', otherwise);
}

import { createHash } from 'node:crypto';

/** Ids of a run's trace. `root`: id of the span that all others are under. */
export interface TraceIds {
  traceId: string;
  root: string;
}

/** Derives the ids of a run's trace from its short id. So each process knows them, and nothing has to be passed on through Temporal. */
export function traceIdsOf(shortId: string): TraceIds {
  const digest = createHash('sha256').update(`countersign/${shortId}`).digest('hex');
  return { traceId: digest.slice(0, 32), root: digest.slice(32, 48) };
}

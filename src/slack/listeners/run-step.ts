import { forRun } from '../../telemetry/spans.js';

/** Does what a person asked of a run, as a step of that run's trace. Without a run's id it only does it. */
export async function asRunStep<T>(
  name: string,
  { run, request }: { run?: unknown; request?: unknown },
  work: () => Promise<T>,
): Promise<T> {
  if (typeof run !== 'string' || run === '') return await work();
  const about = { run, ...(typeof request === 'string' && { request }) };
  return await forRun(about, { name, kind: 'server' }, work);
}

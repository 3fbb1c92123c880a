import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose_gc');
const collectGarbage = runInNewContext('gc') as () => void;

function usedMb(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed / 1e6;
}

/** Megabytes that this process's heap holds before and after the work, without garbage. */
export async function measureMemory(work: () => Promise<void>): Promise<{ before: number; after: number }> {
  const before = usedMb();
  await work();
  return { before, after: usedMb() };
}

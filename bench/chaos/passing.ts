/**
 * Time after which a fault in Slack or the model passes, in milliseconds, even if nothing met it. Faults would else pile up while few runs are at work,
 * and each request of those runs would meet one. A fault of a rare request stays longer.
 */
const PASSES_MS = { usual: 5_000, rare: 30_000 };

interface Target {
  method?: string;
  match?: string;
}

/** Injects a fault that passes. */
export function passing<F extends Target>(
  faults: { inject(fault: F): () => void },
  fault: F,
  passesMs = fault.match !== undefined || fault.method === 'share' ? PASSES_MS.rare : PASSES_MS.usual,
): void {
  setTimeout(faults.inject(fault), passesMs);
}

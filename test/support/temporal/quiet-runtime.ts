import { installRuntime } from '../../../src/temporal/worker/runtime.js';

let isInstalled = false;

/** Installs Temporal's runtime without a log. A process has one, which the test files in it share. */
export function quietRuntime(): void {
  if (isInstalled) return;
  installRuntime(() => {});
  isInstalled = true;
}

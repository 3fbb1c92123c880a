import { after, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';

/** Longest time of one test file, in milliseconds. */
const TIMEOUT_MS = 240_000;

/** Runs test files in this process, one after the other, each as a suite that finds the environment as it was. */
export function runTogether(files: string[]): void {
  const environment = { ...process.env };
  for (const file of files) {
    describe(file, { timeout: TIMEOUT_MS }, async () => {
      // Node doesn't count a suite that fails.
      await import(pathToFileURL(file).href).catch((error: unknown) =>
        it('loads', () => Promise.reject(error)),
      );
      after(() => {
        for (const name of Object.keys(process.env)) delete process.env[name];
        Object.assign(process.env, environment);
      });
    });
  }
}

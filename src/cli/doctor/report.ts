import { showHidden } from '../../approval/hidden-text.js';
import { CountersignError } from '../../platform/errors.js';

export type Report = ReturnType<typeof createReport>;

/** Prints the doctor's findings, one line each. */
export function createReport(print: (line: string) => void) {
  let well = true;
  // Servers' words and names of tools must not control the terminal.
  const line = (verdict: string, what: string, text: string) =>
    print(showHidden(`${verdict.padEnd(5)} ${what}: ${text}`));
  const wrong = (what: string, error: unknown): void => {
    well = false;
    line('WRONG', what, error instanceof CountersignError ? error.message : String(error));
  };
  return {
    wrong,
    /** Something to know that was not checked, or can't be. */
    note: (what: string, text: string): void => line('note', what, text),
    ok: (what: string, text: string): void => line('ok', what, text),
    /** Prints the result of a check. Returns false when it failed. */
    async check(what: string, work: () => Promise<string>): Promise<boolean> {
      try {
        line('ok', what, await work());
        return true;
      } catch (error) {
        wrong(what, error);
        return false;
      }
    },
    /** True when nothing was wrong. */
    isWell: (): boolean => well,
  };
}

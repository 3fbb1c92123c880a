import { readFileSync, rmSync, writeFileSync } from 'node:fs';

const fileOf = (listPath: string) => `${listPath}.slow`;

/** Makes the next change of the list take this long. The list's server is another process, so a file tells it. */
export function slowNextChange(listPath: string, delayMs: number): void {
  writeFileSync(fileOf(listPath), String(delayMs));
}

/** Duration of a change that was made slow, in milliseconds; undefined for any other. It is slow once. */
export function takeSlowChange(listPath: string): number | undefined {
  try {
    const delayMs = Number(readFileSync(fileOf(listPath), 'utf8'));
    rmSync(fileOf(listPath));
    return delayMs;
  } catch {
    return undefined;
  }
}

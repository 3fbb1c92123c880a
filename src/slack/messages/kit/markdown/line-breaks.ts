import type { StateInline } from 'markdown-it';

const BREAK = /<br ?\/?>/iy;

/** Reads `<br>` as a line break: models write it in cells of tables. Other HTML stays text. */
export function lineBreak(state: StateInline, silent: boolean): boolean {
  BREAK.lastIndex = state.pos;
  const [found] = BREAK.exec(state.src) ?? [];
  if (!found) return false;
  if (!silent) state.push('hardbreak', 'br', 0);
  state.pos += found.length;
  return true;
}

import type { StateCore, Token } from 'markdown-it';

/**
 * Keeps all cells of a row that has more than its table's header: the parser would drop the others. Cells that a `|` in code made are
 * joined again, and what is still too much goes into the last one.
 */
export function keepCells({ src, tokens }: StateCore): void {
  let lines: string[] | undefined;
  let row: { line: number; cells: Token[] } | undefined;
  let isBody = false;
  for (const token of tokens) {
    if (token.type.startsWith('tbody_')) isBody = token.nesting === 1;
    else if (token.type === 'tr_open' && isBody) row = { line: token.map?.[0] ?? 0, cells: [] };
    else if (token.type === 'inline') row?.cells.push(token);
    else if (token.type === 'tr_close' && row) {
      lines ??= src.split('\n');
      fill(row.cells, lines[row.line] ?? '');
      row = undefined;
    }
  }
}

function fill(cells: Token[], line: string): void {
  const written = line
    .replace(/^[\s>]*\|?/, '')
    .trimEnd()
    .replace(/(?<!\\)\|$/, '')
    .split(/(?<!\\)\|/);
  if (written.length <= cells.length) return;
  const joined = joinCode(written);
  const kept = joined.length < cells.length ? written : joined;
  const last = cells.length - 1;
  const texts = [...kept.slice(0, last), kept.slice(last).join('|')];
  cells.forEach((cell, at) => {
    cell.content = (texts[at] ?? '').replaceAll('\\|', '|').trim();
  });
}

/** Joins the cells that were one piece of code. */
function joinCode(cells: string[]): string[] {
  const joined: string[][] = [];
  let isOpen = false;
  for (const cell of cells) {
    if (isOpen) joined.at(-1)?.push(cell);
    else joined.push([cell]);
    if (cell.split('`').length % 2 === 0) isOpen = !isOpen;
  }
  return joined.map((parts) => parts.join('|'));
}

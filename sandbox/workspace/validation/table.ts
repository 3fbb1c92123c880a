import { textLength } from '../../../src/slack/messages/kit/paginate.js';
import { LIMITS } from './limits.js';
import { type Fields, isFields, type Problems } from './problems.js';
import { checkRichText } from './rich-text.js';

const ALIGNMENTS = ['left', 'center', 'right'];

/** Checks a table: rows are lists of cells, and no cell is empty. Source: Slack's "Table block". */
export function checkTable(table: Fields, at: string, problems: Problems): void {
  const { rows } = table;
  if (rows === undefined) problems.add(at, 'missing required field: rows');
  else if (!Array.isArray(rows)) problems.add(`${at}/rows`, 'must be an array');
  else if (rows.length === 0) problems.add(`${at}/rows`, 'no less than 1 items allowed');
  else if (rows.length > LIMITS.tableRows)
    problems.add(`${at}/rows`, `no more than ${LIMITS.tableRows} items allowed`);
  else for (const [index, row] of rows.entries()) checkRow(row, `${at}/rows/${index}`, problems);
  if (textLength(rows) > LIMITS.tableText)
    problems.add(`${at}/rows`, `must be less than ${LIMITS.tableText + 1} characters`);
  if (table.column_settings === undefined) return;
  problems.list(table, 'column_settings', at, [0, LIMITS.tableColumns], (setting, place) => {
    if (setting.align !== undefined && !ALIGNMENTS.includes(String(setting.align)))
      problems.add(`${place}/align`, `must be one of ${ALIGNMENTS.join(', ')}`);
    if (setting.is_wrapped !== undefined && typeof setting.is_wrapped !== 'boolean')
      problems.add(`${place}/is_wrapped`, 'must be a boolean');
  });
}

function checkRow(row: unknown, at: string, problems: Problems): void {
  if (!Array.isArray(row)) problems.add(at, 'must be an array');
  else if (row.length === 0) problems.add(at, 'no less than 1 items allowed');
  else if (row.length > LIMITS.tableColumns)
    problems.add(at, `no more than ${LIMITS.tableColumns} items allowed`);
  else for (const [index, cell] of row.entries()) checkCell(cell, `${at}/${index}`, problems);
}

function checkCell(cell: unknown, at: string, problems: Problems): void {
  if (!isFields(cell)) problems.add(at, 'must provide an object');
  else if (cell.type === 'raw_text') problems.text(cell, 'text', at, LIMITS.tableText);
  else if (cell.type === 'rich_text') checkRichText(cell, at, problems);
  else if (cell.type === 'raw_number') {
    if (typeof cell.value !== 'number') problems.add(`${at}/value`, 'must be a number');
    problems.text(cell, 'text', at, LIMITS.tableText);
  } else problems.add(at, `unsupported type: ${String(cell.type)}`);
}

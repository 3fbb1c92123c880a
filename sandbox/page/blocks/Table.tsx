import type { TableBlock } from '@slack/types';
import { scrollable } from '../live/scrollable.js';
import { RichText } from './RichText.js';

type Cell = TableBlock['rows'][number][number];

/** A table whose first row is the header. It scrolls sideways if it is too wide. */
export function Table({ block }: { block: TableBlock }) {
  const [head = [], ...rows] = block.rows;
  const styleOf = (column: number) => {
    const { align = 'left', is_wrapped: wraps = false } = block.column_settings?.[column] ?? {};
    return { className: wraps ? 'wraps' : '', style: { textAlign: align } };
  };
  return (
    <div className="table-frame" ref={scrollable}>
      <table>
        <thead>
          <tr>
            {head.map((cell, column) =>
              isEmpty(cell) ? (
                <td key={column} className="head" />
              ) : (
                <th key={column} scope="col" {...styleOf(column)}>
                  <Content cell={cell} />
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, column) => (
                <td key={column} {...styleOf(column)}>
                  <Content cell={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const isEmpty = (cell: Cell) => cell.type !== 'rich_text' && cell.text.trim() === '';

function Content({ cell }: { cell: Cell }) {
  return cell.type === 'rich_text' ? <RichText block={cell} /> : cell.text;
}

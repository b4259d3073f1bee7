import { useId, useState } from 'preact/hooks';
import { useOnPaper } from './paper.js';
import { useSettings } from './settings.js';

/** A cell: a number or a text, or one with the whole of what it shortens. */
export type Cell = number | string | { text: string; exact: string };

export interface Column {
  head: string;
  kind?: 'number' | 'code';
}

/** Tables up to this size are there at once, others when they are opened. */
const SMALL = 200;

/** What a chart shows as a table, to be opened. The first cell of each row is its heading. */
export function DataTable(props: {
  heading: string;
  columns: readonly Column[];
  rows: readonly (readonly Cell[])[];
  note?: string | undefined;
}) {
  const { format, t } = useSettings();
  const { heading, columns, rows, note } = props;
  const [isOpened, setOpened] = useState(false);
  const isOnPaper = useOnPaper();
  const isOpen = isOpened || isOnPaper;
  const id = useId();

  const shown = (cell: Cell) => {
    if (typeof cell === 'number') return format.number(cell);
    return typeof cell === 'string' ? cell : <span title={cell.exact}>{cell.text}</span>;
  };
  const classOf = (i: number) => columns[i].kind;
  return (
    <details
      class="data"
      open={isOpen}
      onToggle={({ currentTarget }) => {
        if (!isOnPaper) setOpened(currentTarget.open);
      }}
    >
      <summary>
        <span id={id}>{heading}</span> <span class="muted">({format.number(rows.length)})</span>
      </summary>
      {rows.length === 0 && <p class="muted">{t('common.noData')}</p>}
      {rows.length > 0 && (rows.length <= SMALL || isOpen) && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
        // biome-ignore lint/a11y/useSemanticElements: a section of the page it is not
        <div class="scrolls" tabIndex={0} role="group" aria-labelledby={id}>
          <table aria-labelledby={id}>
            <thead>
              <tr>
                {columns.map(({ head, kind }) => (
                  <th key={head} scope="col" class={kind}>
                    {head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row, i) => (
                <tr key={i}>
                  {row.map((cell, j) =>
                    j === 0 ? (
                      <th key={j} scope="row" class={classOf(j)}>
                        <bdi>{shown(cell)}</bdi>
                      </th>
                    ) : (
                      <td key={j} class={classOf(j)}>
                        <bdi>{shown(cell)}</bdi>
                      </td>
                    ),
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {note !== undefined && <p class="muted">{note}</p>}
    </details>
  );
}

// biome-ignore-all lint/a11y/useSemanticElements: a table has all its rows; this one has those in view
// biome-ignore-all lint/a11y/useFocusableInteractive: the focus goes by rows
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { printable } from '../../../text/printable.js';
import type { RecordRow } from '../../engine/api.js';
import { useSettings } from '../../settings.js';
import { Failure } from '../parts/outcome.js';
import { useRowPages } from './row-pages.js';
import { isScaled, lastTop, type RowList, scrollAt, scrollHeight, topAfter } from './row-scroll.js';

/** A list is put back where its bar belongs when nobody has scrolled for so long. */
const REST_MS = 250;

/** The list of records: however many there are, those in view are in the page. */
export function RecordGrid({
  list,
  count,
  active,
  opened,
  onActive,
  onOpen,
  again,
}: {
  list: number;
  count: number;
  /** The row that the keyboard is at. */
  active: number;
  /** The LSN of the record that is open. */
  opened: string | undefined;
  onActive: (index: number) => void;
  onOpen: (row: RecordRow) => void;
  again: () => void;
}) {
  const { t, format } = useSettings();
  const { ref, viewport, rowHeight } = useSize();
  const rows: RowList = { count, rowHeight, viewport };
  const { top, onScroll, scrollTo } = useTop(ref, rows);
  const first = Math.floor(top);
  const end = Math.min(count, Math.ceil(top + viewport / rowHeight) + 1);
  const { rowAt, refused } = useRowPages(list, first, end);
  const keepsFocus = useRef(false);

  // the row that is asked for comes into view
  useLayoutEffect(() => {
    const visible = Math.max(1, Math.floor(viewport / rowHeight));
    if (active < top) scrollTo(active);
    else if (active > top + visible - 1) scrollTo(active - visible + 1);
  }, [active, opened, list, viewport, rowHeight]);

  // the keyboard stays where it was, though its row has gone out of the page or come back
  useLayoutEffect(() => {
    if (!keepsFocus.current) return;
    const row = ref.current?.querySelector<HTMLElement>('[tabindex="0"][role="row"]');
    (row ?? ref.current)?.focus({ preventScroll: true });
  });

  const onKeyDown = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor(viewport / rowHeight) - 1);
    const steps: Record<string, number> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -count,
      End: count,
    };
    if (event.altKey || event.metaKey) return;
    if (event.key === 'Enter') {
      const row = rowAt(active);
      if (row) onOpen(row);
    } else if (event.key in steps) {
      onActive(Math.min(count - 1, Math.max(0, active + steps[event.key]!)));
    } else return;
    event.preventDefault();
  };

  const shown = Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i);
  return (
    <>
      {refused && refused.kind !== 'cancelled' && <Failure state={refused} again={again} />}
      <div
        class="grid"
        role="grid"
        aria-label={t('page.records.list')}
        aria-rowcount={count + 1}
        aria-colcount={6}
        ref={ref}
        tabIndex={active >= first && active < end ? -1 : 0}
        onScroll={onScroll}
        onKeyDown={onKeyDown}
        onFocusIn={() => {
          keepsFocus.current = true;
        }}
        onFocusOut={(event) => {
          // a row that goes out of the page loses the focus to nothing
          keepsFocus.current =
            event.relatedTarget === null && document.hasFocus() ? keepsFocus.current : false;
        }}
        onPointerDown={() => {
          keepsFocus.current = false;
        }}
      >
        <div class="row head" role="row" aria-rowindex={1}>
          <span role="columnheader">{t('common.lsn')}</span>
          <span role="columnheader">{t('page.records.rmgr')}</span>
          <span role="columnheader">{t('common.kind')}</span>
          <span role="columnheader" class="number">
            {t('common.transaction')}
          </span>
          <span role="columnheader" class="number">
            {t('page.records.bytes')}
          </span>
          <span role="columnheader">{t('page.records.content')}</span>
        </div>
        <div class="space" style={{ height: `${Math.max(scrollHeight(rows), viewport)}px` }}>
          <div class="window" style={{ height: `${viewport}px` }}>
            {shown.map((index) => (
              <Row
                key={index}
                index={index}
                row={rowAt(index)}
                offset={(index - top) * rowHeight}
                isActive={index === active}
                isOpen={opened !== undefined && rowAt(index)?.lsn === opened}
                bytes={format.number(rowAt(index)?.totalLength ?? 0)}
                onClick={() => {
                  const row = rowAt(index);
                  onActive(index);
                  if (row) onOpen(row);
                }}
              />
            ))}
          </div>
        </div>
      </div>
    </>
  );
}

function Row({
  index,
  row,
  offset,
  isActive,
  isOpen,
  bytes,
  onClick,
}: {
  index: number;
  row: RecordRow | undefined;
  offset: number;
  isActive: boolean;
  isOpen: boolean;
  bytes: string;
  onClick: () => void;
}) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the keys
    <div
      class={`row ${isOpen ? 'open' : ''} ${index % 2 === 1 ? 'odd' : ''}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isOpen}
      tabIndex={isActive ? 0 : -1}
      style={{ transform: `translateY(${offset}px)` }}
      onClick={onClick}
    >
      <span role="gridcell" class="lsn">
        {row?.lsn ?? '…'}
      </span>
      <span role="gridcell" class="rmgr">
        {row && printable(row.rmgr)}
      </span>
      <span role="gridcell" class="kind">
        {row && (row.kind ?? '')}
      </span>
      <span role="gridcell" class="number xid">
        {row && (row.xid === 0 ? '' : row.xid)}
      </span>
      <span role="gridcell" class="number bytes">
        {row && bytes}
      </span>
      <span role="gridcell" class="text">
        {row && printable(withoutKind(row))}
      </span>
    </div>
  );
}

/** The text begins with the kind, which is beside it. */
const withoutKind = ({ text, kind }: RecordRow): string =>
  kind !== null && text.startsWith(`${kind} `) ? text.slice(kind.length).replace(/^[ ,]+/, '') : text;

/** How much room there is for rows, and what one takes, as the style sheet says. */
function useSize() {
  const ref = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ viewport: 400, rowHeight: 28 });
  useLayoutEffect(() => {
    const element = ref.current!;
    const measure = (): void => {
      const style = getComputedStyle(element);
      const rowHeight = Number.parseFloat(style.getPropertyValue('--row-height'));
      const head = Number.parseFloat(style.getPropertyValue('--head-height'));
      setSize({ rowHeight, viewport: Math.max(rowHeight, element.clientHeight - head) });
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { ref, ...size };
}

/** The first row in view, and how it moves. */
function useTop(ref: { current: HTMLDivElement | null }, rows: RowList) {
  const [top, setTop] = useState(0);
  const at = useRef({ top: 0, scrolled: 0, timer: 0, rows });
  at.current.rows = rows;

  const scrollTo = useCallback((wanted: number): void => {
    const state = at.current;
    state.top = Math.min(lastTop(state.rows), Math.max(0, wanted));
    if (ref.current) {
      ref.current.scrollTop = scrollAt(state.rows, state.top);
      state.scrolled = ref.current.scrollTop;
    }
    setTop(state.top);
  }, []);

  const onScroll = useCallback((): void => {
    const state = at.current;
    const scrolled = ref.current!.scrollTop;
    if (scrolled === state.scrolled) return;
    state.top = topAfter(state.rows, state.top, state.scrolled, scrolled);
    state.scrolled = scrolled;
    setTop(state.top);
    clearTimeout(state.timer);
    if (!isScaled(state.rows)) return;
    const atEnd = scrolled <= 0 || scrolled >= scrollHeight(state.rows) - state.rows.viewport;
    if (atEnd) scrollTo(state.top);
    else state.timer = window.setTimeout(() => scrollTo(state.top), REST_MS);
  }, []);

  useEffect(() => () => clearTimeout(at.current.timer), []);
  // what is shown may have become shorter
  useLayoutEffect(() => scrollTo(at.current.top), [rows.count, rows.rowHeight, rows.viewport]);
  return { top: Math.min(top, lastTop(rows)), onScroll, scrollTo };
}

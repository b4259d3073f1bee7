/**
 * Browsers end an element at some 17 million pixels (Firefox) or 33 million (Chromium, Safari): a longer list has one of
 * this height, along which its rows are shared out.
 */
const MOST_PIXELS = 8_000_000;

/** A list of rows of the same height in a viewport, each in pixels. */
export interface RowList {
  count: number;
  rowHeight: number;
  viewport: number;
}

export const scrollHeight = ({ count, rowHeight }: RowList): number =>
  Math.min(count * rowHeight, MOST_PIXELS);

/** The highest first row: the one that has the last row at the end of the viewport. With a fraction, as all tops. */
export const lastTop = ({ count, rowHeight, viewport }: RowList): number =>
  Math.max(0, count - viewport / rowHeight);

export const isScaled = (list: RowList): boolean => list.count * list.rowHeight > MOST_PIXELS;

/** The first row where the list is scrolled to. */
export function topAt(list: RowList, scrollTop: number): number {
  const range = scrollHeight(list) - list.viewport;
  return range <= 0 ? 0 : Math.min(1, Math.max(0, scrollTop / range)) * lastTop(list);
}

/** Where to scroll to have a row first. */
export function scrollAt(list: RowList, top: number): number {
  const last = lastTop(list);
  return last === 0 ? 0 : (top / last) * Math.max(0, scrollHeight(list) - list.viewport);
}

/**
 * The first row after the list was scrolled: by a wheel or a finger, which go a little, row by row, as in a short list;
 * by its bar, which goes far, to that part of the list.
 */
export function topAfter(list: RowList, top: number, before: number, after: number): number {
  const way = after - before;
  if (!isScaled(list) || Math.abs(way) > list.viewport) return topAt(list, after);
  return Math.min(lastTop(list), Math.max(0, top + way / list.rowHeight));
}

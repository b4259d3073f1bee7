import type { Palette } from './palette.js';

/**
 * The labels of an axis of rows, each above what its row shows, so that long names have room and charts all of the width.
 * @param above how far above the row's middle
 */
export const rowNames = (palette: Palette, width: number, above: number) => ({
  inside: true,
  margin: 0,
  align: 'left',
  verticalAlign: 'bottom',
  padding: [0, 0, above, 0],
  color: palette.text,
  fontSize: 13,
  interval: 0,
  width,
  overflow: 'truncate',
});

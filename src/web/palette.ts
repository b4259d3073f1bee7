/** Colours of charts, which are drawn, so that style sheets do not reach them. */
export interface Palette {
  ground: string;
  text: string;
  muted: string;
  line: string;
  /** Of resource managers; told apart by those who see few colours (Okabe and Ito, https://jfly.uni-koeln.de/color/). */
  series: readonly string[];
  /** What is many in one. */
  others: string;
  images: string;
  imagesMark: string;
  bad: string;
  good: string;
  warn: string;
  accent: string;
  faint: string;
}

const SERIES = ['#0072b2', '#56b4e9', '#009e73', '#e69f00', '#cc79a7', '#d55e00', '#f0e442'];

export const LIGHT: Palette = {
  ground: '#ffffff',
  text: '#16202c',
  muted: '#55606e',
  line: '#d5dae1',
  series: SERIES,
  others: '#8a93a0',
  images: '#c9cfd8',
  imagesMark: '#7a8494',
  bad: '#b3261e',
  good: '#17693a',
  warn: '#b06a00',
  accent: '#0b5cad',
  faint: '#e9edf2',
};

export const DARK: Palette = {
  ground: '#171e26',
  text: '#e4e9ef',
  muted: '#a3afbd',
  line: '#313c49',
  series: SERIES,
  others: '#7a8494',
  images: '#4a5665',
  imagesMark: '#9aa6b5',
  bad: '#ff8a7e',
  good: '#5fc48a',
  warn: '#f2c078',
  accent: '#7db8f5',
  faint: '#232d38',
};

/** Full-page images look the same in all charts. */
export const hatched = (palette: Palette) => ({
  symbol: 'rect',
  color: palette.imagesMark,
  dashArrayX: [1, 0],
  dashArrayY: [1, 4],
  rotation: -Math.PI / 4,
});

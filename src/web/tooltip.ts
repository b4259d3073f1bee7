import type { Format } from './format.js';
import type { Palette } from './palette.js';

/** A line of a chart's tooltip: a name, what it is, and the colour that it has in the chart. */
export interface TooltipLine {
  name: string;
  value: string;
  color?: string;
}

/** A tooltip's content: nodes, so that nothing in it is taken for markup. */
export function tooltipOf(title: string, lines: readonly TooltipLine[]): HTMLElement {
  const root = element('div', 'tip');
  root.append(element('strong', '', title));
  for (const { name, value, color } of lines) {
    const line = element('div', 'tip-line');
    const mark = element('span', 'tip-mark');
    if (color !== undefined) mark.style.background = color;
    line.append(mark, element('span', 'tip-name', name), element('span', 'tip-value', value));
    root.append(line);
  }
  return root;
}

/** How all tooltips look. */
export const tooltipStyle = (palette: Palette) => ({
  confine: true,
  transitionDuration: 0,
  backgroundColor: palette.ground,
  borderColor: palette.line,
  textStyle: { color: palette.text, fontSize: 12 },
});

function element(tag: string, className: string, text = ''): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

/** `1.02 kB (1,024)` */
export const bytesText = (bytes: number, format: Format): string =>
  bytes < 1000 ? format.bytes(bytes) : `${format.bytes(bytes)} (${format.number(bytes)})`;

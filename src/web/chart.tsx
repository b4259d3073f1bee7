import type { EChartsCoreOption, EChartsType } from 'echarts/core';
import { init } from 'echarts/core';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { DARK, LIGHT, type Palette } from './palette.js';
import { useSettings } from './settings.js';

/** What a chart shows, in these colours; `isNarrow` as on a phone, `width` in pixels. */
export type OptionOf = (palette: Palette, isNarrow: boolean, width: number) => EChartsCoreOption;

/** How wide charts are on paper: A4 or letter without margins. */
const PRINT_WIDTH = 680;
const NARROW = 560;

/**
 * A chart of ECharts, which must have been told what it draws with (`use`). Redrawn in the reader's theme, as wide as
 * there is room, and light on paper.
 * @param props.option another one only if something of it changes
 * @param props.label for those who do not see it: it says where the same is as text
 * @param props.onReady called once, to add what a chart does when it is clicked
 */
export function Chart(props: {
  option: OptionOf;
  height: number;
  label: string;
  onReady?: (chart: EChartsType) => void;
}) {
  const { theme } = useSettings();
  const { option, height } = props;
  const element = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType>(null);

  useLayoutEffect(() => {
    const made = init(element.current, null, { renderer: 'canvas' });
    chart.current = made;
    props.onReady?.(made);
    return () => made.dispose();
  }, []);

  useLayoutEffect(() => {
    const made = chart.current!;
    const draw = (palette: Palette) => {
      // a canvas inherits no font
      const { fontFamily } = getComputedStyle(element.current!);
      const width = made.getWidth();
      const shown = option(palette, width < NARROW, width);
      made.setOption({ animation: false, textStyle: { fontFamily }, ...shown }, true);
    };
    const show = () => {
      made.resize({ width: 'auto', height });
      draw(theme === 'dark' ? DARK : LIGHT);
    };
    const print = () => {
      made.resize({ width: PRINT_WIDTH, height });
      draw(LIGHT);
      made.getZr().flush();
    };
    show();
    const observer = new ResizeObserver(() => {
      if (element.current?.clientWidth !== made.getWidth()) show();
    });
    observer.observe(element.current!);
    addEventListener('beforeprint', print);
    addEventListener('afterprint', show);
    return () => {
      observer.disconnect();
      removeEventListener('beforeprint', print);
      removeEventListener('afterprint', show);
    };
  }, [option, height, theme]);

  return <div ref={element} class="chart" role="img" aria-label={props.label} style={{ height }} />;
}

import type { EChartsCoreOption, EChartsType } from 'echarts/core';
import { init } from 'echarts/core';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { DARK, LIGHT, type Palette } from './palette.js';
import { useSettings } from './settings.js';

export type OptionOf = (palette: Palette) => EChartsCoreOption;

/** How wide charts are on paper: A4 or letter without margins. */
const PRINT_WIDTH = 680;

/**
 * A chart of ECharts, which must have been told what it draws with (`use`). Redrawn in the reader's theme, as wide as
 * there is room, and light on paper.
 * @param props.option made anew only if something of it changes
 * @param props.label for those who do not see it: it says where the same is as text
 */
export function Chart(props: {
  option: OptionOf;
  height: number;
  label: string;
  /** Called once, to add what a chart does when it is clicked. */
  onReady?: (chart: EChartsType) => void;
}) {
  const { theme } = useSettings();
  const element = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType>(null);
  const { option } = props;
  const shown = useRef<() => void>(() => {});

  useLayoutEffect(() => {
    const made = init(element.current, null, { renderer: 'canvas', height: props.height });
    chart.current = made;
    props.onReady?.(made);
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(element.current!);
    return () => {
      observer.disconnect();
      made.dispose();
    };
  }, []);

  useLayoutEffect(() => {
    shown.current = () =>
      chart.current?.setOption(option(theme === 'dark' ? DARK : LIGHT), { notMerge: true });
    shown.current();
  }, [option, theme]);

  useEffect(() => chart.current?.resize({ height: props.height }), [props.height]);

  useEffect(() => {
    const before = () => {
      chart.current?.resize({ width: PRINT_WIDTH, height: props.height });
      chart.current?.setOption(option(LIGHT), { notMerge: true });
      chart.current?.getZr().flush();
    };
    const after = () => {
      chart.current?.resize({ width: 'auto', height: props.height });
      shown.current();
    };
    addEventListener('beforeprint', before);
    addEventListener('afterprint', after);
    return () => {
      removeEventListener('beforeprint', before);
      removeEventListener('afterprint', after);
    };
  }, [option, props.height]);

  return <div ref={element} class="chart" role="img" aria-label={props.label} />;
}

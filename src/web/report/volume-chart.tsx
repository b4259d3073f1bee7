import { BarChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { type EChartsCoreOption, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useCallback } from 'preact/hooks';
import { Chart, type OptionOf } from '../chart.js';
import { hatched } from '../palette.js';
import { rowNames } from '../row-names.js';
import { useSettings } from '../settings.js';
import { bytesText, tooltipOf, tooltipStyle } from '../tooltip.js';

use([BarChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

/** A bar: records, and beside or upon them the images. */
export interface VolumeBar {
  name: string;
  recordBytes: number;
  imageBytes: number;
}

const ROW = 36;
const BAR = 12;
const SIDE = 14;

/** Bars of bytes, records and full-page images apart: lying with their names, or standing in the order of time. */
export function VolumeChart(props: { bars: readonly VolumeBar[]; label: string; standing?: boolean }) {
  const { t, format } = useSettings();
  const { bars, label, standing = false } = props;
  const option = useCallback<OptionOf>(
    (palette, isNarrow, width) => {
      const text = { color: palette.muted, fontSize: 12 };
      const names = {
        type: 'category',
        data: bars.map(({ name }) => name),
        axisTick: { show: false },
        axisLine: { lineStyle: { color: palette.line } },
      };
      const bytes = {
        type: 'value',
        splitNumber: isNarrow ? 2 : 4,
        axisLabel: { ...text, formatter: format.bytes, hideOverlap: true },
        splitLine: { lineStyle: { color: palette.faint } },
      };
      const series = (name: string, values: number[], itemStyle: object) => ({
        name,
        type: 'bar',
        stack: 'bytes',
        ...(standing ? { barCategoryGap: '25%' } : { barWidth: BAR }),
        data: values,
        itemStyle,
        emphasis: { disabled: true },
      });
      return {
        legend: {
          top: 0,
          left: 0,
          icon: 'rect',
          itemWidth: 14,
          itemHeight: 10,
          selectedMode: false,
          textStyle: { color: palette.text, fontSize: 13 },
        },
        grid: standing
          ? { left: 72, right: 12, top: 34, bottom: 26 }
          : { left: SIDE, right: SIDE, top: 30, bottom: 26 },
        tooltip: {
          ...tooltipStyle(palette),
          trigger: 'axis',
          axisPointer: { type: 'shadow', shadowStyle: { color: `${palette.accent}22` } },
          formatter: (params: { dataIndex: number }[]) => {
            const bar = bars[params[0].dataIndex];
            return tooltipOf(bar.name, [
              {
                name: t('report.writers.records'),
                value: bytesText(bar.recordBytes, format),
                color: palette.accent,
              },
              {
                name: t('report.writers.images'),
                value: bytesText(bar.imageBytes, format),
                color: palette.images,
              },
            ]);
          },
        },
        ...(standing
          ? { xAxis: { ...names, axisLabel: { ...text, hideOverlap: true } }, yAxis: bytes }
          : {
              xAxis: bytes,
              yAxis: {
                ...names,
                inverse: true,
                axisLabel: rowNames(palette, width - 2 * SIDE, BAR / 2 + 3),
              },
            }),
        series: [
          series(
            t('report.writers.records'),
            bars.map((bar) => bar.recordBytes),
            { color: palette.accent },
          ),
          series(
            t('report.writers.images'),
            bars.map((bar) => bar.imageBytes),
            { color: palette.images, decal: hatched(palette) },
          ),
        ],
      } satisfies EChartsCoreOption;
    },
    [bars, standing, t, format],
  );
  return <Chart option={option} height={standing ? 220 : 56 + bars.length * ROW} label={label} />;
}

import { BarChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { type EChartsCoreOption, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useCallback } from 'preact/hooks';
import { Chart, type OptionOf } from '../chart.js';
import { hatched } from '../palette.js';
import { useSettings } from '../settings.js';
import { bytesText, tooltipOf, tooltipStyle } from '../tooltip.js';

use([BarChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

/** A bar: records, and beside or upon them the images. */
export interface VolumeBar {
  name: string;
  recordBytes: number;
  imageBytes: number;
}

const ROW = 22;

/** Bars of bytes, records and full-page images apart: lying with their names, or standing in the order of time. */
export function VolumeChart(props: { bars: readonly VolumeBar[]; label: string; standing?: boolean }) {
  const { t, format } = useSettings();
  const { bars, label, standing = false } = props;
  const option = useCallback<OptionOf>(
    (palette, isNarrow) => {
      const text = { color: palette.muted, fontSize: 11 };
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
      const left = isNarrow ? 120 : 190;
      const series = (name: string, values: number[], itemStyle: object) => ({
        name,
        type: 'bar',
        stack: 'bytes',
        barCategoryGap: '25%',
        data: values,
        itemStyle,
        emphasis: { disabled: true },
      });
      return {
        animation: false,
        textStyle: { fontFamily: 'inherit' },
        legend: {
          top: 0,
          left: 0,
          itemWidth: 14,
          itemHeight: 10,
          selectedMode: false,
          textStyle: { color: palette.text, fontSize: 12 },
        },
        grid: standing
          ? { left: 64, right: 12, top: 32, bottom: 26 }
          : { left, right: 16, top: 30, bottom: 24 },
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
                axisLabel: {
                  color: palette.text,
                  fontSize: 11,
                  width: left - 10,
                  overflow: 'truncate',
                  interval: 0,
                },
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
  return <Chart option={option} height={standing ? 220 : 58 + bars.length * ROW} label={label} />;
}

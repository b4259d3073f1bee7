import type { EChartsCoreOption } from 'echarts/core';
import type { IncidentJson, OverTimeJson, ReportJson } from '../../index.js';
import { printable } from '../../text/printable.js';
import type { Format, Zone } from '../format.js';
import type { Translate } from '../i18n.js';
import { hatched, type Palette } from '../palette.js';
import { rowNames } from '../row-names.js';
import { bytesText, type TooltipLine, tooltipOf, tooltipStyle } from '../tooltip.js';
import { kindOf, subjectOf } from './names.js';
import { type EventKind, type Layer, roundedUp, type Steps, type TimedEvent } from './over-time-data.js';

export type TimeRange = [from: number, to: number];

export interface OverTimeView {
  report: ReportJson;
  overTime: OverTimeJson;
  steps: Steps;
  layers: readonly Layer[];
  events: ReadonlyMap<EventKind, readonly TimedEvent[]>;
  selected: IncidentJson | undefined;
  range: TimeRange;
  palette: Palette;
  isNarrow: boolean;
  width: number;
  t: Translate;
  format: Format;
  zone: Zone;
}

const LEGEND = 54;
/** A lane: its name, and its marks below. */
const LANE = 34;
const MARKS = 8;
const VOLUME = 230;
const RATES = 90;
const RATES_LEGEND = 26;
const AXIS = 28;
const SLIDER = 30;

/** With so many lanes of events. */
export const heightOf = (lanes: number): number => placesOf(lanes).end;

/** Where things are, from the top. */
function placesOf(lanes: number) {
  const events = 4;
  const legend = events + lanes * LANE + 6;
  const volume = legend + LEGEND;
  const ratesLegend = volume + VOLUME + 12;
  const rates = ratesLegend + RATES_LEGEND;
  const slider = rates + RATES + AXIS;
  return { events, legend, volume, ratesLegend, rates, slider, end: slider + SLIDER };
}

/** So many incidents have a line through the chart; more would hide it. */
const LINES = 40;
/** So many do so without being faint. */
const STRONG = 8;

/** Events, WAL, and transactions a second, one below the other over the same time. */
export function overTimeOption(view: OverTimeView): EChartsCoreOption {
  const { overTime, steps, layers, events, palette, isNarrow, width, t, format, range, zone } = view;
  const lanes = [...events.keys()];
  const places = placesOf(lanes.length);
  // the same time is at the same place in all three, whatever labels stand out
  const sides = { left: 72, right: isNarrow ? 12 : 24, outerBoundsMode: 'none' };
  const lineStyle = { color: palette.line };
  const text = { color: palette.muted, fontSize: 12 };
  const legend = {
    left: 0,
    right: 0,
    padding: [5, 0],
    itemWidth: 14,
    itemHeight: 10,
    itemGap: 12,
    inactiveColor: palette.muted,
    textStyle: { color: palette.text, fontSize: 13 },
  };
  const timeAxis = (gridIndex: number, labels: boolean) => ({
    type: 'time',
    gridIndex,
    min: steps.start,
    max: steps.end,
    axisLine: { lineStyle },
    axisTick: { show: labels, lineStyle },
    axisLabel: {
      ...text,
      show: labels,
      hideOverlap: true,
      alignMaxLabel: 'right',
      formatter: (time: number) => timeLabel(time, view),
    },
    splitLine: { show: false },
    axisPointer: { show: gridIndex > 0, label: { show: false }, lineStyle: { color: palette.muted } },
  });
  const valueAxis = (gridIndex: number, label: (value: number) => string) => ({
    type: 'value',
    gridIndex,
    splitNumber: gridIndex === 1 ? 4 : 2,
    axisLabel: { ...text, formatter: label },
    splitLine: { lineStyle: { color: palette.faint } },
    axisPointer: { show: false },
  });
  return {
    useUTC: zone === 'utc',
    legend: [
      {
        ...legend,
        top: places.legend,
        icon: 'rect',
        type: isNarrow ? 'scroll' : 'plain',
        pageTextStyle: { color: palette.muted },
        pageIconColor: palette.accent,
        data: [...layers.map((layer) => layerName(layer, view)), t('report.overTime.images')],
      },
      {
        ...legend,
        top: places.ratesLegend,
        icon: 'rect',
        itemWidth: 22,
        itemHeight: 3,
        data: [t('report.overTime.commitsPerSecond'), t('report.overTime.abortsPerSecond')],
      },
    ],
    tooltip: {
      ...tooltipStyle(palette),
      trigger: 'axis',
      formatter: (params: { value: [number, number] }[]) => stepTooltip(steps.at(params[0].value[0]), view),
    },
    axisPointer: { link: [{ xAxisIndex: [1, 2] }] },
    grid: [
      { ...sides, top: places.events, height: lanes.length * LANE, show: true, borderColor: palette.faint },
      { ...sides, top: places.volume, height: VOLUME },
      { ...sides, top: places.rates, height: RATES },
    ],
    xAxis: [timeAxis(0, false), timeAxis(1, false), timeAxis(2, true)],
    yAxis: [
      {
        type: 'category',
        gridIndex: 0,
        inverse: true,
        data: lanes.map((kind) => t(`report.overTime.${kind}`)),
        axisLine: { show: false },
        axisTick: { show: false },
        axisLabel: rowNames(palette, width - sides.left - sides.right, 0),
        splitLine: { show: true, lineStyle: { color: palette.faint } },
        axisPointer: { show: false },
      },
      { ...valueAxis(1, format.bytes), ...scaleTo(range, overTime, steps).yAxis[1] },
      {
        ...valueAxis(2, (value) => format.decimal(value, 3)),
        ...scaleTo(range, overTime, steps).yAxis[2],
      },
    ],
    dataZoom: [
      {
        type: 'slider',
        xAxisIndex: [0, 1, 2],
        filterMode: 'none',
        top: places.slider,
        height: SLIDER - 8,
        left: sides.left,
        right: sides.right,
        startValue: range[0],
        endValue: range[1],
        minValueSpan: 2 * steps.length,
        showDetail: false,
        brushSelect: false,
        borderColor: palette.line,
        fillerColor: `${palette.accent}33`,
        handleStyle: { color: palette.ground, borderColor: palette.accent },
        moveHandleStyle: { color: palette.muted },
        showDataShadow: false,
      },
      {
        type: 'inside',
        xAxisIndex: [0, 1, 2],
        filterMode: 'none',
        startValue: range[0],
        endValue: range[1],
        minValueSpan: 2 * steps.length,
        zoomOnMouseWheel: 'ctrl',
        moveOnMouseMove: !matchMedia('(pointer: coarse)').matches,
        preventDefaultMouseMove: false,
      },
    ],
    series: [
      ...layers.map((layer, i) =>
        layerSeries(layerName(layer, view), layer.values, colorOf(layer, i, view), view),
      ),
      {
        ...layerSeries(t('report.overTime.images'), overTime.imageBytes, palette.images, view),
        itemStyle: { color: palette.images, decal: hatched(palette) },
        markLine: incidentLines(view),
      },
      ...rateSeries(view),
      ...lanes.map((kind, lane) => eventSeries(kind, lane, view)),
    ],
  };
}

/** The axes' tops, so that what is in a stretch of time fills the room. */
export function scaleTo([from, to]: TimeRange, overTime: OverTimeJson, steps: Steps) {
  const [first, last] = [steps.at(from), steps.at(to - 1)];
  let [bytes, rate] = [0, 0];
  for (let i = first; i <= last; i++) {
    const all = overTime.bytes.reduce((sum, { values }) => sum + values[i], overTime.imageBytes[i]);
    bytes = Math.max(bytes, all);
    rate = Math.max(rate, overTime.commits[i], overTime.aborts[i]);
  }
  const highest = roundedUp(rate / overTime.stepSeconds);
  return { yAxis: [{}, { max: roundedUp(bytes) }, { max: highest, interval: highest / 2 }] };
}

function timeLabel(time: number, { format, range, steps }: OverTimeView): string {
  const clock = format.clock(time);
  const isMidnight = clock.startsWith('00:00:00');
  if (isMidnight || steps.length >= DAY) return format.day(time);
  return range[1] - range[0] > 10 * MINUTE && clock.endsWith(':00') ? clock.slice(0, -3) : clock;
}

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

const layerName = ({ rmgr, rmgrs }: Layer, { t, format }: OverTimeView): string =>
  rmgr ?? t('report.overTime.others', { count: rmgrs, number: format.number(rmgrs) });

const colorOf = ({ rmgr }: Layer, i: number, { palette }: OverTimeView): string =>
  rmgr === undefined || i >= palette.series.length ? palette.others : palette.series[i];

const layerSeries = (name: string, values: readonly number[], color: string, { steps }: OverTimeView) => ({
  name,
  type: 'line',
  xAxisIndex: 1,
  yAxisIndex: 1,
  stack: 'wal',
  data: steps.points(values),
  symbol: 'none',
  lineStyle: { width: 0 },
  itemStyle: { color },
  areaStyle: { color, opacity: 1 },
  emphasis: { disabled: true },
});

function rateSeries({ overTime, steps, palette, t }: OverTimeView) {
  const { commits, aborts, stepSeconds } = overTime;
  const series = (name: string, counts: readonly number[], color: string, type: string) => ({
    name,
    type: 'line',
    xAxisIndex: 2,
    yAxisIndex: 2,
    data: steps.points(counts.map((count) => count / stepSeconds)),
    symbol: 'none',
    lineStyle: { color, width: 1.5, type },
    itemStyle: { color },
    emphasis: { disabled: true },
    endLabel: { show: false },
  });
  return [
    series(t('report.overTime.commitsPerSecond'), commits, palette.accent, 'solid'),
    series(t('report.overTime.abortsPerSecond'), aborts, palette.bad, 'dashed'),
  ];
}

/** A line for each incident through the chart of WAL, the chosen one's stronger. */
function incidentLines({ report, selected, palette }: OverTimeView) {
  const { incidents } = report.incidents;
  const shown = incidents.slice(0, LINES);
  if (selected !== undefined && !shown.includes(selected)) shown.push(selected);
  return {
    silent: true,
    symbol: 'none',
    animation: false,
    label: { show: false },
    data: shown.map((incident) => ({
      xAxis: Date.parse(incident.time),
      lineStyle: {
        color: palette.bad,
        width: incident === selected ? 2.5 : 1,
        type: incident === selected ? 'solid' : 'dashed',
        opacity: incident === selected ? 1 : selected === undefined && shown.length <= STRONG ? 1 : 0.4,
      },
    })),
  };
}

function eventSeries(kind: EventKind, lane: number, view: OverTimeView) {
  const { events, palette, report, selected, steps } = view;
  const { symbol, symbolSize, color, rotate = 0 } = markOf(kind, palette);
  return {
    name: kind,
    type: 'scatter',
    xAxisIndex: 0,
    yAxisIndex: 0,
    symbol,
    symbolSize,
    symbolRotate: rotate,
    symbolOffset: [0, MARKS],
    itemStyle: { color },
    cursor: kind === 'incidents' ? 'pointer' : 'default',
    z: kind === 'incidents' ? 4 : 3,
    clip: true,
    data: (events.get(kind) ?? []).map(({ time, index }) => ({
      // one at the very edge would be cut
      value: [Math.min(Math.max(time, steps.start), steps.end), lane],
      ...(kind === 'incidents' && {
        incident: index,
        ...(report.incidents.incidents[index] === selected && {
          symbolSize: 18,
          itemStyle: { color, borderColor: palette.text, borderWidth: 2 },
        }),
      }),
    })),
    tooltip: {
      trigger: 'item',
      formatter: ({ dataIndex }: { dataIndex: number }) => eventTooltip(events.get(kind)![dataIndex], view),
    },
  };
}

function markOf(kind: EventKind, palette: Palette) {
  const marks: Record<
    EventKind,
    { symbol: string; symbolSize: number | number[]; color: string; rotate?: number }
  > = {
    incidents: { symbol: 'diamond', symbolSize: 13, color: palette.bad },
    restorePoints: { symbol: 'pin', symbolSize: 16, color: palette.good },
    checkpoints: { symbol: 'rect', symbolSize: [2, 12], color: palette.muted },
    clockSteps: { symbol: 'triangle', symbolSize: 11, color: palette.warn, rotate: 90 },
  };
  return marks[kind];
}

function stepTooltip(step: number, view: OverTimeView): HTMLElement {
  const { overTime, steps, layers, palette, t, format } = view;
  const layerLines = layers
    .map((layer, i) => ({
      name: layerName(layer, view),
      bytes: layer.values[step],
      color: colorOf(layer, i, view),
    }))
    .concat({ name: t('report.overTime.images'), bytes: overTime.imageBytes[step], color: palette.images })
    .filter(({ bytes }) => bytes > 0)
    .reverse();
  const lines: TooltipLine[] = [
    ...layerLines.map(({ name, bytes, color }) => ({ name, color, value: bytesText(bytes, format) })),
    {
      name: t('common.total'),
      value: bytesText(
        layerLines.reduce((sum, { bytes }) => sum + bytes, 0),
        format,
      ),
    },
    { name: t('common.records'), value: format.number(overTime.records[step]) },
    {
      name: t('report.overTime.commits'),
      value: format.number(overTime.commits[step]),
      color: palette.accent,
    },
    { name: t('report.overTime.aborts'), value: format.number(overTime.aborts[step]), color: palette.bad },
    { name: t('report.overTime.checkpoints'), value: format.number(overTime.checkpoints[step]) },
  ];
  return tooltipOf(`${format.shortTime(steps.from(step))} – ${format.time(steps.from(step + 1))}`, lines);
}

function eventTooltip(
  { kind, time, index }: TimedEvent,
  { report, overTime, steps, t, format }: OverTimeView,
) {
  const title = `${t(`report.overTime.${kind}`)}: ${format.time(time)}`;
  const { wal } = report;
  switch (kind) {
    case 'incidents': {
      const incident = report.incidents.incidents[index];
      return tooltipOf(title, [
        { name: t(`report.incidents.kinds.${kindOf(incident)}`), value: subjectOf(incident) },
        ...(incident.rows === null
          ? []
          : [{ name: '', value: format.number(incident.rows.deleted + incident.rows.updated) }]),
        { name: t('common.transaction'), value: String(incident.xid) },
      ]);
    }
    case 'restorePoints': {
      const point = wal.restorePoints[index];
      return tooltipOf(title, [
        { name: t('common.name'), value: printable(point.name) },
        { name: 'LSN', value: point.lsn },
      ]);
    }
    case 'checkpoints': {
      const checkpoint = wal.checkpoints[index];
      if (checkpoint === undefined) {
        return tooltipOf(title, [
          { name: t('common.count'), value: format.number(overTime.checkpoints[steps.at(time)]) },
        ]);
      }
      return tooltipOf(title, [
        { name: t('common.kind'), value: t(`report.images.kinds.${checkpoint.kind}`) },
        { name: 'LSN', value: checkpoint.lsn },
      ]);
    }
    case 'clockSteps': {
      const { from, to, lsn } = wal.clockSteps[index];
      const times = { from: format.time(from), to: format.time(to) };
      return tooltipOf(title, [
        { name: '', value: t('report.overTime.clockStep', times) },
        { name: 'LSN', value: lsn },
      ]);
    }
  }
}

import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemParams } from 'echarts';
import type { EChartsCoreOption } from 'echarts/core';
import type { ArchiveJson, ReportJson } from '../../index.js';
import { printable } from '../../text/printable.js';
import { formatLsn, highest as highestOf, lowest as lowestOf } from '../../wal/lsn.js';
import type { Format } from '../format.js';
import type { Translate } from '../i18n.js';
import type { Palette } from '../palette.js';
import { rowNames } from '../row-names.js';
import { type TooltipLine, tooltipOf, tooltipStyle } from '../tooltip.js';
import { backupsOf, type Reach, type ShownBackup } from './backups.js';
import { damagedSegments, lsnOf, type Stretch, stretchOf } from './segments.js';

/** Rows of the chart: timelines, older ones first, and base backups, newest first. */
export interface TimelineRows {
  timelines: ArchiveJson['wal'];
  backups: (ShownBackup & { startLsn: string })[];
  moreBackups: number;
}

/** So many fit; tables have all. */
const MOST_TIMELINES = 40;
const MOST_BACKUPS = 12;

export function timelineRows(report: ReportJson): TimelineRows {
  const placed = backupsOf(report)
    .filter((one): one is ShownBackup & { startLsn: string } => one.startLsn !== null)
    .sort((a, b) => (lsnOf(a.startLsn) > lsnOf(b.startLsn) ? -1 : 1));
  return {
    timelines: [...report.archive.wal].sort((a, b) => a.timeline - b.timeline).slice(-MOST_TIMELINES),
    backups: placed.slice(0, MOST_BACKUPS),
    moreBackups: Math.max(0, placed.length - MOST_BACKUPS),
  };
}

const ROW = 46;
const LEGEND = 56;
const AXIS = 34;
const SIDE = 14;

export const heightOf = ({ timelines, backups }: TimelineRows): number =>
  LEGEND + (timelines.length + backups.length) * ROW + AXIS;

export interface TimelinesView extends TimelineRows {
  report: ReportJson;
  palette: Palette;
  isNarrow: boolean;
  width: number;
  t: Translate;
  format: Format;
}

type Look = 'present' | 'missing' | 'damaged' | 'expired' | 'foreign' | 'reach';

/** A bar of a row. */
interface Bar {
  look: Look;
  row: number;
  from: bigint;
  to: bigint;
  title: string;
  lines: TooltipLine[];
}

export function timelinesOption(view: TimelinesView): EChartsCoreOption {
  const { report, timelines, backups, palette, isNarrow, width, t } = view;
  const names = rowNamesOf(view);
  const bars = barsOf(view);
  const marks = backups.map((one) => lsnOf(one.startLsn));
  const ends = bars.flatMap(({ from, to }) => [from, to]).concat(marks);
  const lowest = lowestOf(ends) ?? 0n;
  const highest = highestOf(ends) ?? 0n;
  const unit = unitFor(highest - lowest, BigInt(report.archive.segmentSize), isNarrow ? 3n : 7n);
  const base = (lowest / unit) * unit;
  const x = (lsn: bigint): number => Number(lsn - base);
  const rowOf = new Map(timelines.map(({ timeline }, row) => [timeline, row]));
  const byLook = (look: Look) => bars.filter((bar) => bar.look === look);
  const looks: Look[] = ['present', 'reach', 'foreign', 'expired', 'missing', 'damaged'];
  const shownLooks = looks.filter((look) => look === 'present' || byLook(look).length > 0);
  return {
    grid: { left: SIDE, right: SIDE, top: LEGEND, bottom: AXIS },
    legend: {
      top: 0,
      left: 0,
      right: 0,
      itemWidth: 16,
      itemHeight: 11,
      selectedMode: false,
      textStyle: { color: palette.text, fontSize: 13 },
      data: [
        ...shownLooks.map((look) => ({ name: t(`report.timelines.${look}`), icon: 'roundRect' })),
        ...(backups.length > 0 ? [{ name: t('report.timelines.backup'), icon: 'triangle' }] : []),
      ],
    },
    tooltip: { ...tooltipStyle(palette), trigger: 'item' },
    xAxis: {
      type: 'value',
      min: 0,
      max: x(highest),
      interval: Number(unit),
      axisLabel: {
        color: palette.muted,
        fontSize: 12,
        hideOverlap: true,
        formatter: (value: number) => formatLsn(base + BigInt(Math.round(value))),
      },
      axisLine: { show: true, lineStyle: { color: palette.line } },
      splitLine: { lineStyle: { color: palette.faint } },
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: names.map(({ name }) => name),
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: {
        ...rowNames(palette, width - 2 * SIDE, 13),
        color: (_: string, row: number) => (names[row].isBad ? palette.bad : palette.text),
      },
      splitLine: { show: false },
    },
    series: [
      ...shownLooks.map((look) => ({
        name: t(`report.timelines.${look}`),
        type: 'custom',
        clip: true,
        itemStyle: styleOf(look, palette),
        encode: { x: [1, 2], y: 0 },
        data: byLook(look).map(({ row, from, to }) => [row, x(from), x(to)]),
        renderItem: (_: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) => barShape(look, api),
        tooltip: {
          formatter: ({ dataIndex }: { dataIndex: number }) => {
            const { title, lines } = byLook(look)[dataIndex];
            return tooltipOf(title, lines);
          },
        },
      })),
      {
        type: 'custom',
        silent: true,
        z: 1,
        itemStyle: { color: palette.muted },
        encode: { x: 2, y: [0, 1] },
        data: timelines.flatMap(({ parent, switchLsn, timeline }) => {
          const from = parent === null ? undefined : rowOf.get(parent);
          if (from === undefined || switchLsn === null) return [];
          return [[from, rowOf.get(timeline)!, x(lsnOf(switchLsn))]];
        }),
        renderItem: (_: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) =>
          forkShape(api, palette),
      },
      {
        name: t('report.timelines.backup'),
        type: 'scatter',
        symbol: 'triangle',
        symbolSize: 12,
        z: 5,
        itemStyle: { color: palette.text, borderColor: palette.ground, borderWidth: 1, opacity: 1 },
        data: backups.flatMap((one, i) => {
          const row = one.timeline === null ? undefined : rowOf.get(one.timeline);
          return [...(row === undefined ? [] : [row]), timelines.length + i].map((at) => ({
            value: [x(lsnOf(one.startLsn)), at],
            backup: i,
          }));
        }),
        tooltip: {
          formatter: ({ data }: { data: { backup: number } }) => backupTooltip(backups[data.backup], view),
        },
      },
    ],
  };
}

/** What rows are called, and whether WAL of them is missing. */
function rowNamesOf({ timelines, backups, t, format }: TimelinesView): { name: string; isBad: boolean }[] {
  return [
    ...timelines.map(({ timeline, missing }) => {
      const count = missing.reduce((sum, one) => sum + one.count, 0);
      const name = t('report.timelines.row', { timeline });
      const holes = t('report.summary.missing', { count, number: format.number(count) });
      return { name: count === 0 ? name : `${name} · ✕ ${holes}`, isBad: count > 0 };
    }),
    ...backups.map((one) => {
      const name = t('report.timelines.backupRow', { name: printable(one.name) });
      const isBad = one.state !== 'complete' && one.state !== 'end-unknown';
      return {
        name: isBad ? `${name} · ✕ ${t(`report.timelines.states.${one.state}`)}` : name,
        isBad,
      };
    }),
  ];
}

/** Lines of the grid lie on whole segments, a power of two of them apart. */
function unitFor(span: bigint, segmentSize: bigint, most: bigint): bigint {
  let unit = segmentSize;
  while (span / unit > most) unit *= 2n;
  return unit;
}

function barsOf({ report, timelines, backups, t, format }: TimelinesView): Bar[] {
  const { archive } = report;
  const { segmentSize } = archive;
  const rowOf = new Map(timelines.map(({ timeline }, row) => [timeline, row]));
  const bar = (look: Look, { timeline, from, to }: Stretch, lines: TooltipLine[]): Bar[] => {
    const row = rowOf.get(timeline);
    const title = `${t('report.timelines.row', { timeline })}: ${t(`report.timelines.${look}`)}`;
    return row === undefined ? [] : [{ look, row, from, to, title, lines }];
  };
  const segments = ({
    first,
    last,
    count,
  }: {
    first: string;
    last: string;
    count: number;
  }): TooltipLine[] => [
    { name: t('report.timelines.segments'), value: format.number(count) },
    { name: t('report.timelines.first'), value: first },
    { name: t('report.timelines.last'), value: last },
  ];
  const ofNames = (look: Look, one: { timeline: number; first: string; last: string; count: number }) =>
    bar(look, stretchOf(one, segmentSize), segments(one));
  return [
    ...timelines.flatMap(({ timeline, runs, missing, expired }) => [
      ...runs.flatMap((run) =>
        bar('present', { timeline, from: lsnOf(run.startLsn), to: lsnOf(run.endLsn) }, segments(run)),
      ),
      ...missing.flatMap((one) => ofNames('missing', one)),
      ...expired.flatMap((one) => ofNames('expired', one)),
    ]),
    ...backups.flatMap(({ missing }) => missing.flatMap((one) => ofNames('missing', one))),
    ...archive.foreign.flatMap((one) => ofNames('foreign', one)),
    ...damagedSegments([...archive.problems, ...report.wal.problems], segmentSize).flatMap((one) =>
      bar('damaged', one, [{ name: 'LSN', value: formatLsn(one.from) }]),
    ),
    ...backups.flatMap(({ reach, startLsn, name }, i): Bar[] => {
      if (reach === undefined || reach.timelines.length === 0) return [];
      const from = lsnOf(startLsn);
      const to = highestOf(reach.timelines.map(({ lsn }) => lsnOf(lsn))) ?? from;
      return [
        {
          look: 'reach',
          row: timelines.length + i,
          from,
          to,
          title: printable(name),
          lines: reachLines(reach, t, format),
        },
      ];
    }),
  ];
}

const reachLines = (reach: Reach, t: Translate, format: Format): TooltipLine[] =>
  reach.timelines.map((one) => ({
    name: t('report.timelines.row', { timeline: one.timeline }),
    value: reachText(one, t, format),
  }));

/** `0/05000000, 3 May 2026, 10:00:00 UTC (to the end)` */
export function reachText(
  { lsn, time, complete }: Reach['timelines'][number],
  t: Translate,
  format: Format,
): string {
  const place = time === null ? lsn : `${lsn}, ${format.time(time)}`;
  return `${place} (${t(complete ? 'report.timelines.toEnd' : 'report.timelines.upTo')})`;
}

function backupTooltip(backup: TimelineRows['backups'][number], { t, format }: TimelinesView): HTMLElement {
  const { startLsn, stopTime, state, reach } = backup;
  return tooltipOf(t('report.timelines.backupRow', { name: printable(backup.name) }), [
    { name: t('common.state'), value: t(`report.timelines.states.${state}`) },
    { name: t('report.timelines.startLsn'), value: startLsn },
    ...(stopTime === null ? [] : [{ name: t('common.time'), value: format.time(stopTime) }]),
    ...(reach === undefined ? [] : reachLines(reach, t, format)),
  ]);
}

function styleOf(look: Look, palette: Palette) {
  const stripes = (color: string) => ({
    decal: { symbol: 'rect', color, dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: -Math.PI / 4 },
  });
  const styles: Record<Look, object> = {
    present: { color: palette.accent },
    reach: { color: palette.good },
    foreign: { color: palette.others, ...stripes(palette.ground) },
    expired: { color: palette.faint, borderColor: palette.muted, borderWidth: 1, borderType: 'dashed' },
    missing: { color: palette.bad, borderColor: palette.bad, borderWidth: 2, ...stripes(palette.ground) },
    damaged: { color: palette.warn, borderColor: palette.text, borderWidth: 1 },
  };
  return styles[look];
}

/** What is wrong is seen however small it is. */
const LEAST_WIDTH = 6;

const HEIGHTS: Partial<Record<Look, number>> = { reach: 6, missing: 20, damaged: 20 };

function barShape(look: Look, api: CustomSeriesRenderItemAPI) {
  const [left, y] = api.coord([api.value(1), api.value(0)]);
  const [right] = api.coord([api.value(2), api.value(0)]);
  const height = HEIGHTS[look] ?? 14;
  const width = Math.max(right - left, LEAST_WIDTH);
  return { type: 'rect', shape: { x: left, y: y - height / 2, width, height, r: 2 }, style: api.style() };
}

function forkShape(api: CustomSeriesRenderItemAPI, palette: Palette) {
  const [x, from] = api.coord([api.value(2), api.value(0)]);
  const [, to] = api.coord([api.value(2), api.value(1)]);
  return {
    type: 'group',
    children: [
      {
        type: 'line',
        shape: { x1: x, y1: from, x2: x, y2: to },
        style: { stroke: palette.text, lineWidth: 2 },
      },
      {
        type: 'circle',
        shape: { cx: x, cy: from, r: 4 },
        style: { fill: palette.ground, stroke: palette.text, lineWidth: 2 },
      },
      { type: 'circle', shape: { cx: x, cy: to, r: 4 }, style: { fill: palette.text } },
    ],
  };
}

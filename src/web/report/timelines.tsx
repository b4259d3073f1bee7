import { CustomChart, ScatterChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useCallback, useMemo } from 'preact/hooks';
import type { ArchiveJson, ReportJson } from '../../index.js';
import { printable } from '../../text/printable.js';
import { Chart, type OptionOf } from '../chart.js';
import { type Cell, DataTable } from '../data-table.js';
import { useSettings } from '../settings.js';
import { backupsOf, type ShownBackup } from './backups.js';
import { heightOf, reachText, timelineRows, timelinesOption } from './timelines-option.js';

use([CustomChart, ScatterChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

export function Timelines({ report }: { report: ReportJson }) {
  const { t, format } = useSettings();
  const { archive } = report;
  const rows = useMemo(() => timelineRows(report), [report]);
  const option = useCallback<OptionOf>(
    (palette, isNarrow, width) => timelinesOption({ ...rows, report, palette, isNarrow, width, t, format }),
    [report, rows, t, format],
  );
  const more = rows.moreBackups;
  return (
    <section aria-labelledby="timelines">
      <h2 id="timelines">{t('report.timelines.heading')}</h2>
      <p class="muted">{t('report.timelines.intro')}</p>
      <Chart option={option} height={heightOf(rows)} label={t('report.timelines.chartLabel')} />
      {more > 0 && (
        <p class="muted">{t('report.timelines.moreBackups', { count: more, number: format.number(more) })}</p>
      )}
      <Others archive={archive} />
      <SegmentTable archive={archive} />
      <ForkTable archive={archive} />
      <BackupTable report={report} />
    </section>
  );
}

/** What else lies in the archive, where there is any. */
function Others({ archive }: { archive: ArchiveJson }) {
  const { t, format } = useSettings();
  const kinds = ['duplicates', 'partial', 'notArchived', 'unused'] as const;
  const found = kinds.filter((kind) => archive[kind].length > 0);
  if (found.length === 0) return null;
  return (
    <p>
      {t('report.timelines.others')}:{' '}
      {found
        .map((kind) => t(`report.timelines.${kind}`, { number: format.number(archive[kind].length) }))
        .join(' · ')}
    </p>
  );
}

function SegmentTable({ archive }: { archive: ArchiveJson }) {
  const { t, format } = useSettings();
  const time = (value: string | null): Cell =>
    value === null ? '' : { text: format.time(value), exact: value };
  const stretch =
    (what: 'missing' | 'expired' | 'foreign') =>
    (one: { timeline: number; first: string; last: string; count: number }): Cell[] => [
      one.timeline,
      t(`report.timelines.${what}`),
      one.count,
      one.first,
      one.last,
      '',
      '',
      '',
      '',
      '',
      '',
    ];
  return (
    <DataTable
      heading={t('report.timelines.runsTable')}
      columns={[
        { head: t('common.timeline'), kind: 'number' },
        { head: t('common.state') },
        { head: t('report.timelines.segments'), kind: 'number' },
        { head: t('report.timelines.first'), kind: 'code' },
        { head: t('report.timelines.last'), kind: 'code' },
        { head: t('report.timelines.startLsn'), kind: 'code' },
        { head: t('report.timelines.endLsn'), kind: 'code' },
        { head: t('common.records'), kind: 'number' },
        { head: t('report.timelines.commits'), kind: 'number' },
        { head: t('report.timelines.firstCommit') },
        { head: t('report.timelines.lastCommit') },
      ]}
      rows={[
        ...archive.wal.flatMap(({ timeline, runs, missing, expired }) => [
          ...runs.map((run): Cell[] => [
            timeline,
            t('report.timelines.present'),
            run.count,
            run.first,
            run.last,
            run.startLsn,
            run.endLsn,
            run.records ?? '',
            run.commits ?? '',
            time(run.firstCommitTime),
            time(run.lastCommitTime),
          ]),
          ...missing.map(stretch('missing')),
          ...expired.map(stretch('expired')),
        ]),
        ...archive.foreign.map(stretch('foreign')),
      ]}
    />
  );
}

function ForkTable({ archive }: { archive: ArchiveJson }) {
  const { t } = useSettings();
  const forks = archive.wal.filter(({ parent }) => parent !== null);
  if (forks.length === 0) return null;
  return (
    <DataTable
      heading={t('report.timelines.forksTable')}
      columns={[
        { head: t('common.timeline'), kind: 'number' },
        { head: t('report.timelines.parent'), kind: 'number' },
        { head: t('report.timelines.switchLsn'), kind: 'code' },
        { head: t('report.timelines.reason') },
      ]}
      rows={forks.map(({ timeline, parent, switchLsn, reason }) => [
        timeline,
        parent ?? '',
        switchLsn ?? '',
        printable(reason ?? ''),
      ])}
    />
  );
}

function BackupTable({ report }: { report: ReportJson }) {
  const { t, format } = useSettings();
  const backups = backupsOf(report);
  const isVerified = backups.some(({ verified }) => verified !== null);
  const reachOf = ({ reach }: ShownBackup): string =>
    (reach?.timelines ?? [])
      .map((one) => `${t('report.timelines.row', { timeline: one.timeline })}: ${reachText(one, t, format)}`)
      .join('; ');
  return (
    <DataTable
      heading={t('report.timelines.backupsTable')}
      columns={[
        { head: t('common.name') },
        { head: t('common.state') },
        { head: t('common.timeline'), kind: 'number' },
        { head: t('report.timelines.startLsn'), kind: 'code' },
        { head: t('report.timelines.endLsn'), kind: 'code' },
        { head: t('common.time') },
        { head: t('report.timelines.reaches') },
        ...(isVerified ? [{ head: t('report.timelines.verified') }] : []),
      ]}
      rows={backups.map((one): Cell[] => [
        printable(one.name),
        t(`report.timelines.states.${one.state}`),
        one.timeline ?? '',
        one.startLsn ?? '',
        one.endLsn ?? '',
        one.stopTime === null ? '' : { text: format.time(one.stopTime), exact: one.stopTime },
        reachOf(one),
        ...(isVerified
          ? [
              one.verified === null
                ? ''
                : t(one.verified.sound ? 'report.timelines.sound' : 'report.timelines.unsound'),
            ]
          : []),
      ])}
    />
  );
}

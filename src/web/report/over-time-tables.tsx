import type { OverTimeJson, ReportJson } from '../../index.js';
import { printable } from '../../text/printable.js';
import { DataTable } from '../data-table.js';
import { useSettings } from '../settings.js';
import { Steps } from './over-time-data.js';

type Wal = ReportJson['wal'];

export function RmgrTable({ rmgrs }: { rmgrs: Wal['rmgrs'] }) {
  const { t } = useSettings();
  return (
    <DataTable
      heading={t('report.overTime.rmgrTable')}
      columns={[
        { head: t('report.overTime.rmgr'), kind: 'code' },
        { head: t('common.records'), kind: 'number' },
        { head: t('report.overTime.recordBytes'), kind: 'number' },
        { head: t('report.overTime.imageBytes'), kind: 'number' },
      ]}
      rows={rmgrs.map((one) => [one.rmgr, one.records, one.recordBytes, one.imageBytes])}
    />
  );
}

export function StepTable({ overTime }: { overTime: OverTimeJson }) {
  const { t, format } = useSettings();
  const { bytes, imageBytes, records, commits, aborts, checkpoints } = overTime;
  const steps = new Steps(overTime);
  const number = (head: string) => ({ head, kind: 'number' as const });
  return (
    <DataTable
      heading={t('report.overTime.stepTable')}
      columns={[
        { head: t('report.overTime.step') },
        number(t('common.records')),
        number(t('report.overTime.commits')),
        number(t('report.overTime.aborts')),
        number(t('report.overTime.checkpoints')),
        number(t('report.overTime.imageBytes')),
        ...bytes.map(({ rmgr }) => number(rmgr)),
      ]}
      rows={records.flatMap((count, i) =>
        count === 0
          ? []
          : [
              [
                format.time(steps.from(i)),
                ...[count, commits[i], aborts[i], checkpoints[i], imageBytes[i]],
                ...bytes.map(({ values }) => values[i]),
              ],
            ],
      )}
      note={t('report.overTime.emptySteps')}
    />
  );
}

export function EventTable({ wal }: { wal: Wal }) {
  const { t, format } = useSettings();
  const { restorePoints, clockSteps, moreRestorePoints, moreClockSteps } = wal;
  const notes = [
    ...(moreRestorePoints > 0
      ? [t('report.overTime.moreRestorePoints', { number: format.number(moreRestorePoints) })]
      : []),
    ...(moreClockSteps > 0
      ? [t('report.overTime.moreClockSteps', { number: format.number(moreClockSteps) })]
      : []),
  ];
  if (restorePoints.length + clockSteps.length === 0) return null;
  return (
    <DataTable
      heading={t('report.overTime.eventTable')}
      columns={[
        { head: t('common.time') },
        { head: t('report.timelines.what') },
        { head: t('common.lsn'), kind: 'code' },
        { head: t('common.timeline'), kind: 'number' },
      ]}
      rows={[
        ...restorePoints.map(({ time, name, lsn, timeline }) => [
          { text: format.time(time), exact: time },
          `${t('report.overTime.restorePoints')}: ${printable(name)}`,
          lsn,
          timeline,
        ]),
        ...clockSteps.map(({ from, to, lsn, timeline }) => [
          { text: format.time(to), exact: to },
          `${t('report.overTime.clockSteps')}: ${t('report.overTime.clockStep', { from: format.time(from), to: format.time(to) })}`,
          lsn,
          timeline,
        ]),
      ]}
      {...(notes.length > 0 && { note: notes.join(' ') })}
    />
  );
}

import { useMemo } from 'preact/hooks';
import type { ReportJson } from '../../index.js';
import { printable } from '../../text/printable.js';
import { type Cell, type Column, DataTable } from '../data-table.js';
import { useSettings } from '../settings.js';
import { nameText } from './names.js';
import { VolumeChart } from './volume-chart.js';

interface Volume {
  records: number;
  recordBytes: number;
  imageBytes: number;
}

/** Who wrote, how much, and what more a table says of it. */
interface Writer {
  name: string;
  more: Cell[];
  volume: Volume;
}

const bytesOf = ({ recordBytes, imageBytes }: Volume): number => recordBytes + imageBytes;

export function Writers({ wal }: { wal: ReportJson['wal'] }) {
  const { t } = useSettings();
  return (
    <section aria-labelledby="writers">
      <h2 id="writers">{t('report.writers.heading')}</h2>
      <p class="muted">{t('report.writers.intro')}</p>
      <div class="columns">
        <ByRelation wal={wal} />
        <ByTransaction wal={wal} />
        <ByKind wal={wal} />
      </div>
    </section>
  );
}

function ByRelation({ wal: { relations } }: { wal: ReportJson['wal'] }) {
  const { t, format } = useSettings();
  const { largest, others, none, exact } = relations;
  const writers = useMemo(
    () =>
      largest.map(({ relation, name, owner, ...volume }) => {
        const own = nameText(name) ?? printable(relation);
        const of = nameText(owner);
        return {
          name: of === null ? own : t('report.writers.ofTable', { name: own, table: of }),
          more: [printable(relation)],
          volume,
        };
      }),
    [largest, t],
  );
  return (
    <WritersBy
      heading={t('report.writers.relations')}
      columns={[{ head: t('common.name') }, { head: t('common.relation'), kind: 'code' }]}
      writers={writers}
      note={exact ? undefined : t('report.writers.inexact')}
      rest={[
        {
          name: t('report.writers.othersRelations', { number: format.number(others.relations) }),
          more: [''],
          volume: others,
        },
        { name: t('report.writers.noRelation'), more: [''], volume: none },
      ]}
    />
  );
}

function ByTransaction({ wal: { transactions } }: { wal: ReportJson['wal'] }) {
  const { t, format } = useSettings();
  const { largest, others, none } = transactions;
  const writers = useMemo(
    () =>
      largest.map(({ xid, timeline, state, lsn, time, ...volume }) => ({
        name: String(xid),
        more: [
          timeline,
          t(`report.writers.states.${state}`),
          lsn ?? '',
          time === null ? '' : { text: format.time(time), exact: time },
        ],
        volume,
      })),
    [largest, t, format],
  );
  return (
    <WritersBy
      heading={t('report.writers.transactions')}
      columns={[
        { head: t('common.transaction'), kind: 'code' },
        { head: t('common.timeline'), kind: 'number' },
        { head: t('common.state') },
        { head: t('common.lsn'), kind: 'code' },
        { head: t('common.time') },
      ]}
      writers={writers}
      rest={[
        {
          name: t('report.writers.othersTransactions', { number: format.number(others.transactions) }),
          more: ['', '', '', ''],
          volume: others,
        },
        { name: t('report.writers.noTransaction'), more: ['', '', '', ''], volume: none },
      ]}
    />
  );
}

function ByKind({ wal: { rmgrs } }: { wal: ReportJson['wal'] }) {
  const { t } = useSettings();
  const writers = useMemo(
    () =>
      rmgrs
        .flatMap(({ rmgr, kinds }) =>
          kinds.map(({ kind, ...volume }) => ({ name: printable(`${rmgr} ${kind}`), more: [], volume })),
        )
        .sort((a, b) => bytesOf(b.volume) - bytesOf(a.volume)),
    [rmgrs],
  );
  return (
    <WritersBy
      heading={t('report.writers.kinds')}
      columns={[{ head: t('common.kind') }]}
      writers={writers}
      rest={[]}
    />
  );
}

/** So many have a bar; the table has all. */
const BARS = 10;

function WritersBy(props: {
  heading: string;
  columns: Column[];
  writers: readonly Writer[];
  rest: readonly Writer[];
  note?: string | undefined;
}) {
  const { t, format } = useSettings();
  const { heading, columns, writers, rest, note } = props;
  const bars = useMemo(
    () => writers.slice(0, BARS).map(({ name, volume }) => ({ name, ...volume })),
    [writers],
  );
  const all = [...writers, ...rest.filter(({ volume }) => volume.records > 0 || bytesOf(volume) > 0)];
  const total = all.reduce((sum, { volume }) => sum + bytesOf(volume), 0);
  return (
    <div>
      <h3>{heading}</h3>
      {bars.length > 0 && <VolumeChart bars={bars} label={t('report.writers.chartLabel', { heading })} />}
      <DataTable
        heading={heading}
        note={note}
        columns={[
          ...columns,
          { head: t('common.records'), kind: 'number' },
          { head: t('report.overTime.recordBytes'), kind: 'number' },
          { head: t('report.overTime.imageBytes'), kind: 'number' },
          { head: t('report.writers.share'), kind: 'number' },
        ]}
        rows={all.map(({ name, more, volume }) => [
          name,
          ...more,
          volume.records,
          volume.recordBytes,
          volume.imageBytes,
          total === 0 ? '' : format.percent(bytesOf(volume) / total),
        ])}
      />
    </div>
  );
}

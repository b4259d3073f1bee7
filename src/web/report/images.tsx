import { useMemo } from 'preact/hooks';
import type { ReportJson } from '../../index.js';
import { DataTable } from '../data-table.js';
import { useSettings } from '../settings.js';
import { bytesText } from '../tooltip.js';
import { VolumeChart } from './volume-chart.js';

export function Images({ wal }: { wal: ReportJson['wal'] }) {
  const { t, format } = useSettings();
  const { images, checkpoints, olderCheckpoints } = wal;
  // in the order of time
  const bars = useMemo(
    () => checkpoints.toReversed().map(({ time, after }) => ({ name: format.shortTime(time), ...after })),
    [checkpoints, format],
  );
  const facts: [string, string][] = [
    [t('report.images.count'), format.number(images.count)],
    [t('report.images.stored'), bytesText(images.bytes, format)],
    [
      t('report.images.compressed'),
      `${format.number(images.compressed.count)} · ${bytesText(images.compressed.bytes, format)}`,
    ],
    [t('report.images.uncompressed'), bytesText(images.uncompressedBytes, format)],
    [t('report.images.share'), format.percent(images.share)],
  ];
  return (
    <section aria-labelledby="images">
      <h2 id="images">{t('report.images.heading')}</h2>
      {images.hints.map((hint) => (
        <p key={hint} class="hint">
          <span aria-hidden="true">→</span> {t(`report.images.hints.${hint}`)}
        </p>
      ))}
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p class="muted">{t('report.images.intro')}</p>
      {bars.length > 0 && <VolumeChart bars={bars} standing label={t('report.images.chartLabel')} />}
      {olderCheckpoints > 0 && (
        <p class="muted">
          {t('report.images.older', { count: olderCheckpoints, number: format.number(olderCheckpoints) })}
        </p>
      )}
      <DataTable
        heading={t('report.overTime.checkpoints')}
        columns={[
          { head: t('common.time') },
          { head: t('common.kind') },
          { head: t('common.timeline'), kind: 'number' },
          { head: t('common.lsn'), kind: 'code' },
          { head: t('report.images.redoLsn'), kind: 'code' },
          { head: t('common.records'), kind: 'number' },
          { head: t('report.overTime.recordBytes'), kind: 'number' },
          { head: t('report.overTime.imageBytes'), kind: 'number' },
        ]}
        rows={checkpoints.map(({ time, kind, timeline, lsn, redoLsn, after }) => [
          { text: format.time(time), exact: time },
          t(`report.images.kinds.${kind}`),
          timeline,
          lsn,
          redoLsn,
          after.records,
          after.recordBytes,
          after.imageBytes,
        ])}
      />
    </section>
  );
}

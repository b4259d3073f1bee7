import type { ReportJson } from '../../index.js';
import { useSettings } from '../settings.js';

export function Summary({ report }: { report: ReportJson }) {
  const { t, format } = useSettings();
  return (
    <section aria-labelledby="summary">
      <h2 id="summary">{t('report.summary.heading')}</h2>
      <dl class="facts">
        <dt>{t('report.summary.segments')}</dt>
        <dd>{format.number(report.wal.segments)}</dd>
      </dl>
    </section>
  );
}

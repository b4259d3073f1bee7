import { useEffect } from 'preact/hooks';
import type { ReportJson } from '../../index.js';
import { SettingsBar, useSettings } from '../settings.js';
import { Overview } from './overview.js';

/** The report as a page of its own. */
export function ReportPage({ report, licenses }: { report: ReportJson; licenses: string }) {
  const { t, format } = useSettings();
  const title = `${t('report.title')}: PostgreSQL ${report.wal.postgres}, ${report.wal.systemIdentifier}`;
  useEffect(() => {
    document.title = title;
  }, [title]);
  return (
    <>
      <a class="skip" href="#contents">
        {t('report.skip')}
      </a>
      <header class="page-head">
        <h1>{t('report.title')}</h1>
        <SettingsBar />
      </header>
      <main id="contents" tabIndex={-1}>
        <Overview report={report} />
      </main>
      <footer class="page-foot muted">
        <p>{t('report.madeBy', { version: report.walscan, time: format.time(report.made) })}</p>
        <details>
          <summary>{t('report.licenses')}</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
          <pre tabIndex={0}>{licenses}</pre>
        </details>
      </footer>
    </>
  );
}

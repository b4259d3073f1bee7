import type { ReportJson } from '../../index.js';
import { printable } from '../../text/printable.js';
import { useSettings } from '../settings.js';
import { problemsOf } from './problems-of.js';

export function Problems({ report }: { report: ReportJson }) {
  const { t, format } = useSettings();
  const problems = problemsOf(report);
  return (
    <section aria-labelledby="problems">
      <h2 id="problems">{t('report.problems.heading')}</h2>
      {problems.length === 0 && <p>{t('report.problems.none')}</p>}
      <ul class="problems">
        {problems.map(({ code, message, lsn, file }, i) => (
          <li key={i}>
            <code class="badge">{code}</code> <bdi lang="en">{printable(message)}</bdi>
            {lsn !== null && (
              <span class="muted">
                {' '}
                · LSN <code>{lsn}</code>
              </span>
            )}
            {file !== null && (
              <span class="muted">
                {' '}
                · {t('report.problems.file')} <code>{printable(file)}</code>
              </span>
            )}
          </li>
        ))}
      </ul>
      {report.leftOut.length > 0 && (
        <p class="muted">
          {t('report.problems.leftOut', {
            lists: format.list(
              report.leftOut.map(({ list, count }) =>
                t('report.problems.leftOutOf', { number: format.number(count), list }),
              ),
            ),
          })}
        </p>
      )}
    </section>
  );
}

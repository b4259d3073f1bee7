import type { IncidentJson } from '../../../index.js';
import { printable } from '../../../text/printable.js';
import { useSettings } from '../../settings.js';
import { Code } from '../parts/copy.js';
import { counted } from '../parts/counted.js';
import { Outcome } from '../parts/outcome.js';
import { Problems } from '../parts/problems.js';
import { TextAnswer } from '../parts/text-answer.js';
import { exactTime } from '../parts/times.js';
import { href, useRoute } from '../route.js';
import { useAnswer, useSession } from '../session.js';
import { TimeBounds } from './overview.js';

/** Transactions that deleted or changed many rows, dropped or truncated. */
export function IncidentsView() {
  const { t, format } = useSettings();
  const { params } = useRoute();
  const { since, until, rows } = params;
  const minRows = rows === undefined ? undefined : Number(rows);
  const asked = useAnswer(`incidents ${since} ${until} ${minRows}`, (engine, onProgress) =>
    engine.incidents({ since, until, minRows }, onProgress),
  );
  const countText = (count: number): string => t('page.incidents.count', counted(count, format));
  return (
    <section aria-labelledby="incidents-title">
      <h1 id="incidents-title">{t('page.views.incidents')}</h1>
      <p>{t('page.incidents.intro')}</p>
      <TimeBounds view="incidents" />
      <Outcome asked={asked} said={({ json }) => countText(json.incidents.length)}>
        {({ json, text }) => (
          <>
            <p>{countText(json.incidents.length)}</p>
            <Problems problems={json.problems} />
            {json.incidents.map((incident) => (
              <Incident key={`${incident.lsn} ${incident.relation} ${incident.kind}`} incident={incident} />
            ))}
            {json.older > 0 && <p>{t('report.incidents.older', counted(json.older, format))}</p>}
            <TextAnswer text={text} />
          </>
        )}
      </Outcome>
    </section>
  );
}

function Incident({ incident }: { incident: IncidentJson }) {
  const { t, format, zone } = useSettings();
  const { opened } = useSession();
  const { kind, time, xid, lsn, relation, name, rows, columns, command, rowsCommand, undoCommand } = incident;
  const timeline = String(Math.max(...incident.timelines));
  const title =
    name === null
      ? (relation ?? incident.databaseName ?? t('report.incidents.database', { oid: incident.database }))
      : [name.database, name.schema, name.name].filter((part) => part !== '').join('.');
  const what = [
    rows && rows.deleted > 0 ? t('report.incidents.deleted', counted(rows.deleted, format)) : '',
    rows && rows.updated > 0 ? t('report.incidents.updated', counted(rows.updated, format)) : '',
    columns ? t('report.incidents.columns', { names: columns.map(printable).join(', ') }) : '',
    incident.files ? t('report.incidents.files', { number: format.number(incident.files) }) : '',
  ].filter((part) => part !== '');
  return (
    <article class="card incident">
      <h2>
        <span class={`kind-label ${kind}`}>{t(`page.incidents.kinds.${kind}`)}</span>{' '}
        <span class="mono">{printable(title)}</span>
      </h2>
      <p>
        <time dateTime={time}>{exactTime(time, zone)}</time>
        {what.map((part) => ` · ${part}`)} · {t('page.transaction', { xid })}
        {incident.unlogged === true && ` · ${t('report.incidents.unlogged')}`}
      </p>
      <p class="links">
        <a href={href('records', { timeline, record: lsn })}>{t('page.incidents.commitRecord', { lsn })}</a>
        <a href={href('records', { timeline, xid: String(xid) })}>{t('page.incidents.itsRecords')}</a>
        {relation && <a href={href('find-commit', { rel: relation })}>{t('page.views.find-commit')}</a>}
        {opened.backups.length > 0 && (
          <a href={href('plan', { lsn: incident.stopLsn ?? lsn, exclusive: '1' })}>{t('page.planBefore')}</a>
        )}
        {name !== null && kind === 'rows' && opened.backups.length > 0 && (
          <a
            href={href('rows', {
              database: name.database,
              table: `${name.schema}.${name.name}`,
              deleted: String(xid),
            })}
          >
            {t('report.incidents.rows')}
          </a>
        )}
      </p>
      <details>
        <summary>{t('page.commands')}</summary>
        {[command, rowsCommand, undoCommand].map(
          (text) =>
            text !== null && (
              <Code key={text} text={text} shown={printable(text)} label={t('page.commands')} />
            ),
        )}
      </details>
    </article>
  );
}

import { useEffect, useState } from 'preact/hooks';
import type { IncidentJson, IncidentsJson } from '../../index.js';
import { printable } from '../../text/printable.js';
import { CopyButton } from '../copy-button.js';
import { useOnPaper } from '../paper.js';
import { useSettings } from '../settings.js';
import { kindOf, subjectOf } from './names.js';

/** How many are listed at first, and how many more at a time: what comes below is to be found, too. */
const FIRST = 5;
const MORE = 50;

export function Incidents(props: {
  answer: IncidentsJson;
  selected: IncidentJson | undefined;
  onShow: (incident: IncidentJson) => void;
}) {
  const { t, format } = useSettings();
  const { answer, selected, onShow } = props;
  const { incidents, older } = answer;
  const [limit, setLimit] = useState(FIRST);
  const place = selected === undefined ? -1 : incidents.indexOf(selected);
  useEffect(() => setLimit((before) => Math.max(before, place + 1)), [place]);
  const shown = useOnPaper() ? incidents : incidents.slice(0, limit);
  const more = Math.min(incidents.length - shown.length, MORE);
  return (
    <section aria-labelledby="incidents">
      <h2 id="incidents">{t('report.incidents.heading')}</h2>
      <p class="muted">
        {incidents.length === 0 ? t('report.summary.noIncidentText') : t('report.incidents.intro')}
      </p>
      <ol class="incidents">
        {shown.map((incident, i) => (
          <Incident key={i} incident={incident} isSelected={i === place} onShow={onShow} />
        ))}
      </ol>
      {more > 0 && (
        <button type="button" onClick={() => setLimit(limit + more)}>
          {t('report.incidents.more', { count: more, number: format.number(more) })}
        </button>
      )}
      {older > 0 && <p>{t('report.incidents.older', { count: older, number: format.number(older) })}</p>}
    </section>
  );
}

function Incident(props: {
  incident: IncidentJson;
  isSelected: boolean;
  onShow: (incident: IncidentJson) => void;
}) {
  const { t, format } = useSettings();
  const { incident, isSelected, onShow } = props;
  const { time, xid, lsn, timelines, relation, name, command, rowsCommand, undoCommand } = incident;
  return (
    <li class={isSelected ? 'incident selected' : 'incident'} aria-current={isSelected || undefined}>
      <div class="incident-head">
        <time dateTime={time} title={time}>
          {format.time(time)}
        </time>
        <span class="badge">{t(`report.incidents.kinds.${kindOf(incident)}`)}</span>
        <strong>
          <bdi>{subjectOf(incident)}</bdi>
        </strong>
        <IncidentRows incident={incident} />
        <button type="button" class="show" aria-pressed={isSelected} onClick={() => onShow(incident)}>
          {t('report.incidents.show')}
        </button>
      </div>
      <p class="muted">
        {t('common.transaction')} {xid} · LSN <code>{lsn}</code> · {t('common.timeline')}{' '}
        {timelines.join(', ')}
        {name !== null && relation !== null && (
          <>
            {' · '}
            <code>{printable(relation)}</code>
          </>
        )}
        {notesOf(incident, t, format.list).map((note) => ` · ${note}`)}
      </p>
      <dl class="commands">
        <Command name={t('report.incidents.find')} command={command} />
        <Command name={t('report.incidents.rows')} command={rowsCommand} />
        <Command name={t('report.incidents.undo')} command={undoCommand} />
      </dl>
    </li>
  );
}

/** How many rows an incident deleted and changed. */
export function IncidentRows({ incident, before = '' }: { incident: IncidentJson; before?: string }) {
  const { t, format } = useSettings();
  if (incident.rows === null) return null;
  const { deleted, updated } = incident.rows;
  const parts = [
    ...(deleted > 0
      ? [t('report.incidents.deleted', { count: deleted, number: format.number(deleted) })]
      : []),
    ...(updated > 0
      ? [t('report.incidents.updated', { count: updated, number: format.number(updated) })]
      : []),
  ];
  return (
    <span>
      {before}
      {parts.join(', ')}
    </span>
  );
}

function notesOf(
  incident: IncidentJson,
  t: ReturnType<typeof useSettings>['t'],
  list: (items: string[]) => string,
): string[] {
  const { columns, files, unlogged, mayBeToastOf, unknownFiles, stopLsn, database, databaseName } = incident;
  return [
    columns && t('report.incidents.columns', { names: list(columns.map(printable)) }),
    files !== null && t('report.incidents.files', { number: files }),
    unknownFiles !== undefined && t('report.incidents.unknownFiles', { number: unknownFiles }),
    unlogged === true && t('report.incidents.unlogged'),
    unlogged === null && t('report.incidents.mayBeUnlogged'),
    mayBeToastOf !== undefined && t('report.incidents.mayBeToastOf', { relation: printable(mayBeToastOf) }),
    database !== null && databaseName !== null && t('report.incidents.database', { oid: database }),
    stopLsn && t('report.incidents.stopLsn', { lsn: stopLsn }),
  ].filter((note) => typeof note === 'string');
}

/** A command to go on with. What cannot be shown as it is cannot be copied: nobody pastes what they have not seen. */
export function Command({ name, command }: { name: string; command: string | null }) {
  const { t } = useSettings();
  if (command === null) return null;
  const shown = printable(command);
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <code>{shown}</code>
        {shown === command && (
          <CopyButton text={command} label={t('report.incidents.copyCommand', { command })} />
        )}
      </dd>
    </div>
  );
}

import { colours } from '../../text/colours.js';
import { count } from '../../text/count.js';
import { printable } from '../../text/printable.js';
import { formatTimestampTz, type TimeZone } from '../../text/timezone.js';
import { formatLsn } from '../../wal/lsn.js';
import type { IncidentFound, IncidentsResult } from './run.js';

const { bold, red, yellow, cyan } = colours;

/** @param nameOf the name of a relation, where it is known */
export function incidentsText(
  result: IncidentsResult,
  commandOf: (incident: IncidentFound) => string,
  zone: TimeZone,
  nameOf: (relation: string) => string | undefined = () => undefined,
): string {
  const { postgres, systemIdentifier, timelines, segments, incidents, older, problems } = result;
  const lines = [
    `PostgreSQL ${postgres}, system identifier ${systemIdentifier}`,
    `Read ${count(segments, 'segment')} of timeline${timelines.length > 1 ? 's' : ''} ${timelines.join(', ')}`,
    ...problems.map(({ message }) => yellow(printable(message))),
  ];
  for (const incident of incidents) {
    const { time, xid, lsn } = incident;
    lines.push(
      '',
      `${bold(formatTimestampTz(time, zone))}  ${whatText(incident, nameOf)}`,
      `  transaction ${xid}, committed at ${formatLsn(lsn)}, timeline${incident.timelines.length > 1 ? 's' : ''} ${incident.timelines.join(', ')}`,
      `  ${cyan(printable(commandOf(incident)))}`,
    );
  }
  if (incidents.length === 0) lines.push('', 'No such transaction in this WAL.');
  if (older > 0) lines.push('', `and ${older} older ones: see --since, --until and --min-rows`);
  return `${lines.join('\n')}\n`;
}

function whatText(incident: IncidentFound, nameOf: (relation: string) => string | undefined): string {
  if (incident.kind === 'drop-database') return red(`dropped database ${incident.database}`);
  const { relation } = incident;
  const name = nameOf(relation);
  const table = name === undefined ? relation : `${printable(name)} (${relation})`;
  if (incident.kind === 'rows') {
    const { deleted, updated } = incident;
    const done = [
      ...(deleted > 0 ? [red(`deleted ${count(deleted, 'row')}`)] : []),
      ...(updated > 0 ? [`updated ${count(updated, 'row')}`] : []),
    ];
    return `${done.join(', ')} of ${table}`;
  }
  const files = incident.files > 1 ? ` (${incident.files} files in all)` : '';
  const what = {
    drop: red('dropped'),
    truncate: red('truncated'),
    'drop-or-truncate': red('dropped or truncated'),
    rewrite: 'rewrote',
    unknown: red('dropped, truncated or rewrote'),
  }[incident.kind];
  return `${what} ${table}${files}`;
}

import { formatRelationName } from '../../replay/relation-names.js';
import { colours } from '../../text/colours.js';
import { count } from '../../text/count.js';
import { printable } from '../../text/printable.js';
import { formatTimestampTz, type TimeZone } from '../../text/timezone.js';
import { formatLsn } from '../../wal/lsn.js';
import { backupText } from '../given.js';
import { REMOVED } from '../removed.js';
import { unloggedText } from '../unlogged.js';
import { nextCommand, rowsCommand, undoCommandOf } from './command.js';
import type { IncidentFound, IncidentsResult } from './run.js';

const { bold, red, yellow, cyan } = colours;

/** The transactions, newest first, each with the command to go on with. */
export function incidentsText(result: IncidentsResult, zone: TimeZone): string {
  const { postgres, systemIdentifier, timelines, segments, incidents, older, problems, storedBackup } =
    result;
  const commandOf = nextCommand(result);
  const rowsOf = rowsCommand(result);
  const undoOf = undoCommandOf(result);
  const lines = [
    `PostgreSQL ${postgres}, system identifier ${systemIdentifier}`,
    `Read ${count(segments, 'segment')} of timeline${timelines.length > 1 ? 's' : ''} ${timelines.join(', ')}`,
    ...(storedBackup === undefined ? [] : [backupText(storedBackup)]),
    ...problems.map(({ message }) => yellow(printable(message))),
  ];
  for (const incident of incidents) {
    const { time, xid, lsn } = incident;
    lines.push(
      '',
      `${bold(formatTimestampTz(time, zone))}  ${whatText(incident, result)}`,
      `  transaction ${xid}, committed at ${formatLsn(lsn)}, timeline${incident.timelines.length > 1 ? 's' : ''} ${incident.timelines.join(', ')}`,
      ...unloggedLines(incident),
      ...[commandOf(incident), rowsOf(incident) ?? [], undoOf(incident) ?? []]
        .flat()
        .map((one) => `  ${cyan(printable(one))}`),
    );
  }
  if (incidents.length === 0) lines.push('', 'No such transaction in this WAL.');
  if (older > 0) lines.push('', `and ${older} older ones: see --since, --until and --min-rows`);
  return `${lines.join('\n')}\n`;
}

function unloggedLines(incident: IncidentFound): string[] {
  const warning = 'unlogged' in incident ? unloggedText(incident) : undefined;
  return warning === undefined ? [] : [yellow(`  ${warning}`)];
}

function whatText(
  incident: IncidentFound,
  { names, databases }: Pick<IncidentsResult, 'names' | 'databases'>,
): string {
  if (incident.kind === 'drop-database') {
    const { database } = incident;
    const known = databases?.get(database);
    return red(`dropped database ${known === undefined ? database : `${printable(known)} (${database})`}`);
  }
  const { relation } = incident;
  const name = names?.get(relation);
  const table = name === undefined ? relation : `${printable(formatRelationName(name))} (${relation})`;
  if (incident.kind === 'rows') {
    const { deleted, updated } = incident;
    const done = [
      ...(deleted > 0 ? [red(`deleted ${count(deleted, 'row')}`)] : []),
      ...(updated > 0 ? [`updated ${count(updated, 'row')}`] : []),
    ];
    return `${done.join(', ')} of ${table}`;
  }
  if (incident.kind === 'drop-column') {
    const columns = incident.columns.map(printable).join(', ');
    return `${red(`dropped column${incident.columns.length === 1 ? '' : 's'} ${columns}`)} of ${table}`;
  }
  const unknown =
    incident.unknownFiles > 0 ? `, of which ${incident.unknownFiles} may be of other tables` : '';
  const files = incident.files > 1 ? ` (${incident.files} files in all${unknown})` : '';
  const done = REMOVED[incident.kind];
  const what = incident.kind === 'rewrite' ? done : red(done);
  const { mayBeToastOf } = incident;
  const toast = mayBeToastOf === undefined ? '' : `, which may be the TOAST table of ${mayBeToastOf}`;
  return `${what} ${table}${files}${toast}`;
}

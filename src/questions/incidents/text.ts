import { formatRelationName } from '../../replay/relation-names.js';
import { colours } from '../../text/colours.js';
import { printable } from '../../text/printable.js';
import { formatTimestampTz, type TimeZone } from '../../text/timezone.js';
import { toCopy } from '../../text/to-copy.js';
import { ENGLISH, type Say, sayIn, type Tongue } from '../../text/tongue.js';
import { formatLsn } from '../../wal/lsn.js';
import { several } from '../../wal/message.js';
import { olderSaid, rowsSaid, segmentsReadSaid, timelinesSaid } from '../amounts.js';
import { backupSaid } from '../given.js';
import { REMOVED } from '../removed.js';
import { unloggedText } from '../unlogged.js';
import { reachText } from '../wal-reach.js';
import { prefixLines, whoLines } from '../who/text.js';
import { nextCommand, rowsCommand, undoCommandOf } from './command.js';
import { MIN_ROWS } from './incident.js';
import type { IncidentFound, IncidentsResult } from './run.js';

const { bold, red, yellow } = colours;

/** The transactions, newest first, each with the command to go on with. */
export function incidentsText(result: IncidentsResult, zone: TimeZone, tongue: Tongue = ENGLISH): string {
  const say = sayIn(tongue);
  const { postgres, systemIdentifier, timelines, segments, incidents, older, problems, storedBackup } =
    result;
  const commandOf = nextCommand(result);
  const rowsOf = rowsCommand(result);
  const undoOf = undoCommandOf(result);
  const lines = [
    say`PostgreSQL ${postgres}, system identifier ${systemIdentifier}`,
    tongue.textOf(segmentsReadSaid(segments, timelines)),
    ...(storedBackup === undefined ? [] : [say`${backupSaid(storedBackup)}`]),
    ...prefixLines(result.logs, say),
    ...problems.map(({ said }) => yellow(printable(tongue.textOf(said)))),
  ];
  for (const incident of incidents) {
    const { time, xid, lsn } = incident;
    lines.push(
      '',
      `${bold(formatTimestampTz(time, zone))}  ${whatText(incident, result, say)}`,
      `  ${say`transaction ${xid}, committed at ${formatLsn(lsn)}, ${timelinesSaid(incident.timelines)}`}`,
      ...unloggedLines(incident, say),
      ...whoLines(result.logs?.who, incident, zone, say).map((line) => `  ${line}`),
      ...[commandOf(incident), rowsOf(incident) ?? [], undoOf(incident) ?? []]
        .flat()
        .map((one) => `  ${toCopy(printable(one))}`),
    );
  }
  if (incidents.length === 0) {
    lines.push(
      '',
      say`No such transaction in this WAL: none changed so many rows of one table (--min-rows, ${MIN_ROWS} unless given), and none dropped or truncated one.`,
    );
  }
  if (result.reach !== undefined) lines.push(say`What there is: ${reachText(result.reach, zone)}.`);
  if (older > 0) lines.push('', say`${olderSaid(older)}: see --limit, --since, --until and --min-rows`);
  return `${lines.join('\n')}\n`;
}

function unloggedLines(incident: IncidentFound, say: Say): string[] {
  const warning = 'unlogged' in incident ? unloggedText(incident, say) : undefined;
  return warning === undefined ? [] : [yellow(`  ${warning}`)];
}

function whatText(
  incident: IncidentFound,
  { names, databases }: Pick<IncidentsResult, 'names' | 'databases'>,
  say: Say,
): string {
  if (incident.kind === 'drop-database') {
    const { database } = incident;
    const known = databases?.get(database);
    return red(say`dropped database ${known === undefined ? database : `${printable(known)} (${database})`}`);
  }
  const { relation } = incident;
  const name = names?.get(relation);
  const table = name === undefined ? relation : `${printable(formatRelationName(name))} (${relation})`;
  if (incident.kind === 'rows') {
    const { deleted, updated } = incident;
    const done = [
      ...(deleted > 0 ? [red(say`deleted ${rowsSaid(deleted)}`)] : []),
      ...(updated > 0 ? [say`updated ${rowsSaid(updated)}`] : []),
    ];
    return say`${done.join(', ')} of ${table}`;
  }
  if (incident.kind === 'drop-column') {
    const { columns } = incident;
    const names = columns.map(printable).join(', ');
    return say`${red(say`${several(columns.length, 'dropped column {1}', 'dropped columns {1}', names)}`)} of ${table}`;
  }
  const { kind, files, unknownFiles, mayBeToastOf } = incident;
  const done = say`${REMOVED[kind]}`;
  const text = `${kind === 'rewrite' ? done : red(done)} ${table}${filesText(files, unknownFiles, say)}`;
  return mayBeToastOf === undefined ? text : say`${text}, which may be the TOAST table of ${mayBeToastOf}`;
}

function filesText(files: number, unknown: number, say: Say): string {
  if (files <= 1) return '';
  const told =
    unknown > 0
      ? say`${files} files in all, of which ${unknown} may be of other tables`
      : say`${files} files in all`;
  return ` (${told})`;
}

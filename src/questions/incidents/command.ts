import { formatLsn } from '../../wal/lsn.js';
import { pathArgument } from '../plan/shell.js';
import { type CommandPlaces, undoCommand } from '../undo/command.js';
import type { IncidentFound, IncidentsResult } from './run.js';

/**
 * The command to go on with after each incident: `find-commit`, which tells more of what a table lost last and how
 * to recover to before that, and `plan` for all that it does not tell of. Where it is not known where they are, `WAL`
 * and `BACKUP` stand for the WAL and for a base backup; find-commit does with facts what incidents did.
 */
export function nextCommand({
  incidents,
  places,
  backups,
  facts,
  cipherPassFile,
}: Pick<IncidentsResult, 'incidents' | 'places' | 'backups' | 'facts' | 'cipherPassFile'>): (
  incident: IncidentFound,
) => string {
  const last = new Map<string, IncidentFound>();
  for (const incident of incidents) {
    const relation = lostBy(incident);
    if (relation !== undefined && !last.has(relation)) last.set(relation, incident);
  }
  const where = whereOf(places, cipherPassFile);
  const searched = facts === undefined ? where : searchedOf(facts, places, cipherPassFile);
  return (incident) => {
    const relation = lostBy(incident);
    if (relation !== undefined && last.get(relation) === incident) {
      const names = backups === undefined ? '' : ` ${backupOptions(backups)}`;
      return `walscan find-commit --rel ${relation}${names} ${searched}`;
    }
    const timeline = Math.max(...incident.timelines);
    const lsn = incident.kind === 'drop-database' ? incident.stopLsn : incident.lsn;
    return `walscan plan ${backupOptions(backups)} --lsn ${formatLsn(lsn)} --exclusive --timeline ${timeline} ${where}`;
  };
}

/** PostgreSQL's majors whose base backups `rows` reads. */
const OLDEST_WITH_ROWS = 13;

/**
 * The command that gives the rows that an incident took, or all as they were before it, where `rows` can, which finds none
 * of unlogged tables. The same words stand for what is not known as in {@link nextCommand}.
 */
export function rowsCommand({
  places,
  backups,
  postgres,
  cipherPassFile,
}: Pick<IncidentsResult, 'places' | 'backups' | 'postgres' | 'cipherPassFile'>): (
  incident: IncidentFound,
) => string | undefined {
  const where = whereOf(places, cipherPassFile);
  return (incident) => {
    const { kind, xid, lsn, timelines } = incident;
    if (kind === 'drop-database' || kind === 'rewrite' || postgres < OLDEST_WITH_ROWS) return undefined;
    if ('unlogged' in incident && incident.unlogged === true) return undefined;
    const isLoss = kind === 'rows' ? incident.deleted > 0 : kind !== 'drop-column';
    const question = isLoss ? `--deleted-by ${xid}` : `--as-of ${formatLsn(lsn)}`;
    const timeline = Math.max(...timelines);
    return `walscan rows --rel ${incident.relation} ${backupOptions(backups)} ${question} --timeline ${timeline} ${where}`;
  };
}

/** The command that prints SQL which takes an incident back, with all else that its transaction changed, where that can be. */
export function undoCommandOf(
  result: Pick<IncidentsResult, 'postgres' | keyof CommandPlaces>,
): (incident: IncidentFound) => string | undefined {
  return (incident) => {
    const { kind, xid, timelines } = incident;
    if (kind === 'drop-database' || kind === 'rewrite' || kind === 'drop-column') return undefined;
    if ('unlogged' in incident && incident.unlogged === true) return undefined;
    const timeline = Math.max(...timelines);
    return undoCommand({ xid, timeline, postgres: result.postgres }, result);
  };
}

const backupOptions = (backups: readonly string[] = ['BACKUP']): string =>
  backups.map((one) => `--backup ${pathArgument(one)}`).join(' ');

function searchedOf(facts: string, places: readonly string[] = [], cipherPassFile?: string): string {
  const option = `--facts ${pathArgument(facts)}`;
  return places.length === 0 ? option : `${option} ${whereOf(places, cipherPassFile)}`;
}

function whereOf(places: readonly string[] = ['WAL'], cipherPassFile?: string): string {
  const paths = places.map(pathArgument).join(' ');
  return cipherPassFile === undefined ? paths : `--cipher-pass-file ${pathArgument(cipherPassFile)} ${paths}`;
}

/** What `find-commit` looks for: rows deleted, a table dropped or truncated. */
function lostBy(incident: IncidentFound): string | undefined {
  switch (incident.kind) {
    case 'rows':
      return incident.deleted > 0 ? incident.relation : undefined;
    case 'drop':
    case 'truncate':
    case 'drop-or-truncate':
    case 'unknown':
      return incident.relation;
    default:
      return undefined;
  }
}

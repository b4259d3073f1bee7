import { formatLsn } from '../../wal/lsn.js';
import { pathArgument } from '../plan/shell.js';
import type { IncidentFound, IncidentsResult } from './run.js';

/**
 * The command to go on with after each incident: `find-commit`, which tells more of what a table lost last and how
 * to recover to before that, and `plan` for all that it does not tell of. Where it is not known where they are, `WAL`
 * and `BACKUP` stand for the WAL and for a base backup.
 */
export function nextCommand({
  incidents,
  places = ['WAL'],
  backup,
}: Pick<IncidentsResult, 'incidents' | 'places' | 'backup'>): (incident: IncidentFound) => string {
  const last = new Map<string, IncidentFound>();
  for (const incident of incidents) {
    const relation = lostBy(incident);
    if (relation !== undefined && !last.has(relation)) last.set(relation, incident);
  }
  const where = places.map(pathArgument).join(' ');
  return (incident) => {
    const relation = lostBy(incident);
    if (relation !== undefined && last.get(relation) === incident) {
      const names = backup === undefined ? '' : ` --backup ${pathArgument(backup)}`;
      return `walscan find-commit --rel ${relation}${names} ${where}`;
    }
    const timeline = Math.max(...incident.timelines);
    const base = backup === undefined ? 'BACKUP' : pathArgument(backup);
    const lsn = incident.kind === 'drop-database' ? incident.stopLsn : incident.lsn;
    return `walscan plan --backup ${base} --lsn ${formatLsn(lsn)} --exclusive --timeline ${timeline} ${where}`;
  };
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

import { type ProblemJson, problemJson } from '../../follow/wal-problems.js';
import { formatLsn } from '../../wal/lsn.js';
import { formatTimestampIso } from '../../wal/timestamp.js';
import type { IncidentFound, IncidentsResult } from './run.js';

/** What `walscan incidents --json` prints: LSNs as `0/04000680`, times in UTC with microseconds. */
export interface IncidentsJson {
  postgres: number;
  systemIdentifier: string;
  timelines: number[];
  segments: number;
  /** Newest first. */
  incidents: IncidentJson[];
  older: number;
  problems: ProblemJson[];
}

/** An incident as JSON: the commit's time in UTC, LSNs as `0/04000680`. */
export interface IncidentJson {
  time: string;
  xid: number;
  /** Of the commit. */
  lsn: string;
  timelines: number[];
  kind: IncidentFound['kind'];
  /** Null for a database. */
  relation: string | null;
  /** The relation's name, where a base backup tells it. */
  name: string | null;
  /** Deleted and updated; null where a relation or a database was removed as a whole. */
  rows: { deleted: number; updated: number } | null;
  /** How many files the transaction removed in all; null of a change of rows and of a database. */
  files: number | null;
  /** Its oid. */
  database: number | null;
  /** The record that recovery has to stop before; null but for a database, where it is not that of the commit. */
  stopLsn: string | null;
  /** The command to go on with. */
  command: string;
}

/**
 * Makes JSON of the answers of an `IncidentsRun`.
 * @param commandOf the command to go on with
 * @param nameOf the name of a relation, where it is known
 */
export function incidentsJson(
  result: IncidentsResult,
  commandOf: (incident: IncidentFound) => string,
  nameOf: (relation: string) => string | undefined = () => undefined,
): IncidentsJson {
  return {
    postgres: result.postgres,
    systemIdentifier: String(result.systemIdentifier),
    timelines: result.timelines,
    segments: result.segments,
    incidents: result.incidents.map((incident) => {
      const relation = incident.kind === 'drop-database' ? undefined : incident.relation;
      return {
        time: formatTimestampIso(incident.time),
        xid: incident.xid,
        lsn: formatLsn(incident.lsn),
        timelines: incident.timelines,
        kind: incident.kind,
        relation: relation ?? null,
        name: (relation && nameOf(relation)) ?? null,
        rows: incident.kind === 'rows' ? { deleted: incident.deleted, updated: incident.updated } : null,
        files: 'files' in incident ? incident.files : null,
        database: incident.kind === 'drop-database' ? incident.database : null,
        stopLsn: incident.kind === 'drop-database' ? formatLsn(incident.stopLsn) : null,
        command: commandOf(incident),
      };
    }),
    older: result.older,
    problems: result.problems.map(problemJson),
  };
}

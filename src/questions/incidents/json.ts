import { type HeadJson, headJson } from '../../cluster/answer-head.js';
import type { RelationName } from '../../replay/relation-names.js';
import type { Problem } from '../../wal/error.js';
import { formatLsn } from '../../wal/lsn.js';
import { formatTimestampIso } from '../../wal/timestamp.js';
import { unloggedJson } from '../unlogged.js';
import { type WhoJson, whoJson } from '../who/json.js';
import { nextCommand, rowsCommand, undoCommandOf } from './command.js';
import type { IncidentFound, IncidentsResult } from './run.js';

/** What `walscan incidents --json` prints: LSNs as `0/04000680`, times in UTC with microseconds. */
export interface IncidentsJson extends HeadJson {
  /** How many were read. */
  segments: number;
  /** The base backup, as its tool names it; null where there is none of a backup tool's repository. */
  backup: string | null;
  /** Newest first. */
  incidents: IncidentJson[];
  /** There are so many more, older than these. */
  older: number;
  problems: Problem[];
}

/** An incident as JSON: the commit's time in UTC, LSNs as `0/04000680`. */
export interface IncidentJson {
  time: string;
  xid: number;
  /** Of the commit. */
  lsn: string;
  timelines: number[];
  kind: IncidentFound['kind'];
  /** `tablespace/database/relfilenode`; null for a database. */
  relation: string | null;
  /** What the relation is called; null where no base backup tells it. */
  name: RelationName | null;
  /** Deleted and updated; null where a relation or a database was removed as a whole. */
  rows: { deleted: number; updated: number } | null;
  /** With a drop of columns their names, or `number 3` where that is not known; else null. */
  columns: string[] | null;
  /** How many files the transaction removed in all; null of a change of rows and of a database. */
  files: number | null;
  /** Of what lost its file: `true` where it is unlogged, so that no recovery brings its rows back; null where it may be. */
  unlogged?: true | null;
  /** There only where the WAL does not tell a table from a TOAST table: the relation that it may belong to. */
  mayBeToastOf?: string;
  /** There only where the WAL does not tell of so many of the files whether they are of other tables. */
  unknownFiles?: number;
  /** Its oid. */
  database: number | null;
  /** What a database is called; null where no base backup tells it, and of all else. */
  databaseName: string | null;
  /** The record that recovery has to stop before; null but for a database, where it is not that of the commit. */
  stopLsn: string | null;
  /** The command to go on with. */
  command: string;
  /** The command that gives the rows as they were before; null where there is none. */
  rowsCommand: string | null;
  /** The command that prints SQL which takes back what the transaction changed; null where there is none. */
  undoCommand: string | null;
  /** Who did it; there only where logs of the server were given. */
  who?: WhoJson;
}

/** Makes JSON of what `findIncidents` gives. */
export function incidentsJson(result: IncidentsResult): IncidentsJson {
  const { segments, incidents, older, problems } = result;
  const commandOf = nextCommand(result);
  const rowsOf = rowsCommand(result);
  const undoOf = undoCommandOf(result);
  return {
    ...headJson(result),
    segments,
    backup: result.storedBackup?.name ?? null,
    incidents: incidents.map((incident) =>
      incidentJson(incident, result, commandOf(incident), rowsOf, undoOf),
    ),

    older,
    problems: problems.map((problem) => problem.toJSON()),
  };
}

function incidentJson(
  incident: IncidentFound,
  { names, databases, logs }: Pick<IncidentsResult, 'names' | 'databases' | 'logs'>,
  command: string,
  rowsOf: (incident: IncidentFound) => string | undefined,
  undoOf: (incident: IncidentFound) => string | undefined,
): IncidentJson {
  const relation = incident.kind === 'drop-database' ? undefined : incident.relation;
  return {
    time: formatTimestampIso(incident.time),
    xid: incident.xid,
    lsn: formatLsn(incident.lsn),
    timelines: incident.timelines,
    kind: incident.kind,
    relation: relation ?? null,
    name: (relation !== undefined && names?.get(relation)) || null,
    rows: incident.kind === 'rows' ? { deleted: incident.deleted, updated: incident.updated } : null,
    columns: incident.kind === 'drop-column' ? incident.columns : null,
    files: 'files' in incident ? incident.files : null,
    ...('unlogged' in incident ? unloggedJson(incident) : {}),
    ...('mayBeToastOf' in incident && incident.mayBeToastOf !== undefined
      ? { mayBeToastOf: incident.mayBeToastOf }
      : {}),
    ...('unknownFiles' in incident && incident.unknownFiles > 0
      ? { unknownFiles: incident.unknownFiles }
      : {}),
    database: incident.kind === 'drop-database' ? incident.database : null,
    databaseName: (incident.kind === 'drop-database' && databases?.get(incident.database)) || null,
    stopLsn: incident.kind === 'drop-database' ? formatLsn(incident.stopLsn) : null,
    command,
    rowsCommand: rowsOf(incident) ?? null,
    undoCommand: undoOf(incident) ?? null,
    ...whoJson(logs?.who, incident),
  };
}

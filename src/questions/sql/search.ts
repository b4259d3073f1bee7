import type { FileChanges } from '../../follow/removal.js';
import type { TransactionPoint } from '../../follow/transaction-end.js';
import type { WalSpan } from '../../reader/span.js';
import type { Lsn } from '../../wal/lsn.js';
import type { Incident } from '../incidents/incident.js';
import type { IncidentPart } from '../incidents/scan.js';
import { type FileListener, IncidentSearch } from '../incidents/search.js';
import type { TimelineSearch } from '../timeline-searches.js';
import type { AnswerRow } from './answers.js';

type Removal = AnswerRow<'removals'>;

/** No transaction changes so many rows: SQL counts these. */
const NO_ROWS = { minRows: Number.POSITIVE_INFINITY };

/** What became of files on one timeline, as incidents and find-commit would tell it of each. */
export class RemovalSearch implements TimelineSearch<IncidentPart> {
  readonly repacked: AnswerRow<'repacked'>[] = [];
  private readonly search: IncidentSearch;
  /** Of files, by commit and file. */
  private readonly removals = new Map<string, Removal>();

  constructor(readonly timeline: number) {
    const listener = this.addEnd.bind(this);
    this.search = new IncidentSearch(NO_ROWS, undefined, undefined, listener);
  }

  get span(): WalSpan | undefined {
    return this.search.span;
  }

  get undecodable(): readonly Lsn[] {
    return this.search.undecodable;
  }

  add(part: IncidentPart): void {
    this.search.add(part);
  }

  /** Once all parts are in. */
  finish(): Removal[] {
    const databases: Removal[] = [];
    for (const incident of this.search.incidents) {
      if (incident.kind === 'drop-database') databases.push(this.databaseRow(incident));
      else if ('files' in incident) this.addIncident(incident);
    }
    return [...this.removals.values(), ...databases];
  }

  private addEnd({ files, repacked, ...end }: Parameters<FileListener>[0]): void {
    const { timeline } = this;
    for (const key of repacked) this.repacked.push({ timeline, lsn: end.lsn, ...locatorOf(key) });
    if (files !== undefined) this.addFiles(end, files);
  }

  private addFiles(commit: TransactionPoint, files: FileChanges): void {
    for (const relation of files.dropped) {
      if (files.isOwn(relation)) continue;
      const { kind, newRelation } = files.removalOf(relation, false);
      this.removals.set(`${commit.lsn} ${relation.key}`, {
        ...this.rowOf(commit),
        relation: relation.key,
        kind,
        kind_of_table: files.removalOf(relation, true).kind,
        new_relation: newRelation?.key,
        unlogged: files.isUnlogged(relation),
      });
    }
  }

  private addIncident(incident: Extract<Incident, { files: number }>): void {
    const row = this.removals.get(`${incident.lsn} ${incident.relation}`);
    if (row === undefined) return;
    row.incident = incident.kind;
    row.files = incident.files;
    row.unlogged = incident.unlogged;
    row.may_be_toast_of = incident.mayBeToastOf;
    row.unknown_files = incident.unknownFiles;
  }

  private databaseRow(incident: Extract<Incident, { database: number }>): Removal {
    const { kind, database, stopLsn } = incident;
    return { ...this.rowOf(incident), database, incident: kind, stop_lsn: stopLsn };
  }

  private rowOf({ lsn, xid, time }: TransactionPoint): Removal {
    return {
      ...{ timeline: this.timeline, lsn, xid, time },
      ...{ relation: undefined, database: undefined, kind: undefined, kind_of_table: undefined },
      ...{ new_relation: undefined, unlogged: undefined, incident: undefined, files: undefined },
      ...{ may_be_toast_of: undefined, unknown_files: undefined, stop_lsn: undefined },
    };
  }
}

function locatorOf(key: string): Pick<AnswerRow<'repacked'>, 'tablespace' | 'database' | 'relfilenode'> {
  const [tablespace, database, relfilenode] = key.split('/').map(Number);
  return { tablespace, database, relfilenode };
}

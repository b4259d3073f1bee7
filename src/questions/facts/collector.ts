import { RelationAt } from '../../follow/relation-at.js';
import { Scanner } from '../../follow/scanner.js';
import { ABORT, COMMIT, type TransactionEvents } from '../../follow/transaction-events.js';
import type { Lsn } from '../../wal/lsn.js';
import type { WalRecord } from '../../wal/record.js';
import { RM_STANDBY_ID, RM_XACT_ID, RM_XLOG_ID } from '../../wal/rmgr-id.js';
import { addRecord, noFacts, type WalFacts } from '../archive/scan.js';
import type { Volume } from '../report/volume.js';
import { changeRows } from './change-rows.js';
import { fileRows } from './file-rows.js';
import { TableWriter } from './parquet.js';
import { PointRows } from './point-rows.js';
import { recordRow } from './record-rows.js';
import { FactsSink } from './sink.js';
import type { Unsettled } from './state.js';
import type { FactRow, FactTable } from './tables.js';
import { assignmentRows, TransactionDetails, topXidsOf, transactionColumns } from './transaction-rows.js';
import { Volumes } from './volumes.js';

/** What is to be kept beside the usual. */
export interface FactsQuery {
  /** A row for each record. */
  records: boolean;
}

/** A table of facts, as its file is stored. */
export interface FactFile {
  table: string;
  bytes: Uint8Array;
}

/** What stretches of WAL come to, that is no row of a table but of `segments`. */
export interface FactSums {
  volume: Volume;
  commits: number;
  aborts: number;
  facts: WalFacts;
  undecodable: Lsn[];
  unsettled: Unsettled;
}

const newWriters = () => ({
  transactions: new TableWriter('transactions'),
  changes: new TableWriter('changes'),
  files: new TableWriter('files'),
  checkpoints: new TableWriter('checkpoints'),
  restore_points: new TableWriter('restore_points'),
  relations: new TableWriter('relations'),
  rmgrs: new TableWriter('rmgrs'),
  records: new TableWriter('records'),
});

/** So many rows of `records` are together until they are written. */
const MOST_RECORDS = 50_000;

/** Makes the tables of facts of one record after the other. */
export class FactsCollector {
  private readonly writers = newWriters();
  private readonly volumes = new Volumes();
  private readonly sums = {
    ...{ commits: 0, aborts: 0, facts: noFacts() },
    undecodable: [] as Lsn[],
    unsettled: { speculative: [], settled: [] } as Unsettled,
  };
  private readonly at = new RelationAt();
  private scanner = new Scanner(new FactsSink());
  private details = new TransactionDetails();
  private points = new PointRows();
  private records: FactRow<'records'>[] = [];
  /** How many of `changes` are written. */
  private changes = 0;

  /** @param from the start of the segment: places are counted from there */
  constructor(
    private readonly from: Lsn,
    private readonly query: FactsQuery,
  ) {}

  take(record: WalRecord): void {
    this.scanner.take(record);
    this.volumes.add(record, this.at);
    const { rmid } = record;
    if (rmid === RM_XACT_ID) this.details.add(record);
    if (rmid === RM_XLOG_ID || rmid === RM_STANDBY_ID) this.points.add(record);
    addRecord(this.sums.facts, record);
    if (this.query.records) this.addRow(record);
  }

  private addRow(record: WalRecord): void {
    if (this.records.push(recordRow(record)) === MOST_RECORDS) this.writeRecords();
  }

  private writeRecords(): void {
    this.writers.records.appendRows(this.records);
    this.records = [];
  }

  /** Writes what was taken in, so that no more of a large segment is in memory: what comes then is another stretch. */
  flush(): void {
    const { writers, sums, points, details } = this;
    const { rows, events, assignments, files, databases, undecodable } = this.scanner.build();
    const { columns: changes, places } = changeRows(rows.changes, events, this.from);
    const tops = topXidsOf(changes, assignments);
    writers.changes.append(changes, rows.changes.length);
    writers.transactions.append(transactionColumns(events, tops, details), events.kinds.length);
    writers.transactions.appendRows(assignmentRows(assignments));
    writers.files.appendRows(fileRows(files, databases, rows.indexes, events));
    writers.checkpoints.appendRows(points.checkpoints);
    writers.restore_points.appendRows(points.restorePoints);
    this.writeRecords();
    this.countEnds(events);
    for (const lsn of undecodable) sums.undecodable.push(lsn);
    for (const [row, insert] of rows.changes.speculative) {
      sums.unsettled.speculative.push([this.changes + places[row], insert]);
    }
    for (const [row, settled] of rows.changes.settled) {
      sums.unsettled.settled.push([this.changes + places[row], settled]);
    }
    this.changes += rows.changes.length;
    this.scanner = new Scanner(new FactsSink());
    this.details = new TransactionDetails();
    this.points = new PointRows();
  }

  private countEnds({ kinds }: TransactionEvents): void {
    for (const kind of kinds) {
      if (kind === COMMIT) this.sums.commits++;
      else if (kind === ABORT) this.sums.aborts++;
    }
  }

  /** No more can be taken in after that. */
  finish(): { files: FactFile[]; sums: FactSums } {
    this.flush();
    const { writers, volumes } = this;
    writers.relations.appendRows(volumes.relationRows());
    writers.rmgrs.appendRows(volumes.rmgrRows());
    const files = Object.entries(writers).flatMap(([table, writer]): FactFile[] => {
      const bytes = writer.finish();
      return bytes === undefined ? [] : [{ table: table as FactTable, bytes }];
    });
    return { files, sums: { ...this.sums, volume: volumes.total } };
  }
}

import type { Interruptions } from '../../follow/interruption.js';
import { isSameFile, matchesAny, type RelationFilter } from '../../follow/relation.js';
import type { CataloguedFiles, RemovalKind } from '../../follow/removal.js';
import type { RowChangesTable } from '../../follow/row-changes.js';
import { Scanner } from '../../follow/scanner.js';
import type { TransactionPoint } from '../../follow/transaction-end.js';
import { formatLocator } from '../../rmgr/locator.js';
import { MAIN_FORK, type RelFileLocator, type WalRecord } from '../../wal/record.js';
import { RM_HEAP_ID, RM_HEAP2_ID } from '../../wal/rmgr-id.js';
import { findCommitScan } from '../find-commit/scan.js';
import { FindCommitSearch, type RelationFound } from '../find-commit/search.js';

/** What a first look at the WAL tells of relations: their files, and what they lost. */
export interface RowsScanned {
  files: RelFileLocator[];
  found: RelationFound[];
  /** Keys of relations that hold no rows: indexes and sequences. */
  others: ReadonlySet<string>;
}

/** The end of a transaction after which rows of a table were gone. */
interface RowLoss {
  commit: TransactionPoint;
  /** False: its file went, and the WAL does not tell whether the rows went on in a new one. */
  isCertain: boolean;
}

/** As many records are taken in at a time. */
const RECORDS_IN_CHUNK = 100_000;

/** Takes in the WAL record by record, and finds by the rules of find-commit what relations lost. */
export class RowScan {
  private readonly seen = new Map<string, RelFileLocator>();
  /** Relations that rows, or pages of rows, were written to. */
  private readonly withRows = new Set<string>();
  private readonly others = new Set<string>();
  private readonly search: FindCommitSearch;
  private scanner: Scanner<RowChangesTable>;
  private taken = 0;

  /** @param catalogued what catalogs tell of files */
  constructor(
    private readonly relations: readonly RelationFilter[],
    catalogued?: CataloguedFiles,
  ) {
    this.search = new FindCommitSearch({ relation: relations, transactions: 0 }, undefined, catalogued);
    this.scanner = this.newScanner();
  }

  private newScanner(): Scanner<RowChangesTable> {
    return new Scanner(findCommitScan({ relation: this.relations }).newSink());
  }

  /** Takes in the next record. @param read what could not be read of the WAL so far */
  take(record: WalRecord, read: Interruptions): void {
    if (record.rmid === RM_HEAP_ID || record.rmid === RM_HEAP2_ID) this.see(record);
    this.scanner.take(record);
    if (++this.taken % RECORDS_IN_CHUNK === 0) this.flush(read);
  }

  /** To be called when all records are in. */
  finish(read: Interruptions): RowsScanned {
    this.flush(read);
    const found = this.search.finish();
    // a table of which there are whole pages only; what else was removed may be an index
    for (const { relation, file } of found) if (this.withRows.has(relation)) this.seen.set(relation, file);
    return { files: [...this.seen.values()], found, others: this.others };
  }

  private see(record: WalRecord): void {
    const block = record.blocks.find(
      ({ fork, rel }) => fork === MAIN_FORK && matchesAny(this.relations, rel),
    );
    if (block) this.seen.set(formatLocator(block.rel), block.rel);
  }

  /** So that what is kept does not grow with the WAL. */
  private flush(read: Interruptions): void {
    const chunk = this.scanner.build();
    for (const [relation, { row, other }] of chunk.files.contents) {
      if (row !== undefined) this.withRows.add(relation);
      else if (other !== undefined) this.others.add(relation);
    }
    this.search.addChunk(chunk, read);
    this.scanner = this.newScanner();
  }
}

/**
 * The transactions that last deleted rows of the relations, dropped or truncated them: what find-commit gives recovery
 * targets for. The latest come first, those of which it is not certain after all others.
 */
export function lastLosers(found: readonly RelationFound[]): number[] {
  const losses = found.flatMap(lossesOf);
  losses.sort((a, b) => (a.commit.lsn < b.commit.lsn ? 1 : -1));
  const certain = losses.filter(({ isCertain }) => isCertain);
  const others = losses.filter(({ isCertain }) => !isCertain);
  return [...new Set([...certain, ...others].map(({ commit }) => commit.xid))];
}

function lossesOf({ lastDelete, removed }: RelationFound): RowLoss[] {
  const deletion = lastDelete && { commit: lastDelete.commit, isCertain: true };
  const removal =
    removed && removed.kind !== 'rewrite'
      ? { commit: removed.commit, isCertain: removed.kind !== 'unknown' }
      : undefined;
  return [deletion, removal].filter((loss) => loss !== undefined);
}

/** How a relation's file came to its end with that of a transaction; undefined where it did not. */
export function removalBy(
  end: TransactionPoint,
  file: RelFileLocator,
  found: readonly RelationFound[],
): RemovalKind | undefined {
  const relation = found.find((one) => isSameFile(one.file, file));
  return relation?.removed?.commit.lsn === end.lsn ? relation.removed.kind : undefined;
}

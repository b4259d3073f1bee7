import type { Lsn } from '../wal/lsn.js';
import type { FileContent } from './file-use.js';

/**
 * How a transaction removed a table's file: it made none in its place (`drop`), one that it wrote no row to
 * (`truncate`), or one that it filled (`rewrite`: VACUUM FULL, CLUSTER, an ALTER TABLE that rewrites).
 */
export type RemovalKind = 'drop' | 'truncate' | 'rewrite';

/** A file that a transaction made, and what it wrote to it. */
export interface CreatedFile extends FileContent {
  relation: string;
}

type Contents = ReadonlyMap<string, FileContent>;

/** @param contents what the WAL around its creation tells of files */
export function createdFile(relation: string, contents: Contents): CreatedFile {
  return { relation, row: undefined, other: undefined, ...contents.get(relation) };
}

/** Adds what later WAL tells of files that a transaction made. */
export function addContents(files: readonly CreatedFile[], contents: Contents): void {
  for (const file of files) {
    const content = contents.get(file.relation);
    file.row ??= content?.row;
    file.other ??= content?.other;
  }
}

/** The file as the transaction left it: what came after its commit was written by others. */
export function asOf({ relation, row, other }: CreatedFile, commit: Lsn): CreatedFile {
  const before = (lsn: Lsn | undefined): Lsn | undefined =>
    lsn !== undefined && lsn < commit ? lsn : undefined;
  return { relation, row: before(row), other: before(other) };
}

export interface Removal {
  kind: RemovalKind;
  /** The file that took its place; undefined where there is none, or where the WAL does not tell which it is. */
  newRelation: string | undefined;
}

/**
 * What became of a table, whose file `relation` is one of those that a commit drops.
 *
 * A commit names the files that it drops, and the WAL before it those that it made, but not which takes the place
 * of which. TRUNCATE makes a new file for each old one; the list of drops has the last one first, so that the two
 * lists pair up, as they do for REINDEX. All else works table by table and makes a table's file right before that
 * of its TOAST table. Files of indexes and sequences are known by their content.
 * @param isTable rows of it have been seen; else it may be an index
 */
export function removalOf(
  relation: string,
  dropped: readonly string[],
  created: readonly CreatedFile[],
  isTable: boolean,
): Removal {
  const stays = (file: CreatedFile | undefined): file is CreatedFile =>
    file !== undefined && isHeap(file) && !dropped.includes(file.relation);
  const place = dropped.length - 1 - dropped.indexOf(relation);
  const counterpart = created.length === dropped.length ? created[place] : undefined;
  if (counterpart && !isTable && !created.some(isHeap)) {
    return { kind: 'rewrite', newRelation: counterpart.relation };
  }
  const tables = stays(counterpart)
    ? [counterpart]
    : created.filter((file, i) => stays(file) && !stays(created[i - 1]));
  if (tables.length === 0) return { kind: 'drop', newRelation: undefined };
  const isFilled = tables.some(({ row }) => row !== undefined);
  return {
    kind: isFilled ? 'rewrite' : 'truncate',
    newRelation: tables.length === 1 ? tables[0].relation : undefined,
  };
}

/** Of a table or a TOAST table, as far as what was written to it tells. */
const isHeap = ({ other }: CreatedFile): boolean => other === undefined;

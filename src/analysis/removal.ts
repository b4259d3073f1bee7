import type { FileContent } from './file-use.js';

/**
 * How a transaction removed a relation's file: it made none in its place (`drop`), one that it wrote no row to
 * (`truncate`), or one that it filled (`rewrite`: VACUUM FULL, CLUSTER, an ALTER TABLE that rewrites).
 */
export type RemovalKind = 'drop' | 'truncate' | 'rewrite';

/** A file that a transaction made, and what it wrote to it. */
export interface CreatedFile extends FileContent {
  relation: string;
}

/**
 * What became of `relation`, one of the files that a commit drops.
 *
 * A commit names the files that it drops and those that it made, and not which of them takes the place of which.
 * TRUNCATE makes a new file for each old one, and the list of drops has the last one first, so that the two lists
 * pair up. The other commands make the table's file before that of its TOAST table; those of indexes are known by
 * their content, and those that are dropped again were made in passing.
 */
export function removalOf(
  relation: string,
  dropped: readonly string[],
  created: readonly CreatedFile[],
): { kind: RemovalKind; newRelation: string | undefined } {
  const tables = created.filter((file) => file.other === undefined && !dropped.includes(file.relation));
  if (tables.length === 0) return { kind: 'drop', newRelation: undefined };
  const counterpart =
    created.length === dropped.length ? created[dropped.length - 1 - dropped.indexOf(relation)] : undefined;
  const file =
    counterpart && tables.includes(counterpart)
      ? counterpart
      : (tables.find(({ row }) => row !== undefined) ?? tables[0]);
  return { kind: file.row === undefined ? 'truncate' : 'rewrite', newRelation: file.relation };
}

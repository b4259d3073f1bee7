import type { Lsn } from '../wal/lsn.js';
import { isIndexOfRepack, rewrittenOid } from './catalog-row.js';
import type { FileAct, FileContent, FileCreation, FileNaming, FileUse } from './file-use.js';
import type { Relation } from './relation.js';

/** A file that a transaction made, and what it wrote to it. */
export interface CreatedFile extends FileContent {
  relation: Relation;
  /** Where it was made, or named where its making is not told, as that of an unlogged table. */
  lsn: Lsn;
  /** What the transaction inserted into pg_class for it; a relation that was there before has no such row. */
  name: string | undefined;
  /** It was cut to nothing. */
  truncated: boolean;
  /** Undefined where its making is not told. */
  unlogged: boolean | undefined;
  /** `pg_class.relkind`, where it is told. */
  kind: string | undefined;
}

/** `relkind` of indexes, partitioned ones, and sequences. */
const INDEX_KINDS = 'iIS';

/** Whether a relation of a kind, a TOAST table or a materialized view as well as a table, holds rows. */
export const holdsRows = (kind: string): boolean => !INDEX_KINDS.includes(kind);

/**
 * The keys of the files that REPACK (CONCURRENTLY), since 19, made, where a transaction is one; else none. What it
 * wrote to them are copies of rows and repetitions of what others did to those meanwhile: no changes of its own. It
 * runs in no transaction block, so that nothing else is in its transaction; and nothing else names files so, beside
 * each other.
 */
export function filesOfRepack(created: readonly CreatedFile[]): ReadonlySet<string> {
  const names = created.flatMap(({ name }) => name ?? []);
  const isRepack = names.some((name) => rewrittenOid(name) !== undefined) && names.some(isIndexOfRepack);
  return new Set(isRepack ? created.map(({ relation }) => relation.key) : []);
}

/** The files that a transaction id made, in that order. */
export class CreatedFiles {
  /** By key of the relation; made when needed: most transactions make no file. */
  private files: Map<string, CreatedFile> | undefined;

  /** Those of all of a transaction's ids, as they were at its commit: what came after was written by others. */
  static of(group: readonly { files: CreatedFiles }[], commit: Lsn): CreatedFile[] {
    const before = (lsn: Lsn | undefined): Lsn | undefined =>
      lsn !== undefined && lsn < commit ? lsn : undefined;
    const all = group.flatMap(({ files }) => [...(files.files?.values() ?? [])]);
    if (group.length > 1) all.sort((a, b) => (a.lsn < b.lsn ? -1 : a.lsn > b.lsn ? 1 : 0));
    return all.map((file) => ({ ...file, row: before(file.row), other: before(file.other) }));
  }

  /** @param contents what the WAL around its creation tells of files */
  create(creation: FileCreation, contents: Contents): void {
    const file = this.files?.get(creation.relation.key);
    // up to 11 a table has its name before it is told that it is unlogged; of indexes it may be told twice
    if (file !== undefined && creation.unlogged) file.unlogged = true;
    else this.add(creation, creation, contents);
  }

  private add(
    { lsn, relation }: FileAct,
    { unlogged, kind }: Partial<FileCreation>,
    contents: Contents,
  ): CreatedFile {
    const content = { row: undefined, other: undefined, ...contents.get(relation.key) };
    if (kind !== undefined && !holdsRows(kind)) content.other ??= lsn;
    const file = { relation, lsn, name: undefined, truncated: false, unlogged, kind, ...content };
    this.files ??= new Map();
    this.files.delete(relation.key);
    this.files.set(relation.key, file);
    return file;
  }

  /** Takes in that the transaction gave a file its name in pg_class. */
  name(naming: FileNaming, contents: Contents): void {
    const file = this.files?.get(naming.relation.key) ?? this.add(naming, {}, contents);
    file.name = naming.name;
  }

  /** Takes in that a file was cut to nothing, which is of interest only where the transaction made it. */
  truncate({ relation }: FileAct): void {
    const file = this.files?.get(relation.key);
    if (file) file.truncated = true;
  }

  /** Adds what later WAL tells of the files. */
  addContents(contents: Contents): void {
    if (this.files === undefined) return;
    for (const file of this.files.values()) {
      const content = contents.get(file.relation.key);
      file.row ??= content?.row;
      file.other ??= content?.other;
    }
  }
}

type Contents = ReadonlyMap<string, FileContent>;

/** Hands what a stretch of WAL says of files to the transactions that did it, in the order of the WAL. */
export class FileUseAt {
  private created = 0;
  private named = 0;
  private truncated = 0;

  constructor(private readonly use: FileUse) {}

  /**
   * Goes on to a position, or to the end.
   * @param filesOf those of a transaction id that is open at a position
   */
  addUpTo(end: Lsn | undefined, filesOf: (xid: number, lsn: Lsn) => CreatedFiles): void {
    const { creations, namings, truncations, contents } = this.use;
    const done = this.created + this.named + this.truncated;
    if (done === creations.length + namings.length + truncations.length) return;
    const next = (files: readonly FileAct[], at: number): boolean =>
      at < files.length && (end === undefined || files[at].lsn < end);
    // a file is made before anything else is done with it
    for (; next(creations, this.created); this.created++) {
      const file = creations[this.created];
      if (file.xid !== 0) filesOf(file.xid, file.lsn).create(file, contents);
    }
    for (; next(namings, this.named); this.named++) {
      const file = namings[this.named];
      filesOf(file.xid, file.lsn).name(file, contents);
    }
    for (; next(truncations, this.truncated); this.truncated++) {
      const file = truncations[this.truncated];
      if (file.xid !== 0) filesOf(file.xid, file.lsn).truncate(file);
    }
  }
}

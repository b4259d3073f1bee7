import type { WalSpan } from '../reader/span.js';
import type { Lsn } from '../wal/lsn.js';
import { rewrittenOid } from './catalog-row.js';
import type { FileContent, FileCreation, FileNaming, FileUse } from './file-use.js';

/**
 * How a transaction removed a table's file:
 * - `drop`: DROP, the table is gone;
 * - `truncate`: TRUNCATE, the table goes on in a new file, whatever the transaction then put there;
 * - `drop-or-truncate`: the transaction did both to tables, and the WAL does not tell which to this one;
 * - `rewrite`: its rows went on in a new file (VACUUM FULL, CLUSTER, REPACK, an ALTER TABLE that rewrites or moves it);
 * - `unknown`: one of all these.
 */
export type RemovalKind = 'drop' | 'truncate' | 'drop-or-truncate' | 'rewrite' | 'unknown';

/** A file that a transaction made, and what it wrote to it. */
export interface CreatedFile extends FileContent {
  relation: string;
  /** Where it was made, or named where its making is not told, as that of an unlogged table. */
  lsn: Lsn;
  /** What the transaction inserted into pg_class for it; a relation that was there before has no such row. */
  name: string | undefined;
  /** It was cut to nothing. */
  truncated: boolean;
}

/** The files that a transaction id made, in that order. */
export class CreatedFiles {
  /** Made when needed: most transactions make no file. */
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
  create({ lsn, relation }: FileCreation, contents: Contents): CreatedFile {
    const content = { row: undefined, other: undefined, ...contents.get(relation) };
    const file = { relation, lsn, name: undefined, truncated: false, ...content };
    this.files ??= new Map();
    this.files.delete(relation);
    this.files.set(relation, file);
    return file;
  }

  /** Takes in that the transaction gave a file its name in pg_class. */
  name(naming: FileNaming, contents: Contents): void {
    const file = this.files?.get(naming.relation) ?? this.create(naming, contents);
    file.name = naming.name;
  }

  /** Takes in that a file was cut to nothing, which is of interest only where the transaction made it. */
  truncate({ relation }: FileCreation): void {
    const file = this.files?.get(relation);
    if (file) file.truncated = true;
  }

  /** Adds what later WAL tells of the files. */
  addContents(contents: Contents): void {
    if (this.files === undefined) return;
    for (const file of this.files.values()) {
      const content = contents.get(file.relation);
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
    const next = (files: readonly FileCreation[], at: number): boolean =>
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

/** Whether WAL that lies between two positions could not be read. */
export function isInterrupted({ gaps, damages }: WalSpan, from: Lsn, to: Lsn): boolean {
  return (
    gaps.some((gap) => from < gap.to && gap.to <= to) ||
    damages.some(({ resumedAt }) => from < resumedAt && resumedAt <= to)
  );
}

export interface Removal {
  kind: RemovalKind;
  /** The file that took its place; undefined where there is none, or where the WAL does not tell which it is. */
  newRelation: string | undefined;
}

/**
 * The oids of relations by their files, as far as transactions tell that gave a relation another file. A file that
 * is not known here has the number that its relation has, or had another one before: numbers are not used again
 * before 2^32 others.
 */
export class FileOwners {
  private readonly oids = new Map<string, number>();

  ownerOf(relation: string): number {
    return this.oids.get(relation) ?? numberOf(relation);
  }

  /** Takes in what a transaction that has committed did to files. */
  add(changes: FileChanges): void {
    for (const [relation, oid] of changes.owners) this.oids.set(relation, oid);
    for (const relation of changes.dropped) this.oids.delete(relation);
  }
}

/** What became of the files that a commit drops. Made once for each commit: it costs as much as there are files. */
export class FileChanges {
  /** By new file, the oid of the relation that it is of. */
  readonly owners = new Map<string, number>();
  private readonly created = new Map<string, CreatedFile>();
  private readonly isDropped: ReadonlySet<string>;
  /** By old file, the new one into which a rewrite put the rows. */
  private readonly rewritten = new Map<string, CreatedFile>();
  /** By old file, the new one that the same relation has: by TRUNCATE, SET TABLESPACE, REINDEX. */
  private readonly replaced = new Map<string, CreatedFile>();
  /** New files of relations that were there before, by other ways than a rewrite. */
  private readonly refiled: CreatedFile[];
  /** Of those that are not of indexes: in which tablespaces they are, and whether some were replaced in turn. */
  private readonly heapTablespaces: ReadonlySet<string>;
  private readonly hasPassingHeaps: boolean;
  /** Rows of pg_class that name such files may lie in WAL that could not be read. */
  private readonly mayLackNames: boolean;
  private readonly hasRewrites: boolean;
  /** Rewrites of which it is not known which file they took the rows from. */
  private readonly openRewrites: CreatedFile[] = [];
  /** Old files of what belongs to a rewritten table: of its TOAST table and of the index of that. */
  private readonly besideRewritten = new Set<string>();
  /** Tables were rewritten, and by all appearance nothing was dropped for good. */
  readonly isBalanced: boolean;
  /** One table was rewritten, and certainly nothing else done to files. */
  private readonly isAllRewritten: boolean;

  /**
   * A commit names the files that it drops, the last one first, and the WAL before it those that it made, but not
   * which takes the place of which. Whatever rewrites a table first makes a table `pg_temp_<oid>` beside it
   * (make_new_heap, cluster.c, repack.c in 19), of which there is a row in pg_class then. Without such a row, a new
   * file of a relation that was there before is made right where the old one is dropped, so that both orders agree.
   * @param dropped as {@link CreatedFile.relation}, in the order of the commit
   * @param created in the order of the WAL
   * @param isLost whether WAL could not be read between a position and the commit
   * @param mayBeCut whether it may have made files that are not seen, since it may have begun before the WAL read
   */
  constructor(
    readonly dropped: readonly string[],
    created: readonly CreatedFile[],
    private readonly known: FileOwners,
    isLost: (since: Lsn) => boolean,
    private readonly mayBeCut: boolean,
  ) {
    for (const file of created) this.created.set(file.relation, file);
    this.isDropped = new Set(dropped);
    this.refiled = created.filter(({ name }) => name === undefined);
    const heaps = this.refiled.filter(isHeap);
    this.heapTablespaces = new Set(heaps.map(({ relation }) => tablespaceOf(relation)));
    this.hasPassingHeaps = heaps.some(({ relation }) => this.isDropped.has(relation));
    // what could not be read since the first was made
    this.mayLackNames = heaps.length > 0 && isLost(heaps[0].lsn);
    const rewrites = created.filter((file) => oidOf(file) !== undefined);
    this.hasRewrites = rewrites.length > 0;
    const inOrder = [...dropped].reverse();
    this.matchRewrites(rewrites, inOrder);
    this.findToast(created);
    this.matchRefiled(inOrder.filter((relation) => this.created.get(relation)?.name === undefined));
    const left = created.filter(({ relation }) => !this.isDropped.has(relation));
    this.isBalanced = this.hasRewrites && this.isBalancedBy(rewrites, left);
    this.isAllRewritten = this.isBalanced && rewrites.length === 1 && left.length === created.length;
  }

  /** Whether the transaction made the file itself: it was there for nobody else. */
  isOwn(relation: string): boolean {
    return this.created.has(relation);
  }

  /** Whether the file is one of an index or a sequence, by what was written to the one in its place. */
  isIndex(relation: string): boolean {
    return this.replaced.get(relation)?.other !== undefined;
  }

  private isRewriteOf(relation: string): boolean {
    const file = this.created.get(relation);
    return file !== undefined && oidOf(file) !== undefined;
  }

  /** Finds the table of each rewrite among the files dropped, by its oid. */
  private matchRewrites(rewrites: readonly CreatedFile[], dropped: readonly string[]): void {
    const byOwner = new Map<string, string>();
    const add = (relation: string, oid: number): void => {
      if (this.isDropped.has(relation)) byOwner.set(`${databaseOf(relation)}/${oid}`, relation);
    };
    for (const relation of dropped)
      if (!this.isRewriteOf(relation)) add(relation, this.known.ownerOf(relation));
    for (const file of rewrites) {
      const oid = oidOf(file)!;
      const owner = `${databaseOf(file.relation)}/${oid}`;
      const old = byOwner.get(owner);
      this.owners.set(file.relation, oid);
      byOwner.delete(owner);
      // it may be rewritten once more
      add(file.relation, oid);
      if (old === undefined) this.openRewrites.push(file);
      else this.rewritten.set(old, file);
    }
  }

  /** A table is dropped right after its TOAST table and the index of that; the list has the last one first. */
  private findToast(created: readonly CreatedFile[]): void {
    const names = new Set(created.map(({ name }) => name));
    if (this.rewritten.size === 0) return;
    this.dropped.forEach((relation, i) => {
      const rewrite = this.rewritten.get(relation);
      if (rewrite === undefined || !names.has(toastOf(rewrite))) return;
      for (const part of this.dropped.slice(i + 1, i + 3)) this.besideRewritten.add(part);
    });
  }

  /** Pairs old files with new ones where there is nothing but such pairs. */
  private matchRefiled(dropped: readonly string[]): void {
    if (this.hasRewrites || dropped.length !== this.refiled.length) return;
    dropped.forEach((old, i) => {
      const file = this.refiled[i];
      this.replaced.set(old, file);
      this.owners.set(file.relation, this.owners.get(old) ?? this.known.ownerOf(old));
    });
  }

  /**
   * Whether there is a new file for each old one, and none but those of rewritten tables, of their TOAST tables and
   * of indexes.
   */
  private isBalancedBy(rewrites: readonly CreatedFile[], left: readonly CreatedFile[]): boolean {
    const toast = new Set(rewrites.map(toastOf).flatMap((name) => [name, `${name}_index`]));
    const isPart = (file: CreatedFile): boolean =>
      file.name === undefined ? !isHeap(file) : toast.has(file.name) || oidOf(file) !== undefined;
    const old = this.dropped.filter((relation) => !this.created.has(relation));
    return left.every(isPart) && old.length === left.length;
  }

  /**
   * What became of a table whose file is one of those dropped.
   * @param isTable rows of it have been seen; else it may be an index
   */
  removalOf(relation: string, isTable: boolean): Removal {
    let { kind, file } = this.stepOf(relation, isTable);
    for (let steps = 0; file !== undefined && this.isDropped.has(file.relation); steps++) {
      // the new file was replaced in turn
      const next = steps < MOST_STEPS ? this.stepOf(file.relation, isTable) : UNKNOWN;
      if (kind === 'rewrite') kind = file.truncated ? 'truncate' : next.kind;
      file = next.file;
    }
    if (kind === 'rewrite' && file?.truncated) kind = 'truncate';
    return { kind, newRelation: file?.relation };
  }

  private stepOf(relation: string, isTable: boolean): Step {
    const rewrite = this.rewritten.get(relation);
    if (rewrite) {
      // a file put in its place between may have been that of a TRUNCATE
      return this.hasPassingHeaps ? UNKNOWN : { kind: 'rewrite', file: rewrite };
    }
    if (this.besideRewritten.has(relation)) return { kind: 'rewrite', file: undefined };
    const replaced = this.replaced.get(relation);
    if (replaced) return this.replacementBy(replaced, relation, isTable);
    if (this.isAllRewritten) {
      const [open] = this.openRewrites;
      // the table is dropped after all that depends on it, and the list has the last one first
      return { kind: 'rewrite', file: relation === this.dropped[0] ? open : undefined };
    }
    if (this.openRewrites.length > 0 || (this.hasRewrites && !isTable)) return UNKNOWN;
    return { kind: this.kindAmong(relation), file: undefined };
  }

  private replacementBy(file: CreatedFile, old: string, isTable: boolean): Step {
    if (!isHeap(file)) {
      // REINDEX leaves tables alone; an index has a new file also where its table is truncated
      if (isTable) return UNKNOWN;
      return { kind: this.heapTablespaces.size === 0 ? 'rewrite' : 'truncate', file };
    }
    // TRUNCATE stays in the tablespace
    if (tablespaceOf(file.relation) !== tablespaceOf(old)) return { kind: 'rewrite', file };
    return { kind: this.mayLackNames ? 'unknown' : 'truncate', file };
  }

  /** What a dropped file may be whose new one, if any, is not known. */
  private kindAmong(relation: string): RemovalKind {
    const { heapTablespaces, mayLackNames } = this;
    if (heapTablespaces.size === 0) return this.mayBeCut ? 'unknown' : 'drop';
    const mayBeMoved = heapTablespaces.size > 1 || !heapTablespaces.has(tablespaceOf(relation));
    const isTooMany = this.refiled.length > this.dropped.length;
    return this.mayBeCut || mayBeMoved || mayLackNames || isTooMany ? 'unknown' : 'drop-or-truncate';
  }
}

/** What became of one file: `file` is that which took its place, where that is known. */
interface Step {
  kind: RemovalKind;
  file: CreatedFile | undefined;
}

const UNKNOWN: Step = { kind: 'unknown', file: undefined };

/** No transaction gives a table so many files one after the other; WAL that says so may go round in circles. */
const MOST_STEPS = 100;

/** Of a table or a TOAST table, as far as what was written to it tells. */
const isHeap = ({ other }: CreatedFile): boolean => other === undefined;

/** The oid of the table that is rewritten into the file. */
const oidOf = ({ name }: CreatedFile): number | undefined =>
  name === undefined ? undefined : rewrittenOid(name);

/** The TOAST table made with it, which is called by its oid; a new relation's file has the oid for a number. */
const toastOf = ({ relation }: CreatedFile): string => `pg_toast_${numberOf(relation)}`;

const numberOf = (relation: string): number => Number(relation.slice(relation.lastIndexOf('/') + 1));
const tablespaceOf = (relation: string): string => relation.slice(0, relation.indexOf('/'));
const databaseOf = (relation: string): string =>
  relation.slice(relation.indexOf('/') + 1, relation.lastIndexOf('/'));

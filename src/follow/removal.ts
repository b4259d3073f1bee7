import type { Lsn } from '../wal/lsn.js';
import { rewrittenOid } from './catalog-row.js';
import type { CreatedFile } from './created-files.js';
import type { FileCreation } from './file-use.js';
import type { Relation } from './relation.js';

/**
 * How a transaction removed a table's file:
 * - `drop`: DROP, the table is gone;
 * - `truncate`: TRUNCATE, the table goes on in a new file, whatever the transaction then put there;
 * - `drop-or-truncate`: the transaction did both to tables, and the WAL does not tell which to this one;
 * - `rewrite`: its rows went on in a new file (VACUUM FULL, CLUSTER, REPACK, an ALTER TABLE that rewrites or moves it);
 * - `unknown`: one of all these.
 */
export type RemovalKind = 'drop' | 'truncate' | 'drop-or-truncate' | 'rewrite' | 'unknown';

/**
 * Whether a file that took the place of another is a TOAST table's. Where the WAL does not tell, `of` is the file of the
 * table that it may belong to: a TOAST table follows its table.
 */
export type ToastGuess = { isToast: boolean } | { isToast: undefined; of: Relation };

/**
 * `FirstGenbkiObjectId` (src/include/access/transam.h; `FirstBootstrapObjectId` up to 11): smaller oids are those of
 * system catalogs, their TOAST tables and indexes, which nobody drops or truncates.
 */
const FIRST_GENBKI_OBJECT_ID = 10_000;

/** How a relation lost its file. */
export interface Removal {
  kind: RemovalKind;
  /** The file that took its place; undefined where there is none, or where the WAL does not tell which it is. */
  newRelation: Relation | undefined;
}

/** What system catalogs tell of files, which may be more than the WAL does. */
export interface CataloguedFiles {
  /** The oids of relations, by the key of each file that they have or had. */
  owners: ReadonlyMap<string, number>;
  /** The files that each transaction id made, in that order. */
  created: ReadonlyMap<number, readonly CreatedFile[]>;
  /** The keys of files that hold rows: none of indexes and sequences. */
  tables: ReadonlySet<string>;
  /** Where transactions commit of which catalogs know all that they did; undefined: anywhere. */
  within?: { from: Lsn; to: Lsn } | undefined;
}

/**
 * The oids of relations by their files, as far as transactions tell that gave a relation another file. A file that
 * is not known here has the number that its relation has, or had another one before: numbers are not used again
 * before 2^32 others.
 */
export class FileOwners {
  private readonly oids = new Map<string, number>();
  /** Whether files that were made in the WAL are of unlogged relations. */
  private readonly unlogged = new Map<string, boolean>();

  constructor(private readonly catalogued?: CataloguedFiles) {}

  ownerOf(relation: Relation): number {
    return this.oids.get(relation.key) ?? this.cataloguedOwnerOf(relation) ?? relation.relNumber;
  }

  /** Also of files that a transaction has just made. */
  cataloguedOwnerOf({ key }: Relation): number | undefined {
    return this.catalogued?.owners.get(key);
  }

  /** Whether the file is of an unlogged relation; undefined where its making is not told. */
  isUnlogged({ key }: Relation): boolean | undefined {
    return this.unlogged.get(key);
  }

  /** Takes in that a file was made, whatever becomes of the transaction. */
  addCreation({ relation, unlogged }: FileCreation): void {
    this.unlogged.set(relation.key, unlogged);
  }

  /** Takes in what a transaction that has committed did to files. */
  add(changes: FileChanges): void {
    for (const [key, oid] of changes.owners) this.oids.set(key, oid);
    for (const { key } of changes.dropped) {
      this.oids.delete(key);
      this.unlogged.delete(key);
    }
  }
}

/** What became of the files that a commit drops. Made once for each commit: it costs as much as there are files. */
export class FileChanges {
  /** By key of the new file, the oid of the relation that it is of. */
  readonly owners = new Map<string, number>();
  private readonly created = new Map<string, CreatedFile>();
  private readonly keysDropped: ReadonlySet<string>;
  /** By old file, the new one into which a rewrite put the rows. */
  private readonly rewritten = new Map<string, CreatedFile>();
  /** By old file, the new one that the same relation has: by TRUNCATE, SET TABLESPACE, REINDEX. */
  private readonly replaced = new Map<string, CreatedFile>();
  /** New files of relations that were there before, by other ways than a rewrite. */
  private readonly refiled: CreatedFile[];
  /** Of those that are not of indexes: in which tablespaces they are, and whether some were replaced in turn. */
  private readonly heapTablespaces: ReadonlySet<number>;
  private readonly hasPassingHeaps: boolean;
  /** Those of the new files of which it is not known whose they are, and the tablespaces of tables among them. */
  private readonly openRefiled: CreatedFile[] = [];
  private readonly openHeapTablespaces: ReadonlySet<number>;
  /** Rows of pg_class that name such files may lie in WAL that could not be read. */
  private readonly mayLackNames: boolean;
  private readonly hasRewrites: boolean;
  /** Rewrites of which it is not known which file they took the rows from. */
  private readonly openRewrites: CreatedFile[] = [];
  /** Old files of what belongs to a rewritten table: of its TOAST table and of the index of that. */
  private readonly besideRewritten = new Set<string>();
  /** By new file of those that were made for relations that were there before, and hold rows. */
  private readonly toast: ReadonlyMap<string, ToastGuess>;
  /** By new file, the old one in whose place it came. */
  private readonly former = new Map<string, Relation>();
  /** What is known of the files dropped, before they are forgotten. */
  private readonly unlogged = new Map<string, boolean>();
  /** Tables were rewritten, and by all appearance nothing was dropped for good. */
  readonly isBalanced: boolean;
  /** One table was rewritten, and certainly nothing else done to files. */
  private readonly isAllRewritten: boolean;

  /**
   * A commit names the files that it drops, the last one first, and the WAL before it those that it made, but not
   * which takes the place of which. Whatever rewrites a table first makes a table `pg_temp_<oid>` beside it
   * (make_new_heap, cluster.c, repack.c in 19), of which there is a row in pg_class then. Without such a row, a new
   * file of a relation that was there before is made right where the old one is dropped, so that both orders agree.
   * @param dropped in the order of the commit
   * @param created in the order of the WAL
   * @param isLost whether WAL could not be read between a position and the commit
   * @param mayBeCut whether it may have made files that are not seen, since it may have begun before the WAL read
   */
  constructor(
    readonly dropped: readonly Relation[],
    created: readonly CreatedFile[],
    private readonly known: FileOwners,
    isLost: (since: Lsn) => boolean,
    private readonly mayBeCut: boolean,
  ) {
    for (const file of created) this.created.set(file.relation.key, file);
    this.keysDropped = new Set(dropped.map(({ key }) => key));
    for (const relation of dropped) {
      const unlogged = known.isUnlogged(relation);
      if (unlogged !== undefined) this.unlogged.set(relation.key, unlogged);
    }
    this.refiled = created.filter(({ name }) => name === undefined);
    this.toast = toastAmong(this.refiled);
    const heaps = this.refiled.filter(isHeap);
    this.heapTablespaces = new Set(heaps.map(({ relation }) => relation.spcOid));
    this.hasPassingHeaps = heaps.some(({ relation }) => this.isDropped(relation));
    // what could not be read since the first was made
    this.mayLackNames = heaps.length > 0 && isLost(heaps[0].lsn);
    const rewrites = created.filter((file) => oidOf(file) !== undefined);
    this.hasRewrites = rewrites.length > 0;
    const inOrder = [...dropped].reverse();
    this.matchRewrites(rewrites, inOrder);
    this.findToast(created);
    this.matchCatalogued(inOrder);
    this.openHeapTablespaces = new Set(
      this.openRefiled.filter(isHeap).map(({ relation }) => relation.spcOid),
    );
    this.matchRefiled(inOrder);
    const left = created.filter(({ relation }) => !this.isDropped(relation));
    this.isBalanced = this.hasRewrites && this.isBalancedBy(rewrites, left);
    this.isAllRewritten = this.isBalanced && rewrites.length === 1 && left.length === created.length;
  }

  /** Whether the transaction made the file itself: it was there for nobody else. */
  isOwn({ key }: Relation): boolean {
    return this.created.has(key);
  }

  /** Whether the file is one of an index or a sequence, by what was written to the one in its place. */
  isIndex({ key }: Relation): boolean {
    return this.replaced.get(key)?.other !== undefined;
  }

  /**
   * Whether the file is one of a TOAST table, by the one in its place.
   * @returns undefined where that is not known; else with the old file of the table that it may belong to
   */
  toastOf({ key }: Relation): ToastGuess | undefined {
    const file = this.replaced.get(key);
    const guess = file && this.toast.get(file.relation.key);
    if (guess === undefined || guess.isToast !== undefined) return guess;
    return { isToast: undefined, of: this.former.get(guess.of.key) ?? guess.of };
  }

  /**
   * Whether the file is one of an unlogged relation, which keeps that in a new file unless it is rewritten; undefined
   * where the WAL does not tell.
   */
  isUnlogged({ key }: Relation): boolean | undefined {
    return this.unlogged.get(key) ?? this.replaced.get(key)?.unlogged;
  }

  private isDropped({ key }: Relation): boolean {
    return this.keysDropped.has(key);
  }

  private isRewriteOf({ key }: Relation): boolean {
    const file = this.created.get(key);
    return file !== undefined && oidOf(file) !== undefined;
  }

  /** Finds the table of each rewrite among the files dropped, by its oid. */
  private matchRewrites(rewrites: readonly CreatedFile[], dropped: readonly Relation[]): void {
    const byOwner = new Map<string, Relation>();
    const add = (relation: Relation, oid: number): void => {
      if (this.isDropped(relation)) byOwner.set(ownerKey(relation, oid), relation);
    };
    for (const relation of dropped)
      if (!this.isRewriteOf(relation)) add(relation, this.known.ownerOf(relation));
    for (const file of rewrites) {
      const oid = oidOf(file)!;
      const owner = ownerKey(file.relation, oid);
      const old = byOwner.get(owner);
      this.owners.set(file.relation.key, oid);
      byOwner.delete(owner);
      // it may be rewritten once more
      add(file.relation, oid);
      if (old === undefined) this.openRewrites.push(file);
      else this.rewritten.set(old.key, file);
    }
  }

  /** A table is dropped right after its TOAST table and the index of that; the list has the last one first. */
  private findToast(created: readonly CreatedFile[]): void {
    const names = new Set(created.map(({ name }) => name));
    if (this.rewritten.size === 0) return;
    this.dropped.forEach((relation, i) => {
      const rewrite = this.rewritten.get(relation.key);
      if (rewrite === undefined || !names.has(toastOf(rewrite))) return;
      for (const part of this.dropped.slice(i + 1, i + 3)) this.besideRewritten.add(part.key);
    });
  }

  /** Pairs old files with the new ones of the same relation, as far as catalogs tell whose those are. */
  private matchCatalogued(dropped: readonly Relation[]): void {
    const byOwner = new Map<string, Relation>();
    for (const old of dropped) {
      if (!this.created.has(old.key)) byOwner.set(ownerKey(old, this.known.ownerOf(old)), old);
    }
    for (const file of this.refiled) {
      const oid = this.known.cataloguedOwnerOf(file.relation);
      if (oid === undefined) {
        this.openRefiled.push(file);
        continue;
      }
      const owner = ownerKey(file.relation, oid);
      const old = byOwner.get(owner);
      if (old !== undefined && !this.rewritten.has(old.key)) this.replace(old, file, oid);
      // it may be replaced once more
      byOwner.set(owner, file.relation);
    }
  }

  /** Pairs what is left of old files and new ones where there is nothing but such pairs. */
  private matchRefiled(dropped: readonly Relation[]): void {
    const old = dropped.filter(
      ({ key }) => this.created.get(key)?.name === undefined && !this.replaced.has(key),
    );
    if (this.hasRewrites || old.length !== this.openRefiled.length) return;
    old.forEach((one, i) => {
      this.replace(one, this.openRefiled[i], this.owners.get(one.key) ?? this.known.ownerOf(one));
    });
  }

  private replace(old: Relation, file: CreatedFile, oid: number): void {
    this.replaced.set(old.key, file);
    this.former.set(file.relation.key, old);
    this.owners.set(file.relation.key, oid);
  }

  /**
   * Whether there is a new file for each old one, and none but those of rewritten tables, of their TOAST tables and
   * of indexes.
   */
  private isBalancedBy(rewrites: readonly CreatedFile[], left: readonly CreatedFile[]): boolean {
    const toast = new Set(rewrites.map(toastOf).flatMap((name) => [name, `${name}_index`]));
    const isPart = (file: CreatedFile): boolean =>
      file.name === undefined ? !isHeap(file) : toast.has(file.name) || oidOf(file) !== undefined;
    const old = this.dropped.filter(({ key }) => !this.created.has(key));
    return left.every(isPart) && old.length === left.length;
  }

  /**
   * What became of a table whose file is one of those dropped.
   * @param isTable rows of it have been seen; else it may be an index
   */
  removalOf(relation: Relation, isTable: boolean): Removal {
    let { kind, file } = this.stepOf(relation, isTable);
    for (let steps = 0; file !== undefined && this.isDropped(file.relation); steps++) {
      // the new file was replaced in turn
      const next = steps < MOST_STEPS ? this.stepOf(file.relation, isTable) : UNKNOWN;
      if (kind === 'rewrite') kind = file.truncated ? 'truncate' : next.kind;
      file = next.file;
    }
    if (kind === 'rewrite' && file?.truncated) kind = 'truncate';
    if (this.known.ownerOf(relation) < FIRST_GENBKI_OBJECT_ID) kind = 'rewrite';
    return { kind, newRelation: file?.relation };
  }

  private stepOf(relation: Relation, isTable: boolean): Step {
    const rewrite = this.rewritten.get(relation.key);
    if (rewrite) {
      // a file put in its place between may have been that of a TRUNCATE
      return this.hasPassingHeaps ? UNKNOWN : { kind: 'rewrite', file: rewrite };
    }
    if (this.besideRewritten.has(relation.key)) return { kind: 'rewrite', file: undefined };
    const replaced = this.replaced.get(relation.key);
    if (replaced) return this.replacementBy(replaced, relation, isTable);
    if (this.isAllRewritten) {
      const [open] = this.openRewrites;
      // the table is dropped after all that depends on it, and the list has the last one first
      return { kind: 'rewrite', file: relation.key === this.dropped[0].key ? open : undefined };
    }
    if (this.openRewrites.length > 0 || (this.hasRewrites && !isTable)) return UNKNOWN;
    return { kind: this.kindAmong(relation), file: undefined };
  }

  private replacementBy(file: CreatedFile, old: Relation, isTable: boolean): Step {
    if (!isHeap(file)) {
      // REINDEX leaves tables alone; an index has a new file also where its table is truncated
      if (isTable) return UNKNOWN;
      return { kind: this.heapTablespaces.size === 0 ? 'rewrite' : 'truncate', file };
    }
    // TRUNCATE stays in the tablespace
    if (file.relation.spcOid !== old.spcOid) return { kind: 'rewrite', file };
    return { kind: this.mayLackNames ? 'unknown' : 'truncate', file };
  }

  /** What a dropped file may be whose new one, if any, is not known. */
  private kindAmong({ spcOid }: Relation): RemovalKind {
    const { openHeapTablespaces, mayLackNames } = this;
    if (openHeapTablespaces.size === 0) return this.mayBeCut ? 'unknown' : 'drop';
    const mayBeMoved = openHeapTablespaces.size > 1 || !openHeapTablespaces.has(spcOid);
    const isTooMany = this.openRefiled.length > this.dropped.length;
    return this.mayBeCut || mayBeMoved || mayLackNames || isTooMany ? 'unknown' : 'drop-or-truncate';
  }
}

/**
 * Which of the new files are of TOAST tables. TRUNCATE and SET TABLESPACE make a table's, that of its TOAST table right
 * after it, and then those of indexes, of which a TOAST table has one (ExecuteTruncateGuts, ATExecSetTableSpace:
 * tablecmds.c of 10 to 19).
 * @param refiled in the order of the WAL
 */
function toastAmong(refiled: readonly CreatedFile[]): Map<string, ToastGuess> {
  const guesses = new Map<string, ToastGuess>();
  refiled.forEach((file, i) => {
    if (!isHeap(file)) return;
    const { kind, relation } = file;
    const [before, after] = [refiled.at(i - 1), refiled.at(i + 1)];
    const isAfterTable = i > 0 && before !== undefined && isHeap(before) && before.kind !== 't';
    const mayBe = kind === undefined && isAfterTable && after !== undefined && !isHeap(after);
    guesses.set(
      relation.key,
      mayBe ? { isToast: undefined, of: before.relation } : { isToast: kind === 't' },
    );
  });
  return guesses;
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
const toastOf = ({ relation }: CreatedFile): string => `pg_toast_${relation.relNumber}`;

const ownerKey = ({ dbOid }: Relation, oid: number): string => `${dbOid}/${oid}`;

import { RecoveredRows } from '../analysis/recovered-rows.js';
import type { StopTarget } from '../analysis/recovery.js';
import { matchesRelation, type RelationFilter } from '../analysis/relation-filter.js';
import { parseColumns } from '../analysis/row-columns.js';
import { RowScan } from '../analysis/row-scan.js';
import { checkTarget, findTable, RelationNeeded, ReplayedCluster, ReplayPass } from '../analysis/rows.js';
import {
  type ChainSegment,
  missingProblem,
  type TimelineChain,
  timelineChain,
  timelinesOf,
} from '../cluster/chain.js';
import { tliInHistory } from '../cluster/history.js';
import { CATALOG_OIDS } from '../heap/catalog.js';
import type { ClusterFiles } from '../heap/cluster-files.js';
import type { Relation } from '../heap/relation.js';
import { ReplayedRelation } from '../heap/replayed-relation.js';
import { deformTuple } from '../heap/tuple.js';
import { builtinTypes } from '../heap/types/builtin.js';
import type { Column } from '../heap/types/type.js';
import { readVarlena } from '../heap/varlena.js';
import { faultMessage, type ReadFault } from '../reader/fault.js';
import { type Gap, WalReader } from '../reader/wal-reader.js';
import { formatLocator } from '../rmgr/locator.js';
import { WalError } from '../wal/error.js';
import { formatLsn, type Lsn } from '../wal/lsn.js';
import type { RelFileLocator, WalRecord } from '../wal/record.js';
import type { TimeZone } from '../wal/timezone.js';
import { type Backup, openBackup } from './backup.js';
import { type Inventory, type SegmentFile, takeInventory } from './inventory.js';
import { loadClusterFiles, loadRelations } from './load-backup.js';
import { PageSpill } from './page-spill.js';
import { readSegments } from './read-segments.js';
import type { ByteSource } from './source.js';

/** Which rows are wanted. */
export type RowsQuestion =
  /** Those that a transaction would see that starts there. */
  | { kind: 'as-of'; target: StopTarget }
  /** Those that a transaction deleted; `last`: the last one that deleted rows of the table. */
  | { kind: 'deleted-by'; xid: number | 'last' }
  /** Every version of every row. */
  | { kind: 'history' };

export interface RecoverRowsOptions {
  /** Where the WAL is: files, folders, tar files. */
  paths: Iterable<string | ByteSource>;
  /** The base backup: a data folder, a folder with base.tar, or a base.tar. */
  backup?: string;
  /** The table by name (needs a backup) … */
  table?: string;
  database?: string;
  /** … or by its file. */
  relation?: RelationFilter;
  question: RowsQuestion;
  /** The table's columns, where no backup tells them: `id int4, producto text`. */
  columns?: string;
  /** The zone that timestamptz values are printed in. */
  timezone: TimeZone;
  /** The timeline whose WAL is meant; by default the newest one that has an answer. */
  timeline?: number;
}

const LATEST: StopTarget = { kind: 'latest' };

/** Codes of errors after which an older timeline may still have the answer. */
const TRY_OLDER_TIMELINE: ReadonlySet<string> = new Set([
  'target-not-reached',
  'other-timeline',
  'nothing-deleted',
]);

/**
 * Gives back rows of a table as they were at some moment, out of WAL and, where there is one, a base backup.
 * The result must be closed.
 * @throws WalError
 */
export async function recoverRows(options: RecoverRowsOptions): Promise<RecoveredRows> {
  const inventory = await takeInventory(options.paths);
  if (inventory.conflicts.length > 0) throw inventory.conflicts[0];
  const backup = options.backup === undefined ? undefined : await openBackup(options.backup);
  const timelines = options.timeline === undefined ? timelinesOf(inventory).reverse() : [options.timeline];
  const pages = new PageSpill();
  let problem: WalError | undefined;
  let empty: RecoveredRows | undefined;
  try {
    for (const timeline of timelines) {
      const recovery = new TimelineRecovery(
        options,
        inventory,
        timelineChain(inventory, timeline),
        backup,
        pages,
      );
      try {
        const rows = await recovery.answer();
        if (options.question.kind !== 'deleted-by' || !rows.isEmpty) return rows;
        empty ??= rows;
      } catch (error) {
        if (!(error instanceof WalError) || !TRY_OLDER_TIMELINE.has(error.code)) throw error;
        problem ??= error;
      }
    }
  } catch (error) {
    pages.close();
    throw error;
  }
  if (empty) return empty;
  pages.close();
  throw problem ?? inventory.problems[0] ?? new WalError('no-wal', 'there is no WAL in the input');
}

/** Answers one question from the WAL of one timeline. */
class TimelineRecovery {
  private files: ClusterFiles | undefined;
  private readonly problems: WalError[] = [];

  constructor(
    private readonly options: RecoverRowsOptions,
    private readonly inventory: Inventory,
    private readonly chain: TimelineChain<SegmentFile>,
    private readonly backup: Backup | undefined,
    private readonly pages: PageSpill,
  ) {}

  private get major(): number {
    const { format } = this.inventory;
    if (!format) throw this.inventory.problems[0] ?? new WalError('no-wal', 'there is no WAL in the input');
    return format.version;
  }

  async answer(): Promise<RecoveredRows> {
    return this.backup ? this.answerFromBackup(this.backup) : this.answerFromWal();
  }

  private async answerFromBackup(backup: Backup): Promise<RecoveredRows> {
    const { question } = this.options;
    const xid =
      question.kind === 'deleted-by' && question.xid === 'last' ? await this.lastDeleter(backup) : undefined;
    const target = targetOf(question, xid);
    const cluster = await this.replayCatalogs(backup, target);
    const found = await this.resolve(cluster, target, () => this.findRelation(cluster));
    const { relation, dbOid } = found;
    const catalog = cluster.catalog(dbOid);
    const toastFile = relation.toast === 0 ? undefined : catalog.relation(relation.toast)?.file;
    const pass = await this.replay(target, toastFile ? [relation.file, toastFile] : [relation.file]);
    return new RecoveredRows({
      question: question.kind,
      table: relation,
      columns: this.givenColumns() ?? relation.columns,
      context: { major: this.major, timezone: this.options.timezone, type: catalog.type },
      pass,
      rows: pass.relations[0],
      toast: pass.relations[1],
      problems: this.problems,
      close: () => this.pages.close(),
    });
  }

  private givenColumns(): Column[] | undefined {
    return this.options.columns === undefined ? undefined : parseColumns(this.options.columns);
  }

  /** The transaction that last deleted rows of the table, also of files that it had before. */
  private async lastDeleter(backup: Backup): Promise<number> {
    const cluster = await this.replayCatalogs(backup, LATEST);
    const { relation, dbOid } = await this.resolve(cluster, LATEST, () => this.findRelation(cluster));
    const files = cluster.filesOf(dbOid, relation.oid);
    return this.scanForDeleter([relation.file, ...files]);
  }

  private async scanForDeleter(files: RelationFilter[]): Promise<number> {
    const scan = new RowScan(files);
    await this.readWal(
      (record) => {
        scan.take(record);
        return true;
      },
      () => {},
    );
    if (scan.lastDeletedBy !== undefined) return scan.lastDeletedBy;
    throw new WalError(
      'nothing-deleted',
      'no transaction that committed in the WAL given deleted rows of the table',
    );
  }

  private findRelation(cluster: ReplayedCluster): { relation: Relation; dbOid: number } {
    const { table, database, relation: filter } = this.options;
    if (table !== undefined) {
      if (database === undefined) throw new WalError('no-database', 'say in which database the table is');
      const dbOid = cluster.databases().get(database);
      if (dbOid === undefined) throw new WalError('unknown-database', `there is no database ${database}`);
      return { relation: findTable(cluster.catalog(dbOid), table), dbOid };
    }
    for (const dbOid of cluster.databaseOids) {
      if (!filter || (filter.dbOid !== undefined && filter.dbOid !== dbOid)) continue;
      const relation = cluster.catalog(dbOid).relationWhere((file) => matchesRelation(filter, file));
      if (relation) return { relation, dbOid };
    }
    throw new WalError('unknown-table', 'no table has that file at that moment');
  }

  /** Replays the catalogs of all databases, where they usually lie. */
  private async replayCatalogs(backup: Backup, target: StopTarget): Promise<ReplayedCluster> {
    const usual = new Set<number>(Object.values(CATALOG_OIDS));
    const relations = new Map<string, ReplayedRelation>();
    const storeOf = (file: RelFileLocator) => {
      if (!usual.has(file.relNumber)) return undefined;
      const key = formatLocator(file);
      const known = relations.get(key);
      if (known) return known.store;
      const relation = new ReplayedRelation(
        file,
        this.pages.newStore(),
        file.relNumber === CATALOG_OIDS.class,
      );
      relations.set(key, relation);
      return relation.store;
    };
    this.files = await loadClusterFiles(backup, storeOf);
    this.checkBackup(this.files);
    const pass = await this.replayRelations(target, [...relations.values()]);
    return new ReplayedCluster(this.major, pass);
  }

  private checkBackup({ base, control, major }: ClusterFiles): void {
    const { format } = this.inventory;
    if (major !== this.major || (format && control.systemIdentifier !== format.systemIdentifier)) {
      throw new WalError(
        'foreign-cluster',
        `the backup ${this.backup?.name} and the WAL are of different clusters`,
      );
    }
    if (!tliInHistory(this.chain.history, base.timeline)) {
      throw new WalError(
        'other-timeline',
        `timeline ${this.chain.timeline} does not come from timeline ${base.timeline}, which the backup is of`,
      );
    }
  }

  /** Does work that needs relations, replaying those that turn out to be lacking. */
  private async resolve<T>(cluster: ReplayedCluster, target: StopTarget, work: () => T): Promise<T> {
    for (;;) {
      try {
        return work();
      } catch (error) {
        if (!(error instanceof RelationNeeded)) throw error;
        cluster.addRelations(
          (await this.replay(target, [error.file, ...cluster.copySources(error.file)])).relations,
        );
      }
    }
  }

  /** Replays relations from the backup, where there is one, to the target. */
  private async replay(target: StopTarget, files: RelFileLocator[]): Promise<ReplayPass> {
    const keepRemoved = this.options.question.kind === 'history';
    const relations = files.map((file) => new ReplayedRelation(file, this.pages.newStore(), keepRemoved));
    if (this.backup) {
      const stores = new Map(relations.map(({ file, store }) => [formatLocator(file), store]));
      await loadRelations(this.backup, (file) => stores.get(formatLocator(file)));
    }
    return this.replayRelations(target, relations);
  }

  private async replayRelations(target: StopTarget, relations: ReplayedRelation[]): Promise<ReplayPass> {
    const pass = new ReplayPass(target, this.files, this.major, relations);
    await this.readWal(
      (record) => pass.take(record),
      () => pass.forgetPages(),
    );
    checkTarget(pass, target);
    return pass;
  }

  /**
   * Gives the records from the backup's start on (or all, without one) until `take` wants no more.
   * @param onGap WAL is missing there, which is an error for a backup
   */
  private async readWal(take: (record: WalRecord) => boolean, onGap: () => void): Promise<void> {
    const startLsn = this.files?.base.startLsn;
    const segments = this.segmentsFrom(startLsn);
    const reader = new WalReader({ startLsn, onFault: this.files ? 'stop' : 'resume' });
    let interruptions = 0;
    for await (const { segment, problem } of readSegments(segments, this.inventory.format!)) {
      if (problem) this.note(problem);
      if (this.files && reader.fault) throw damaged(reader.fault, this.major);
      reader.push(segment);
      const gap = reader.gaps.at(-1);
      if (this.files && gap) throw missingWal(this.chain, gap);
      for (let record = reader.next(); record; record = reader.next()) {
        if (reader.gaps.length + reader.damages.length > interruptions) {
          interruptions = reader.gaps.length + reader.damages.length;
          onGap();
        }
        if (!take(record)) return;
      }
    }
    for (const gap of reader.gaps) this.note(missingWal(this.chain, gap));
    for (const { fault } of reader.damages) this.note(damaged(fault, this.major));
  }

  private note(problem: WalError): void {
    if (!this.problems.some(({ message }) => message === problem.message)) this.problems.push(problem);
  }

  private segmentsFrom(startLsn: Lsn | undefined): ChainSegment<SegmentFile>[] {
    const { segments } = this.chain;
    if (startLsn === undefined) return segments;
    const wanted = segments.filter(({ end }) => end > startLsn);
    if (wanted.length === 0 || wanted[0].file.start > startLsn) {
      throw new WalError(
        'missing-segments',
        `the WAL from the backup's start at ${formatLsn(startLsn)} on is not in the input`,
        { lsn: startLsn },
      );
    }
    return wanted;
  }

  /** Without a backup: what the WAL alone tells of a relation. */
  private async answerFromWal(): Promise<RecoveredRows> {
    const { question, relation: filter } = this.options;
    const columns = this.givenColumns();
    if (!filter || !columns) {
      throw new WalError(
        'no-backup',
        'without a backup, the relation and its columns have to be given by number and type',
      );
    }
    const scan = new RowScan([filter]);
    await this.readWal(
      (record) => {
        scan.take(record);
        return true;
      },
      () => {},
    );
    const file = onlyFile([...scan.files.values()]);
    if (question.kind === 'deleted-by' && question.xid === 'last' && scan.lastDeletedBy === undefined) {
      throw new WalError(
        'nothing-deleted',
        'no transaction that committed in the WAL given deleted rows of the table',
      );
    }
    const target = targetOf(question, scan.lastDeletedBy);
    const pass = await this.replay(target, [file]);
    const rows = pass.relations[0];
    const toast = await this.replayToast(rows, columns, target);
    const type = (oid: number) => builtinTypes.get(oid);
    return new RecoveredRows({
      question: question.kind,
      table: { schema: '', name: String(file.relNumber), file },
      columns,
      context: { major: this.major, timezone: this.options.timezone, type },
      pass,
      rows,
      toast,
      problems: this.problems,
      close: () => this.pages.close(),
    });
  }

  /** The TOAST table that rows point to: without catalogs, the file that has its oid for a name. */
  private async replayToast(
    rows: ReplayedRelation,
    columns: readonly Column[],
    target: StopTarget,
  ): Promise<ReplayedRelation | undefined> {
    const relNumber = toastRelationOf(rows, columns);
    if (relNumber === undefined) return undefined;
    return (await this.replay(target, [{ ...rows.file, relNumber }])).relations[0];
  }
}

function targetOf(question: RowsQuestion, lastDeleter: number | undefined): StopTarget {
  switch (question.kind) {
    case 'as-of':
      return question.target;
    case 'history':
      return LATEST;
    case 'deleted-by': {
      const xid = question.xid === 'last' ? (lastDeleter ?? 0) : question.xid;
      return { kind: 'xid', xid, inclusive: false };
    }
  }
}

function onlyFile(files: readonly RelFileLocator[]): RelFileLocator {
  if (files.length === 1) return files[0];
  if (files.length === 0) throw new WalError('unknown-table', 'the WAL given has no change of that relation');
  const names = files.map(formatLocator).join(', ');
  throw new WalError(
    'ambiguous-table',
    `several relations have that file number: ${names}; name one of them`,
  );
}

function toastRelationOf(rows: ReplayedRelation, columns: readonly Column[]): number | undefined {
  for (const { tuple } of [...rows.removed, ...rows.tuples()]) {
    for (const [i, stored] of deformTuple(tuple, columns).entries()) {
      const value = stored && columns[i].length === -1 ? readVarlena(stored) : undefined;
      if (value?.kind === 'external') return value.pointer.toastRelation;
    }
  }
  return undefined;
}

const damaged = (fault: ReadFault, major: number): WalError =>
  new WalError(
    'damaged-wal',
    `the WAL is damaged at ${formatLsn(fault.lsn)}: ${faultMessage(fault, major)}`,
    {
      lsn: fault.lsn,
    },
  );

function missingWal(chain: TimelineChain<SegmentFile>, gap: Gap): WalError {
  const known = chain.gaps.find(({ from, to }) => from < gap.to && to > gap.from);
  if (known) return missingProblem(known);
  return new WalError(
    'missing-segments',
    `WAL from ${formatLsn(gap.from)} to ${formatLsn(gap.to)} is missing`,
  );
}

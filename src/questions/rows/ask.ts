import { timelineChain, timelinesOf } from '../../cluster/chain.js';
import { isSameFile, type RelationFilter } from '../../follow/relation.js';
import type { CataloguedFiles, RemovalKind } from '../../follow/removal.js';
import { endingXids } from '../../follow/transaction-end.js';
import { TransactionFateScan } from '../../follow/transaction-fate.js';
import { distinctProblems, notFoundIn } from '../../follow/wal-problems.js';
import { builtinTypesOf } from '../../heap/types/builtin.js';
import { objectTypesIn } from '../../heap/types/objects.js';
import type { Column, TypeContext } from '../../heap/types/type.js';
import type { Pages } from '../../replay/block-store.js';
import type { CatalogRelation } from '../../replay/catalog-relation.js';
import { cataloguedFiles } from '../../replay/catalogued-files.js';
import type { StopTarget } from '../../replay/recovery.js';
import type { ReplayPass } from '../../replay/replay-pass.js';
import type { ReplayedCluster } from '../../replay/replayed-cluster.js';
import type { ReplayedRelation } from '../../replay/replayed-relation.js';
import { TimelineReplay } from '../../replay/timeline-replay.js';
import { takeInventoryFor } from '../../replay/wal-of-backup.js';
import { formatLocator } from '../../rmgr/locator.js';
import type { Backup } from '../../sources/backup-parts.js';
import { NAMES_ONLY, type WalBounds } from '../../sources/bounds.js';
import type { Inputs } from '../../sources/input.js';
import { isAll, type UsableInventory } from '../../sources/inventory.js';
import type { TimeZone } from '../../text/timezone.js';
import { WalError } from '../../wal/error.js';
import type { Lsn } from '../../wal/lsn.js';
import { message } from '../../wal/message.js';
import type { RelFileLocator } from '../../wal/record.js';
import { withoutEpoch } from '../../wal/xid.js';
import { type Asking, ask, type QuestionOptions } from '../asking.js';
import type { RelationFound } from '../find-commit/search.js';
import {
  byNewestTimeline,
  type ChosenBackup,
  candidatesFor,
  candidatesIfAny,
  checkBackup,
  nameOfChosen,
  openCandidate,
  openGiven,
  passOver,
} from '../given.js';
import { mayReach } from '../last-place.js';
import { startOf } from '../named-stock.js';
import type { Platform } from '../platform.js';
import { unusedSegments } from '../unused-segments.js';
import { parseColumns } from './columns.js';
import { droppedIn, findHistory, findRelation, nameOfDatabase, tablesWithRows } from './find-relation.js';
import { checkColumns } from './given-columns.js';
import { RecoveredRows } from './recovered-rows.js';
import { lastLosers, RowScan, type RowsScanned, removalBy } from './scan.js';
import { explainUnreached } from './unreached.js';
import { checkIsLogged, onlyFile } from './without-backup.js';

/** Which rows are wanted. */
export type RowsQuestion =
  /** Those that a transaction would see that starts there. */
  | { kind: 'as-of'; target: StopTarget }
  /** Those that a transaction deleted; `last`: the last one that deleted rows of the table. */
  | { kind: 'deleted-by'; xid: number | bigint | 'last' }
  /** Every version of every row. */
  | { kind: 'history' };

/** Which rows of which table are wanted, and what is to be known of them. */
export interface RecoverRowsOptions
  extends Pick<QuestionOptions, 'backup' | 'passphrase' | 'signal' | 'onProgress'> {
  /** The table by name (needs a backup) … */
  table?: string | undefined;
  database?: string | undefined;
  /** … or by its file. */
  relation?: RelationFilter | undefined;
  question: RowsQuestion;
  /** The table's columns, where no backup tells them: `id int4, producto text`. */
  columns?: string | undefined;
  /** The zone that timestamptz values are printed in. */
  timezone: TimeZone;
  /** The timeline whose WAL is meant; by default the newest one that has an answer. */
  timeline?: number | undefined;
}

const LATEST: StopTarget = { kind: 'latest' };

/** See `questions/portable.ts`. */
export async function recoverRows(
  inputs: Inputs,
  options: RecoverRowsOptions,
  platform: Platform,
): Promise<RecoveredRows> {
  return ask(options, platform, async (asking) => {
    const { question } = options;
    const given = await openGiven(inputs, options.backup, asking.reading);
    if (options.table !== undefined) await checkBackup(options.backup, given);
    const asked = await given.openBackup();
    const take = (within?: WalBounds) => takeInventoryFor(asked, given.wal, asking.reading, within);
    if (asked !== undefined) {
      const origin = { backup: asked, chosen: given.chosen, passedOver: [] };
      return withinBounds(take, question, await startOf(asked), (inventory) => {
        asking.enter('replay');
        return rowsWith(origin, inventory, options, asking);
      });
    }
    const { found, problem } = needsBackup(options)
      ? { found: await given.candidates(), problem: undefined }
      : await candidatesIfAny(given);
    const tries = candidatesFor(question.kind === 'as-of' ? question.target : LATEST, found);
    if (question.kind === 'history') tries.reverse();
    const passedOver = problem === undefined ? [] : [problem];
    const [first] = tries.length === 0 ? [] : byNewestTimeline(tries, await take(NAMES_ONLY));
    return withinBounds(take, question, first?.stored.startLsn, (inventory) => {
      asking.enter('replay');
      return firstAnswer(byNewestTimeline(tries, inventory), passedOver, inventory, options, asking);
    });
  });
}

/**
 * Answers out of what there is from a backup's start to the target. Where that has no answer, or leads to what lies
 * outside of it, all WAL is looked at.
 * @param startLsn undefined where it is not known, or there is no backup
 */
async function withinBounds(
  take: (within?: WalBounds) => Promise<UsableInventory>,
  question: RowsQuestion,
  startLsn: Lsn | undefined,
  answer: (inventory: UsableInventory) => Promise<RecoveredRows>,
): Promise<RecoveredRows> {
  if (startLsn === undefined) return answer(await take());
  const inventory = await take({ startLsn, ...endOf(question) });
  try {
    return await answer(inventory);
  } catch (error) {
    if (isAll(inventory) || !(error instanceof WalError || error instanceof BeyondBounds)) throw error;
  }
  return answer(await take());
}

/** Where recovery stops at the latest, as far as its target tells. */
function endOf(question: RowsQuestion): Pick<WalBounds, 'endLsn' | 'until'> {
  if (question.kind !== 'as-of') return {};
  const { target } = question;
  if (target.kind === 'lsn') return { endLsn: target.lsn };
  return target.kind === 'time' ? { until: target.time } : {};
}

/** The WAL that stock was taken of does not do for an answer. */
class BeyondBounds extends Error {}

/** Without columns or with a table's name, the WAL alone has no answer. */
const needsBackup = ({ table, columns }: RecoverRowsOptions): boolean =>
  table !== undefined || columns === undefined;

/** What rows are out of, beside the WAL. */
interface RowsOrigin {
  backup: Backup | undefined;
  chosen: ChosenBackup | undefined;
  /** Why it is not another backup, which cannot be read. */
  passedOver: readonly WalError[];
}

/**
 * Rows out of the first of these backups that has an answer, or of the WAL alone where none can be opened; of a history
 * the first is the oldest.
 * @param lacking why backups are not among these
 */
async function firstAnswer(
  all: readonly ChosenBackup[],
  lacking: readonly WalError[],
  inventory: UsableInventory,
  options: RecoverRowsOptions,
  asking: Asking,
): Promise<RecoveredRows> {
  const passedOver = [...lacking];
  const target = targetOf(options.question);
  let tries = [...all];
  let problem: WalError | undefined;
  let empty: RecoveredRows | undefined;
  for (let chosen = tries.shift(); chosen !== undefined; chosen = tries.shift()) {
    const backup = await openCandidate(chosen, passedOver);
    if (backup === undefined) continue;
    try {
      const rows = await rowsWith({ backup, chosen, passedOver }, inventory, options, asking);
      if (isAnswer(rows, options)) {
        empty?.close();
        return rows;
      }
      if (empty === undefined) empty = rows;
      else rows.close();
    } catch (error) {
      if (!(error instanceof WalError) || !mayBeSinceOlder(error, options.question)) {
        empty?.close();
        throw error;
      }
      if (error.code === 'damaged-backup') passedOver.push(passOver(chosen.stored, error));
      else if (problem === undefined && mayBeOnOlder(error, options.question))
        tries = await mayReach(target, tries, inventory, asking);
      problem ??= error;
    }
  }
  if (empty) return empty;
  if (problem !== undefined) throw problem;
  if (passedOver.length > 0 && needsBackup(options)) throw passedOver[0];
  const origin = { backup: undefined, chosen: undefined, passedOver: passedOver.map(walAlone) };
  return rowsWith(origin, inventory, options, asking);
}

function walAlone(cause: WalError): WalError {
  const { code, said, file, lsn } = cause;
  const what = message`the rows are those that the WAL alone tells, without those that only a backup has: ${said}`;
  return new WalError(code, what, { file, lsn, cause });
}

/** That a transaction deleted no rows may be so on one timeline, or since one backup, only. */
const isAnswer = (rows: RecoveredRows, { question }: RecoverRowsOptions): boolean =>
  question.kind !== 'deleted-by' || !rows.isEmpty;

/** Whether an older backup may have the answer that this one has not. */
const mayBeSinceOlder = (error: WalError, question: RowsQuestion): boolean =>
  ['target-before-backup', 'backup-not-consistent', 'missing-backup', 'damaged-backup'].includes(
    error.code,
  ) || mayBeOnOlder(error, question);

/** Rows out of one backup, or none, and of the newest timeline that has an answer. */
async function rowsWith(
  origin: RowsOrigin,
  inventory: UsableInventory,
  options: RecoverRowsOptions,
  asking: Asking,
): Promise<RecoveredRows> {
  const timelines = options.timeline === undefined ? timelinesOf(inventory).reverse() : [options.timeline];
  const pages = asking.newPages();
  let problem: WalError | undefined;
  let empty: RecoveredRows | undefined;
  try {
    for (const timeline of timelines) {
      const chain = timelineChain(inventory, timeline);
      const { format } = inventory;
      const isHistory = options.question.kind === 'history';
      const replay = new TimelineReplay(format, chain, origin.backup, pages, asking, 'fail', isHistory);
      for (const problem of [...inventory.problems, ...unusedSegments(inventory)])
        replay.problems.push(problem);
      try {
        const rows = await new TimelineRecovery(options, origin, replay, pages).answer();
        if (isAnswer(rows, options)) return rows;
        empty ??= rows;
      } catch (error) {
        if (!(error instanceof WalError) || !mayBeOnOlder(error, options.question)) throw error;
        // what became of a transaction says more than that a timeline has nothing of it
        if (problem === undefined || (problem.kind === 'not-reached' && error.kind === 'not-found')) {
          const history = inventory.histories.find((one) => one.timeline === timeline);
          problem = (error.code === 'other-timeline' && history?.problem) || error;
        }
      }
    }
  } catch (error) {
    pages.close();
    throw error;
  }
  if (empty) return empty;
  pages.close();
  throw problem;
}

/**
 * Whether an older timeline may have the answer that this one has not. That there is no such table at a moment is an
 * answer; that a transaction is none that deleted its rows is one of this timeline alone.
 */
function mayBeOnOlder({ code, kind }: WalError, question: RowsQuestion): boolean {
  // no timeline has what was before the backup
  if (code === 'target-before-backup') return false;
  const isNoDeleter = kind === 'not-found' || code === 'unknown-table';
  return kind === 'not-reached' || kind === 'conflict' || (isNoDeleter && question.kind === 'deleted-by');
}

/** What WAL without a backup tells of a relation. */
interface WalScanned extends Pick<RowsScanned, 'found'> {
  file: RelFileLocator;
  columns: Column[];
}

/** Answers one question from the WAL of one timeline. */
class TimelineRecovery {
  private scanned: WalScanned | undefined;

  constructor(
    private readonly options: RecoverRowsOptions,
    private readonly origin: RowsOrigin,
    private readonly replay: TimelineReplay,
    private readonly pages: Pages,
  ) {}

  async answer(): Promise<RecoveredRows> {
    try {
      const rows = await this.rows();
      if (this.replay.isBeyond) throw new BeyondBounds();
      return rows;
    } catch (error) {
      if (this.replay.isBeyond) throw new BeyondBounds();
      if (!(error instanceof WalError)) throw error;
      if (error.code === 'missing-segments') throw withUnread(error, this.replay.problems);
      throw error.code === 'target-not-reached' ? await this.explained(error) : error;
    }
  }

  /** Says of a transaction whose end is not in the WAL what became of it. */
  private async explained(unreached: WalError): Promise<WalError> {
    const { question } = this.options;
    const xid = xidIn(question);
    // what is missing may hold its end
    if (xid === undefined || this.replay.problems.length > 0) return unreached;
    const scan = new TransactionFateScan(xid);
    await this.replay.readWal((record) => {
      scan.take(record);
      return true;
    });
    return explainUnreached(
      xid,
      scan.finish(),
      question.kind === 'deleted-by' ? '--deleted-by' : '--as-of',
      unreached,
    );
  }

  private async rows(): Promise<RecoveredRows> {
    const { question } = this.options;
    switch (question.kind) {
      case 'as-of':
        return this.rowsAt(question.target);
      case 'history':
        return this.rowsAt(LATEST);
      case 'deleted-by':
        return question.xid === 'last' ? this.lastDeleted() : this.rowsAt(beforeEndOf(question.xid));
    }
  }

  /**
   * The rows that went last: where a transaction removed the table when no row was left in it, those that one before it
   * deleted.
   */
  private async lastDeleted(): Promise<RecoveredRows> {
    const found = this.replay.hasBackup ? await this.scanHistory() : (await this.scanWal()).found;
    const passedOver: RecoveredRows[] = [];
    for (const xid of lastLosers(found)) {
      const rows = await this.rowsAt(beforeEndOf(xid), [...passedOver]);
      if (!rows.isEmpty) return rows;
      passedOver.push(rows);
    }
    const [last] = passedOver;
    if (last === undefined) throw nothingDeleted(this.replay.problems);
    return last;
  }

  private rowsAt(target: StopTarget, passedOver: readonly RecoveredRows[] = []): Promise<RecoveredRows> {
    return this.replay.hasBackup
      ? this.rowsFromBackup(target, passedOver)
      : this.rowsFromWal(target, passedOver);
  }

  private async rowsFromBackup(
    target: StopTarget,
    passedOver: readonly RecoveredRows[],
  ): Promise<RecoveredRows> {
    const { replay } = this;
    const { question } = this.options;
    const { table, database: databaseName, relation: filter } = this.options;
    const keepRemoved = question.kind === 'history';
    const wanted = { table, database: databaseName, relation: filter, keepRemoved };
    const cluster = await replay.catalogs(target, wanted);
    const found = await findRelation(cluster, this.options);
    const { relation, dbOid } = found;
    const database = await nameOfDatabase(cluster, dbOid);
    const catalog = await cluster.catalog(dbOid);
    const { tables, problems } = await tablesWithRows(cluster, found, this.options);
    const toastOf = ({ toast }: CatalogRelation): RelFileLocator | undefined =>
      toast === 0 ? undefined : catalog.relation(toast)?.file;
    const files = tables.flatMap((table) => [table.file, toastOf(table) ?? []].flat());
    const sources = files.flatMap((file) => cluster.copySources(file));
    const columns = this.givenColumns() ?? relation.columns;
    const objectTypes = objectTypesIn(
      [columns, ...tables.map((table) => table.columns)].flat(),
      catalog.type,
    );
    const objectName = await cluster.objectNames(dbOid, objectTypes);
    const all = [...files, ...sources];
    const relations = cluster.followed(all) ?? (await replay.relations(target, all, keepRemoved)).relations;
    const { pass } = cluster;
    const removalOf = await this.removalsIn(cluster, dbOid, tables);
    const byFile = new Map(relations.map((one) => [formatLocator(one.file), one]));
    const replayed = (file: RelFileLocator): ReplayedRelation => byFile.get(formatLocator(file))!;
    return new RecoveredRows({
      head: replay.headOf(pass),
      storedBackup: nameOfChosen(this.origin.chosen),
      question: question.kind,
      table: { ...relation, database },
      columns,
      context: {
        version: replay.version,
        timezone: this.options.timezone,
        type: catalog.type,
        objectName,
      },
      pass,
      sources: tables.map((table) => {
        const toast = toastOf(table);
        return {
          table: { ...table, database },
          columns: table === relation ? columns : table.columns,
          rows: replayed(table.file),
          toast: toast && replayed(toast),
          removal: removalOf(table.file),
        };
      }),
      passedOver,
      droppedColumns: await droppedIn(cluster, relation),
      isGiven: this.options.columns !== undefined,
      problems: distinctProblems([
        ...this.origin.passedOver,
        ...replay.problems,
        ...cluster.problems,
        ...problems,
      ]),
      signal: this.options.signal,
      pages: this.pages,
    });
  }

  /** What the transaction did to tables' files before whose end the pass stopped. */
  private async removalsIn(
    cluster: ReplayedCluster,
    dbOid: number,
    tables: readonly CatalogRelation[],
  ): Promise<(file: RelFileLocator) => RemovalKind | undefined> {
    const { stoppedAt } = cluster.pass;
    if (stoppedAt === undefined) return () => undefined;
    if (dropsDatabase(cluster.pass, dbOid)) return () => 'drop';
    const files = tables.map(({ file }) => file);
    const gone = files.filter((file) => stoppedAt.dropped.some((dropped) => isSameFile(dropped, file)));
    if (gone.length === 0) return () => undefined;
    const versions = await cluster.relationVersions(dbOid);
    const { found } = await this.scan(gone, cataloguedFiles(versions), stoppedAt);
    return (file) => removalBy(stoppedAt, file, found);
  }

  private givenColumns(): Column[] | undefined {
    const { columns } = this.options;
    return columns === undefined ? undefined : parseColumns(columns, this.replay.version);
  }

  /** What became of all the files that the table had. */
  private async scanHistory(): Promise<RelationFound[]> {
    const cluster = await this.replay.catalogs(LATEST);
    const { files, versions } = await findHistory(cluster, this.options);
    this.replay.problems.push(...cluster.problems);
    return (await this.scan(files, cataloguedFiles(versions))).found;
  }

  /** @param to the record after which no other is of interest */
  private async scan(
    relations: readonly RelationFilter[],
    catalogued?: CataloguedFiles,
    to?: { lsn: Lsn },
  ): Promise<RowsScanned> {
    const scan = new RowScan(relations, catalogued);
    const read = await this.replay.readWal((record, before) => {
      scan.take(record, before);
      return to === undefined || record.lsn < to.lsn;
    });
    return scan.finish(read);
  }

  /** Without a backup: what the WAL alone tells of a relation. */
  private async rowsFromWal(
    target: StopTarget,
    passedOver: readonly RecoveredRows[],
  ): Promise<RecoveredRows> {
    const { question } = this.options;
    const { replay } = this;
    const { file, columns, found } = await this.scanWal();
    const pass = await replay.relations(target, [file], question.kind === 'history');
    const rows = pass.relations[0];
    const context: TypeContext = {
      version: replay.version,
      timezone: this.options.timezone,
      type: (oid) => builtinTypesOf(replay.version).get(oid),
    };
    const toastNumber = checkColumns(rows, columns, context, pass.cluster.transactions);
    const toast = await this.replayToast(file, toastNumber, target);
    const table = { database: '', schema: '', name: String(file.relNumber), file };
    return new RecoveredRows({
      head: replay.headOf(pass),
      storedBackup: nameOfChosen(this.origin.chosen),
      question: question.kind,
      table,
      columns,
      context,
      pass,
      sources: [
        {
          table,
          columns,
          rows,
          toast,
          removal: dropsDatabase(pass, file.dbOid)
            ? 'drop'
            : pass.stoppedAt && removalBy(pass.stoppedAt, file, found),
        },
      ],
      passedOver,
      droppedColumns: [],
      isGiven: true,
      problems: [...this.origin.passedOver, ...replay.problems],
      signal: this.options.signal,
      pages: this.pages,
    });
  }

  /** Without a backup: the relation asked for, and what became of it. Reads the WAL once. */
  private async scanWal(): Promise<WalScanned> {
    const { relation: filter } = this.options;
    const columns = this.givenColumns();
    if (!filter || !columns) {
      throw new WalError(
        'no-backup',
        message`without a backup, the table and its columns have to be given: --rel 16386 --columns "id int4, name text"; or give --backup, which tells them`,
      );
    }
    if (this.scanned === undefined) {
      const scanned = await this.scan([filter]);
      checkIsLogged(scanned);
      this.scanned = { file: onlyFile(scanned, this.replay.problems), columns, found: scanned.found };
    }
    return this.scanned;
  }

  /** The TOAST table of that number: without catalogs, the file that has its oid for a name. */
  private async replayToast(
    file: RelFileLocator,
    relNumber: number | undefined,
    target: StopTarget,
  ): Promise<ReplayedRelation | undefined> {
    if (relNumber === undefined) return undefined;
    const { kind } = this.options.question;
    const pass = await this.replay.relations(target, [{ ...file, relNumber }], kind === 'history');
    return pass.relations[0];
  }
}

/** Whether the transaction before whose end a pass stopped drops a database. */
function dropsDatabase({ stoppedAt, cluster }: ReplayPass, dbOid: number): boolean {
  const xids = stoppedAt === undefined ? [] : endingXids(stoppedAt);
  return xids.some((xid) => cluster.databasesDropped.get(xid)?.has(dbOid));
}

/** Says of segments that are missing which files could not be read, since these may hold them. */
function withUnread(missing: WalError, problems: readonly WalError[]): WalError {
  const [first, ...others] = problems.filter(({ file }) => file !== undefined);
  if (first === undefined) return missing;
  const more = others.length === 0 ? '' : message` (and ${others.length} more)`;
  const text = message`${missing.said}, and not all that was given could be read: ${first.said}${more}`;
  return new WalError(missing.code, text, { lsn: missing.lsn, file: first.file, cause: missing });
}

function nothingDeleted(problems: readonly WalError[]): WalError {
  const text = message`no transaction that committed in the WAL given deleted rows of the table`;
  return problems.length > 0 ? notFoundIn(text, problems) : new WalError('nothing-deleted', text);
}

/** The transaction whose end a question is about. */
function xidIn(question: RowsQuestion): number | undefined {
  if (question.kind === 'deleted-by') return question.xid === 'last' ? undefined : withoutEpoch(question.xid);
  if (question.kind !== 'as-of' || question.target.kind !== 'xid') return undefined;
  return withoutEpoch(question.target.xid);
}

/** What WAL there must be for an answer. */
function targetOf(question: RowsQuestion): StopTarget {
  if (question.kind === 'as-of') return question.target;
  return question.kind === 'history' || question.xid === 'last' ? LATEST : beforeEndOf(question.xid);
}

/** The moment before a transaction commits. */
const beforeEndOf = (xid: number | bigint): StopTarget => ({ kind: 'xid', xid, inclusive: false });

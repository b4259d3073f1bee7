import type { AnswerHead } from '../../cluster/answer-head.js';
import { isWithin, timelineChain, timelinesOf } from '../../cluster/chain.js';
import { type EndRecord, endingXids, transactionEnd } from '../../follow/transaction-end.js';
import { TransactionFateScan } from '../../follow/transaction-fate.js';
import { distinctProblems } from '../../follow/wal-problems.js';
import type { Pages } from '../../replay/block-store.js';
import { CATALOG_OIDS } from '../../replay/catalog.js';
import { ChangeReplay, type CommittedChanges } from '../../replay/change-replay.js';
import { CATALOGS_READ } from '../../replay/live-catalog.js';
import type { StopTarget } from '../../replay/recovery.js';
import { ReplayedRelation } from '../../replay/replayed-relation.js';
import { EMPTY_SEARCH_PATH } from '../../replay/search-path.js';
import { TimelineReplay } from '../../replay/timeline-replay.js';
import { unknownDatabase, unknownTable } from '../../replay/unknown-name.js';
import { takeInventoryFor } from '../../replay/wal-of-backup.js';
import { formatLocator } from '../../rmgr/locator.js';
import type { Backup } from '../../sources/backup-parts.js';
import { NAMES_ONLY, type WalBounds } from '../../sources/bounds.js';
import type { Inputs } from '../../sources/input.js';
import type { UsableInventory } from '../../sources/inventory.js';
import { labelOf } from '../../sources/read-base-backup.js';
import type { Reading } from '../../sources/reading.js';
import { type TimeZone, UTC } from '../../text/timezone.js';
import { WalError } from '../../wal/error.js';
import { formatLsn, highest, type Lsn } from '../../wal/lsn.js';
import { message } from '../../wal/message.js';
import { INVALID_XID, type WalRecord } from '../../wal/record.js';
import { formatTimestampIso, type TimestampTz } from '../../wal/timestamp.js';
import { withoutEpoch } from '../../wal/xid.js';
import { Asking, type QuestionOptions } from '../asking.js';
import {
  type ChosenBackup,
  candidateForNames,
  candidatesFor,
  candidatesIfAny,
  type Given,
  nameOfChosen,
  openCandidate,
  openGiven,
  type StoredBackupName,
} from '../given.js';
import type { Platform } from '../platform.js';
import { explainUnreached } from '../rows/unreached.js';
import { timelinesToSearch } from '../segment-tasks.js';
import { unusedSegments } from '../unused-segments.js';
import { type WalReach, walReach } from '../wal-reach.js';
import { findWho, type LogOptions } from '../who/ask.js';
import type { AskedTransaction } from '../who/who.js';
import { BegunBefore } from './begun-before.js';
import type { Change, ChangesOrder } from './change.js';
import { ChangesJson } from './json.js';
import { LaterCatalogs } from './later-catalogs.js';
import { TakenBack } from './taken-back.js';
import { TransactionReader } from './transaction-reader.js';
import { WantedTables } from './wanted-tables.js';
import { beyondRead, checkWindow } from './window.js';

/** Which changes are wanted. */
export interface ChangesOptions
  extends Pick<QuestionOptions, 'backup' | 'passphrase' | 'signal' | 'onProgress'>,
    LogOptions {
  /** Those of these transactions, or of those that these are subtransactions of. */
  xids?: readonly (number | bigint)[] | undefined;
  /** Those that committed at or after this time, and at or before that. */
  since?: TimestampTz | undefined;
  until?: TimestampTz | undefined;
  /** Those whose COMMIT lies at or behind this position, and at or before that. */
  start?: Lsn | undefined;
  end?: Lsn | undefined;
  /** In this database only. */
  database?: string | undefined;
  /** Of these tables, their partitions and those that inherit from them; all by default. */
  tables?: readonly string[] | undefined;
  excludeTables?: readonly string[] | undefined;
  /** System catalogs and TOAST tables, too. */
  system?: boolean | undefined;
  /** A backup that was made later, or a data folder: it tells names and types where there is no backup from before. */
  catalog?: Inputs | undefined;
  /**
   * `commit`, the default: a transaction after the other, as they committed; `lsn`: as the changes are in the WAL, which is
   * read twice for it.
   */
  order?: ChangesOrder | undefined;
  /** In which zone values of timestamptz are printed. */
  timezone: TimeZone;
  /** By default the newest one. */
  timeline?: number | undefined;
  /** The rows of tables that were dropped or truncated are to be given. Needs a backup. */
  removedRows?: boolean | undefined;
  /** Changes of tables' definitions, too. Needs a backup. */
  definitions?: boolean | undefined;
  /** Names that values of `regclass` and the like print have their schema, as where `search_path` is empty. */
  qualifiedNames?: boolean | undefined;
  /** All that committed after the first of the transactions asked for changed of the same tables, too. */
  withLater?: boolean | undefined;
}

/** Changes of rows, in the order in which their transactions committed. */
export class Changes implements AsyncIterable<Change> {
  /** The WAL that was read; known once all changes were taken. */
  head: AnswerHead | undefined;
  /** PostgreSQL's major version; known once the first change is. */
  postgres: number | undefined;
  /** The backup, where it is one of a backup tool's repository; known once the first change is. */
  storedBackup: StoredBackupName | undefined;
  /** Whether a backup's catalogs told names and types. */
  hasBackup = false;
  /** How many changes there were, and how many values of them are not known. */
  count = 0;
  unknownValues = 0;
  /** In which order changes come. */
  readonly order: ChangesOrder;
  /** What is not as it should be; complete once all changes were taken. */
  problems: readonly WalError[] = [];
  /** What WAL there is, where there is no change of those asked for. */
  reach: WalReach | undefined;
  /** Told when all changes were taken, as long as the pages are there. @internal */
  atEnd: ((reader: TransactionReader) => Promise<void>) | undefined;

  /** @internal */
  constructor(
    private readonly inputs: Inputs,
    private readonly options: ChangesOptions,
    private readonly platform: Platform,
  ) {
    this.order = options.order ?? 'commit';
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Change> {
    for await (const batch of this.batches()) yield* batch;
  }

  /** The same, many at a time: nobody waits between those that are there. */
  async *batches(): AsyncGenerator<readonly Change[]> {
    const read = (reading: ChangesReading) =>
      reading.run((one, isLater) => reading.reader.batches(one, isLater));
    for await (const batch of this.read(read, () => this.count)) {
      this.count += batch.length;
      yield batch;
    }
  }

  /**
   * The same as lines of JSON, times in UTC, each piece good until the next one is asked for.
   * @internal
   */
  async *json(): AsyncGenerator<Uint8Array> {
    const json = new ChangesJson(UTC, this.order);
    yield* this.read(
      (reading) => {
        const { reader } = reading;
        return reading.run((one, isLater) => reader.write(one, isLater, json));
      },
      () => json.count,
    );
    this.count = json.count;
    json.end();
    yield json.out.written;
  }

  /** @param count tells how many changes there were, once all were given */
  private async *read<T>(
    read: (reading: ChangesReading) => AsyncGenerator<T>,
    count: () => number,
  ): AsyncGenerator<T> {
    const asking = new Asking(this.options, this.platform);
    const pages = asking.newPages();
    try {
      const reading = await ChangesReading.open(this.inputs, this.options, asking, pages);
      this.postgres = reading.version;
      this.hasBackup = reading.hasBackup;
      this.storedBackup = nameOfChosen(reading.chosen);
      yield* read(reading);
      await this.atEnd?.(reading.reader);
      this.head = reading.head;
      this.unknownValues = reading.unknownValues;
      this.problems = reading.problems;
      if (count() === 0) this.reach = await walReach(reading.inventory, asking.reading);
    } finally {
      pages.close();
      await asking.close();
    }
  }
}

/** What is read of the WAL beforehand. */
interface Ahead {
  /** The transactions that are wanted, by their ids and those of their subtransactions. */
  commits: Map<number, Pick<CommittedChanges, 'end' | 'origin'>>;
  takenBack: TakenBack;
}

/** The most transactions that are looked up in logs. */
const MOST_ASKED = 10_000;

/** One reading of the WAL for changes. */
class ChangesReading {
  private readonly fates: TransactionFateScan[];
  private readonly wanted: ReadonlySet<number> | undefined;
  /** Those of {@link wanted} that have ended. */
  private readonly ended = new Set<number>();
  private readonly lost: WalError[] = [];
  private readonly begunBefore = new BegunBefore();
  private hasBegun = false;
  /** Because the end that was asked for was reached. */
  private isStopped = false;
  readonly reader: TransactionReader;

  private constructor(
    private readonly options: ChangesOptions,
    private readonly replay: TimelineReplay,
    private readonly machine: ChangeReplay,
    private readonly tables: WantedTables,
    private readonly known: readonly WalError[],
    readonly chosen: ChosenBackup | undefined,
    readonly inventory: UsableInventory,
  ) {
    const { xids } = options;
    this.wanted = xids && new Set(xids.map(withoutEpoch));
    this.fates = [...(this.wanted ?? [])].map((xid) => new TransactionFateScan(xid));
    this.reader = new TransactionReader(machine, replay.version, options.timezone, options);
  }

  static async open(
    inputs: Inputs,
    options: ChangesOptions,
    asking: Asking,
    pages: ReturnType<Asking['newPages']>,
  ): Promise<ChangesReading> {
    checkWindow(options);
    const given = await openGiven(inputs, options.backup, asking.reading);
    const asked = await given.openBackup();
    const { inventory, backup, chosen, passedOver } =
      asked === undefined
        ? await stockAndBackup(given, options, asking.reading)
        : {
            inventory: await takeInventoryFor(
              asked,
              given.wal,
              asking.reading,
              await boundsOf(options, asked),
            ),
            backup: asked,
            chosen: given.chosen,
            passedOver: [],
          };
    asking.enter('replay');
    const [timeline] =
      options.timeline === undefined
        ? timelinesOf(inventory).slice(-1)
        : timelinesToSearch(inventory, options.timeline);
    const chain = timelineChain(inventory, timeline);
    const range = inventory.ranges?.get(timeline) ?? {};
    // what lies outside may not be what its name says
    const segments = chain.segments.filter(
      ({ file, end }) => file.outside !== true && isWithin(file.start, end, range),
    );
    const replay = new TimelineReplay(
      inventory.format,
      { ...chain, segments },
      backup,
      pages,
      asking,
      'stop',
    );
    const later =
      backup === undefined && options.catalog !== undefined
        ? await LaterCatalogs.read(options.catalog, inventory.format, asking, pages)
        : undefined;
    const tables = new WantedTables(options);
    const machine = await machineOf(replay, backup, later, options, tables, pages);
    const known = [
      ...passedOver,
      ...inventory.problems,
      ...unusedSegments(inventory),
      ...(later?.problems ?? []),
    ];
    const reading = new ChangesReading(options, replay, machine, tables, known, backup && chosen, inventory);
    const logs =
      options.logs === undefined ? undefined : await findWho(await reading.asked(), options, asking);
    reading.reader.who = logs?.who;
    known.push(...(logs?.problems ?? []));
    asking.enter('replay');
    return reading;
  }

  get version(): number {
    return this.replay.version;
  }

  get hasBackup(): boolean {
    return this.machine.hasBackup;
  }

  get head(): AnswerHead {
    return this.replay.headOf(this.machine);
  }

  get unknownValues(): number {
    return this.reader.unknownValues;
  }

  get problems(): WalError[] {
    const { unknownRemovals } = this.machine;
    const removed =
      unknownRemovals === 0
        ? []
        : [
            new WalError(
              'unknown-removal',
              message`transactions removed ${unknownRemovals} files, of which the WAL alone does not tell whether by DROP, TRUNCATE or a rewrite: give a backup from before`,
            ),
          ];
    const lacking =
      this.hasBackup || this.unknownValues === 0
        ? []
        : [
            new WalError(
              'no-backup',
              message`without a backup rows are known only as far as the WAL has them: give one from before, or a later one as --catalog for names and types`,
            ),
          ];
    return distinctProblems([
      ...this.known,
      ...this.replay.problems,
      ...this.machine.problems,
      ...removed,
      ...lacking,
      ...this.lost,
    ]);
  }

  /** @param read gives what a transaction changed; undefined where it keeps that for later */
  async *run<T>(
    read: (committed: CommittedChanges, isLater: boolean) => AsyncGenerator<T> | undefined,
  ): AsyncGenerator<T> {
    const { machine, replay, options } = this;
    const ahead = options.order === 'lsn' ? await this.lookAhead() : undefined;
    for await (const reader of replay.segments()) {
      for (const record of replay.recordsOf(reader, () => machine.forget())) {
        if (options.end !== undefined && this.isBeyond(record.lsn) && !options.withLater) {
          this.isStopped = true;
          return this.finish();
        }
        for (const fate of this.fates) fate.take(record);
        const committed = machine.committed(record);
        if (committed !== undefined) {
          const isWanted = this.isWanted(committed.end);
          this.hasBegun ||= isWanted;
          const isLater = !isWanted && this.hasBegun && options.withLater === true;
          const known = ahead?.commits.get(committed.end.xid) ?? committed;
          const { changes } = committed;
          const { end, origin } = known;
          const pieces = isWanted || isLater ? read({ end, origin, changes }, isLater) : undefined;
          if (pieces !== undefined) yield* pieces;
        }
        this.noteEnd(record);
        const loading = machine.take(record);
        if (loading !== undefined) await loading;
        const known = record.xid === INVALID_XID ? undefined : ahead?.commits.get(record.xid);
        if (ahead !== undefined && known !== undefined) {
          const changes = () => ahead.takenBack.without(machine.changesSoFar(record.xid));
          const pieces = read({ ...known, changes }, false);
          if (pieces !== undefined) yield* pieces;
        }
      }
      if (this.isDone) break;
    }
    this.finish();
  }

  /** Reads the WAL for what has to be known before changes are given in its order. */
  private async lookAhead(): Promise<Ahead> {
    const ahead: Ahead = { commits: new Map(), takenBack: new TakenBack() };
    await this.replay.readWal((record) => {
      ahead.takenBack.take(record);
      const end = transactionEnd(record);
      if (end === undefined) return true;
      const commit = { end, origin: record.origin };
      for (const xid of endingXids(end)) {
        ahead.takenBack.end(xid);
        if (end.status === 'committed' && this.isWanted(end)) ahead.commits.set(xid, commit);
      }
      return true;
    });
    return ahead;
  }

  /**
   * The transactions that logs are asked for, which takes a reading of the WAL beforehand.
   * @throws WalError `usage` where they are very many
   */
  private async asked(): Promise<AskedTransaction[]> {
    const asked: AskedTransaction[] = [];
    await this.replay.readWal((record) => {
      const end = transactionEnd(record);
      if (end?.status !== 'committed' || !this.isWanted(end)) return true;
      const { xid, lsn, time } = end;
      asked.push({ xid, lsn, time, deeds: [], tables: [], database: undefined });
      return asked.length <= MOST_ASKED;
    });
    if (asked.length <= MOST_ASKED) return asked;
    throw new WalError(
      'usage',
      message`more than ${MOST_ASKED} transactions are too many to look up in logs: say which, by their ids, their times or their places in the WAL`,
    );
  }

  /** Whether nothing that is asked for can come any more. */
  private get isDone(): boolean {
    return this.wanted !== undefined && this.ended.size === this.wanted.size && !this.options.withLater;
  }

  private isBeyond(lsn: Lsn): boolean {
    const { end } = this.options;
    return end !== undefined && lsn > end;
  }

  private isWanted(end: EndRecord): boolean {
    const { since, until, start } = this.options;
    if ((start !== undefined && end.lsn < start) || this.isBeyond(end.lsn)) return false;
    if ((since !== undefined && end.time < since) || (until !== undefined && end.time > until)) return false;
    return this.wanted === undefined || endingXids(end).some((xid) => this.wanted?.has(xid));
  }

  /** Keeps account of the transactions that were asked for. */
  private noteEnd(record: WalRecord): void {
    const end = transactionEnd(record);
    if (end === undefined) return;
    const { machine } = this;
    if (machine.hasBackup && end.status === 'committed' && this.isWanted(end))
      this.begunBefore.take(end.xid, machine.nextXid);
    if (this.wanted === undefined) return;
    for (const xid of endingXids(end)) {
      if (!this.wanted.has(xid)) continue;
      this.ended.add(xid);
      if (end.status !== 'aborted') continue;
      const text = message`transaction ${xid} was rolled back at ${formatLsn(end.lsn)}, ${formatTimestampIso(end.time)}: it changed nothing`;
      this.lost.push(new WalError('not-committed', text, { lsn: end.lsn }));
    }
  }

  /** Says what was not found. */
  private finish(): void {
    for (const [i, xid] of [...(this.wanted ?? [])].entries()) {
      if (this.ended.has(xid)) continue;
      const end = formatLsn(this.machine.endLsn ?? 0n);
      const unreached = new WalError(
        'target-not-reached',
        message`it ends at ${end}: give what follows, too`,
      );
      this.lost.push(explainUnreached(xid, this.fates[i].finish(), '--xid', unreached));
    }
    this.lost.push(...beyondRead(this.options, this.machine));
    if (!this.machine.hasBackup) return;
    const begun = this.begunBefore.problem(this.machine.nextXid, this.machine.firstLsn ?? 0n);
    if (begun) this.lost.push(begun);
    if (this.machine.consistentLsn === undefined) {
      const text = this.isStopped
        ? message`the end that was asked for lies before the place where the backup is consistent: the changes after that are not known, and values may be of a later moment`
        : message`the WAL given ends before the backup is consistent: the changes after that are not known, and values may be of a later moment`;
      this.lost.push(new WalError('backup-not-consistent', text));
    }
    if (this.tables.isUnknownDatabase(this.machine)) {
      const text = message`there is no database ${String(this.options.database)} at the end of what was read`;
      this.lost.push(unknownDatabase(text, String(this.options.database), this.machine.databases()));
    }
    for (const name of this.tables.unknown(this.machine)) {
      const text = message`there is no table ${name} in the database that is meant`;
      this.lost.push(unknownTable(text, name, this.machine.relations()));
    }
  }
}

/** Where no backup is named: takes stock, and opens one of those that a repository has. */
async function stockAndBackup(
  given: Given,
  options: ChangesOptions,
  reading: Reading,
): Promise<{
  inventory: UsableInventory;
  backup: Backup | undefined;
  chosen: ChosenBackup | undefined;
  passedOver: WalError[];
}> {
  const passedOver: WalError[] = [];
  const { found, problem } = await candidatesIfAny(given);
  if (problem) passedOver.push(problem);
  const take = (within?: WalBounds) => takeInventoryFor(undefined, given.wal, reading, within);
  const choose = async (inventory: UsableInventory) => {
    const chosen = chooseBackup(found, inventory, options);
    return { chosen, backup: chosen && (await openCandidate(chosen, passedOver)) };
  };
  if (!isBounded(options)) {
    const inventory = await take();
    return { inventory, ...(await choose(inventory)), passedOver };
  }
  const begun = found.length === 0 ? NO_BACKUP : await choose(await take(NAMES_ONLY));
  const inventory = await take(await boundsOf(options, begun.backup));
  if (chooseBackup(found, inventory, options) === begun.chosen) return { inventory, ...begun, passedOver };
  // some of the WAL is not what its files' names say
  const all = await take();
  return { inventory: all, ...(await choose(all)), passedOver };
}

const NO_BACKUP = { chosen: undefined, backup: undefined };

const isBounded = ({ xids, since, until, start, end }: ChangesOptions): boolean =>
  [xids, since, until, start, end].some((bound) => bound !== undefined);

/** What of the WAL matters: all since the backup, up to the last commit that is asked for. */
async function boundsOf(options: ChangesOptions, backup: Backup | undefined): Promise<WalBounds> {
  if (!isBounded(options)) return {};
  const { until, end, xids, withLater } = options;
  // what is wrong with a label is told when the backup is read
  const label = await (backup && labelOf(backup).catch(() => undefined));
  const startLsn = label?.startLsn;
  if (withLater) return { startLsn };
  if (end !== undefined) return { startLsn, endLsn: highest([end, startLsn ?? end])! + 1n };
  // where a transaction ended that is asked for is told wherever that is
  return xids === undefined ? { startLsn, until } : { startLsn };
}

/** The backup to begin with, where none is named: the newest before what is asked for, or the oldest that WAL goes on from. */
function chooseBackup(
  found: readonly ChosenBackup[],
  inventory: UsableInventory,
  { since, start }: ChangesOptions,
): ChosenBackup | undefined {
  const oldest = candidateForNames(found, inventory, true);
  if (since === undefined && start === undefined) return oldest;
  const target: StopTarget =
    start === undefined
      ? { kind: 'time', time: since!, inclusive: false }
      : { kind: 'lsn', lsn: start, inclusive: false };
  return candidateForNames(candidatesFor(target, found).slice(0, 1), inventory, false) ?? oldest;
}

/** What applies the WAL, with the catalogs of the backup. */
async function machineOf(
  replay: TimelineReplay,
  backup: Backup | undefined,
  later: LaterCatalogs | undefined,
  options: ChangesOptions,
  tables: WantedTables,
  pages: Pages,
): Promise<ChangeReplay> {
  const { system = false } = options;
  const loaded = new Map<string, ReplayedRelation>();
  const files =
    backup &&
    (await replay.loadFiles((file) => {
      if (!READ_CATALOGS.has(file.relNumber)) return undefined;
      const key = formatLocator(file);
      const relation = loaded.get(key) ?? new ReplayedRelation(file, pages.newStore(), false, pages);
      loaded.set(key, relation);
      return relation;
    }));
  const machine: ChangeReplay = new ChangeReplay({
    version: replay.version,
    files,
    pages,
    load: (wanted) => replay.loadBlocks(wanted),
    isWanted: (table, file) => tables.isWanted(table, file, (oid) => machine.databaseName(oid)),
    withSystem: system,
    withRemovedRows: options.removedRows,
    withDefinitions: options.definitions,
    searchPath: options.qualifiedNames ? EMPTY_SEARCH_PATH : undefined,
    later: later?.machine,
  });
  for (const relation of loaded.values()) machine.addLoaded(relation);
  await machine.loadCatalogs();
  return machine;
}

/** Where the catalogs that are read usually lie. */
const READ_CATALOGS: ReadonlySet<number> = new Set([...CATALOGS_READ, CATALOG_OIDS.database]);

import { type TimelineChain, timelineChain } from '../../cluster/chain.js';
import { recordJson } from '../../dump/json.js';
import { recordText } from '../../dump/line.js';
import { recordLayout } from '../../dump/record-layout.js';
import { parseRelation } from '../../follow/relation.js';
import { Asking, ask, type Progress } from '../../questions/asking.js';
import { findCommit } from '../../questions/find-commit/ask.js';
import { findCommitJson } from '../../questions/find-commit/json.js';
import { findCommitText } from '../../questions/find-commit/text.js';
import { openGiven } from '../../questions/given.js';
import { findIncidents } from '../../questions/incidents/ask.js';
import { MIN_ROWS } from '../../questions/incidents/incident.js';
import { incidentsJson } from '../../questions/incidents/json.js';
import { incidentsText } from '../../questions/incidents/text.js';
import { type PlanTarget, planRecovery } from '../../questions/plan/ask.js';
import { planJson } from '../../questions/plan/json.js';
import { planText } from '../../questions/plan/text.js';
import { readReport } from '../../questions/report/ask.js';
import { reportJson } from '../../questions/report/json.js';
import { type RowsQuestion, recoverRows } from '../../questions/rows/ask.js';
import type { RecoveredRows } from '../../questions/rows/recovered-rows.js';
import { timelinesToSearch } from '../../questions/segment-tasks.js';
import { readRelationNames } from '../../replay/names-of-backup.js';
import { takeInventoryFor } from '../../replay/wal-of-backup.js';
import { takeTurnsAtTimes } from '../../sources/abort.js';
import type { Input } from '../../sources/input.js';
import type { SegmentFile } from '../../sources/inventory.js';
import { withoutColours } from '../../text/colours.js';
import { csvLine } from '../../text/csv.js';
import { quoteIdentifier } from '../../text/sql-identifier.js';
import { UTC } from '../../text/timezone.js';
import { type ErrorCode, type Problem, WalError } from '../../wal/error.js';
import { formatLsn, highest, type Lsn, lowest, parseLsn } from '../../wal/lsn.js';
import { message } from '../../wal/message.js';
import { segmentFileNameOf } from '../../wal/segment-name.js';
import type {
  Answer,
  BackupChoice,
  DroppedFile,
  Engine,
  FindCommitQuery,
  IncidentsQuery,
  OnEngineProgress,
  Opened,
  PlanQuery,
  RecordDetail,
  RecordList,
  RecordQuery,
  RecordRow,
  ReportQuery,
  RowsFound,
  RowsQuery,
  TableName,
} from './api.js';
import { DroppedFolder } from './dropped-files.js';
import { CACHE_READING, PAGE } from './platform.js';
import { RecordCursor, WindowCache } from './record-cursor.js';
import type { LsnList } from './record-list.js';
import { rowOf } from './record-row.js';
import { scanRecords } from './record-scan.js';
import { type FoundBackup, type Stock, takeStock } from './stock.js';
import { optionalTime, timeOf } from './time.js';

/** As many are told. */
const MOST_PROBLEMS = 1000;
/** As many windows of WAL are kept for the records that are looked at: 64 MiB. */
const WINDOWS_KEPT = 4;
/** In milliseconds: whoever is told how far the work is need not be told more often. */
const BETWEEN_TOLD = 50;

/** What is open. */
interface OpenStock extends Stock {
  passphrase: string | undefined;
  windows: WindowCache;
  close(): Promise<void>;
}

/** The list of records made last. */
interface MadeList {
  id: number;
  lsns: LsnList;
  rows: readonly RecordRow[];
  cursor: RecordCursor;
}

/** What the page's worker does: see {@link Engine}. */
export class PageEngine implements Engine {
  private stock: OpenStock | undefined;
  private list: MadeList | undefined;
  private lists = 0;
  /** The long call that runs, and when it has ended. */
  private running = new AbortController();
  private ended: Promise<unknown> = Promise.resolve();
  /** Short calls share a cursor, and come one after the other. */
  private turn: Promise<unknown> = Promise.resolve();

  open(files: DroppedFile[], onProgress: OnEngineProgress, passphrase?: string): Promise<Answer<Opened>> {
    return this.long(async (signal) => {
      await this.stock?.close();
      this.stock = undefined;
      this.list = undefined;
      // not `ask`: what is in tar files stays open as long as they are looked at
      const asking = new Asking({ signal, passphrase, onProgress: teller(onProgress) }, PAGE);
      try {
        const stock = await takeStock(DroppedFolder.of(files), asking);
        const windows = new WindowCache(WINDOWS_KEPT, stock.inventory.format, CACHE_READING);
        this.stock = { ...stock, passphrase, windows, close: () => asking.close() };
        return openedOf(stock);
      } catch (error) {
        await asking.close();
        throw error;
      }
    });
  }

  report({ since, until, backup }: ReportQuery, onProgress: OnEngineProgress): ReturnType<Engine['report']> {
    return this.question(onProgress, async ({ inputs, backups }, told) => {
      const window = { since: optionalTime(since), until: optionalTime(until) };
      const chosen = backup === null ? (false as const) : inputOf(backups, backup);
      const options = { ...window, minRows: MIN_ROWS, backup: chosen, ...told };
      return reportJson(await readReport(inputs, options, PAGE));
    });
  }

  findCommit(
    { relation, table, backup }: FindCommitQuery,
    onProgress: OnEngineProgress,
  ): ReturnType<Engine['findCommit']> {
    return this.question(onProgress, async ({ inputs, backups }, told) => {
      const options = { relation, table, backup: inputOf(backups, backup), ...told };
      const result = await findCommit(inputs, options, PAGE);
      const text = findCommitText(result, relation ?? table?.table ?? '', UTC);
      return { json: findCommitJson(result), text: withoutColours(text) };
    });
  }

  incidents(
    { since, until, minRows = MIN_ROWS, backup }: IncidentsQuery,
    onProgress: OnEngineProgress,
  ): ReturnType<Engine['incidents']> {
    return this.question(onProgress, async ({ inputs, backups }, told) => {
      const window = { since: optionalTime(since), until: optionalTime(until) };
      const chosen = backup === null ? (false as const) : inputOf(backups, backup);
      const result = await findIncidents(inputs, { ...window, minRows, backup: chosen, ...told }, PAGE);
      return { json: incidentsJson(result), text: withoutColours(incidentsText(result, UTC)) };
    });
  }

  plan({ target, backup }: PlanQuery, onProgress: OnEngineProgress): ReturnType<Engine['plan']> {
    return this.question(onProgress, async ({ inputs, backups }, told) => {
      const wanted = planTarget(target);
      const planned = await sinceOlder(backups, backup, (one) =>
        planRecovery(inputs, { target: wanted, backup: one, ...told }, PAGE),
      );
      return { json: planJson(planned), text: withoutColours(planText(planned, UTC)) };
    });
  }

  tables({ backup }: BackupChoice, onProgress: OnEngineProgress): Promise<Answer<TableName[]>> {
    return this.question(onProgress, ({ inputs, backups, inventory }, told) =>
      ask(told, PAGE, async (asking) => {
        const given = await openGiven(inputs, inputOf(backups, backup), asking.reading);
        const opened = (await given.openBackup()) ?? (await (await given.candidates())[0]?.stored.open());
        if (opened === undefined) throw noBackup();
        const stock = await takeInventoryFor(opened, given.wal, asking.reading);
        asking.enter('names');
        const { names } = await readRelationNames(opened, stock, asking);
        const { version } = inventory.format;
        const found = new Map<string, TableName>();
        for (const { database, schema, name } of [...names.values()].flatMap((one) => one.tables)) {
          const table = `${quoteIdentifier(schema, version)}.${quoteIdentifier(name, version)}`;
          found.set(JSON.stringify([database, table]), { database, table });
        }
        return [...found.values()];
      }),
    );
  }

  tableRows({ limit, ...query }: RowsQuery, onProgress: OnEngineProgress): Promise<Answer<RowsFound>> {
    return this.rows(query, onProgress, (found, signal) => rowsFound(found, limit, signal));
  }

  rowsFile(query: Omit<RowsQuery, 'limit'>, onProgress: OnEngineProgress): Promise<Answer<Blob>> {
    return this.rows(query, onProgress, rowsFile);
  }

  records(query: RecordQuery, onProgress: OnEngineProgress): Promise<Answer<RecordList>> {
    return this.question(onProgress, ({ inventory, windows }, told) =>
      ask(told, PAGE, async (asking) => {
        const wanted = query.timeline ?? newestTimeline(inventory.segments);
        const [timeline] = timelinesToSearch(inventory, wanted);
        const chain = timelineChain(inventory, timeline);
        const { segmentSize } = inventory.format;
        const { problems, ...found } = await scanRecords(
          chain,
          inventory,
          query,
          asking.reading,
          (done, total) => told.onRecords(done * segmentSize, total * segmentSize),
        );
        const id = ++this.lists;
        this.list = { id, ...found, cursor: new RecordCursor(chain, windows) };
        return { id, timeline: chain.timeline, count: found.lsns.length, problems: jsonOf(problems) };
      }),
    );
  }

  recordRows(list: number, from: number, count: number): Promise<Answer<RecordRow[]>> {
    return this.short(async () => {
      const { lsns, rows, cursor } = this.listOf(list);
      const found: RecordRow[] = [];
      for (let at = from; at < Math.min(from + count, lsns.length); at++) {
        found.push(rows[at] ?? rowOf(await recordAt(cursor, lsns.at(at))));
      }
      return found;
    });
  }

  indexOf(list: number, lsn: string): Promise<Answer<number>> {
    return this.short(async () => this.listOf(list).lsns.indexOf(lsnOf(lsn)));
  }

  openRecord(timeline: number, lsn: string): Promise<Answer<RecordDetail>> {
    return this.short(async () => {
      const { inventory, windows } = this.openStock();
      const [wanted] = timelinesToSearch(inventory, timeline);
      const chain = timelineChain(inventory, wanted);
      return detailOf(chain, new RecordCursor(chain, windows), lsnOf(lsn), inventory.format.segmentSize);
    });
  }

  async cancel(): Promise<void> {
    this.running.abort();
    await this.ended;
  }

  private openStock(): OpenStock {
    if (this.stock !== undefined) return this.stock;
    throw new WalError('no-wal', message`nothing is open: drop files with WAL first`);
  }

  private listOf(id: number): MadeList {
    if (this.list?.id === id) return this.list;
    throw new WalError('usage', message`this list of records is no longer kept: ask for it again`);
  }

  /** A call that ends the one that runs, and is ended by the next one. */
  private long<T>(work: (signal: AbortSignal) => Promise<T>): Promise<Answer<T>> {
    this.running.abort();
    const own = new AbortController();
    this.running = own;
    const answer = this.ended.then(() => answerOf(own.signal, () => work(own.signal)));
    this.ended = answer;
    return answer;
  }

  private question<T>(
    onProgress: OnEngineProgress,
    work: (stock: OpenStock, told: Told) => Promise<T>,
  ): Promise<Answer<T>> {
    return this.long((signal) => {
      const stock = this.openStock();
      return work(stock, { ...toldOf(signal, onProgress), passphrase: stock.passphrase });
    });
  }

  private rows<T>(
    { table, question, backup }: Omit<RowsQuery, 'limit'>,
    onProgress: OnEngineProgress,
    take: (found: RecoveredRows, signal: AbortSignal) => Promise<T>,
  ): Promise<Answer<T>> {
    return this.question(onProgress, async ({ inputs, backups }, told) => {
      const wanted = rowsQuestion(question);
      const whole = backups.filter(({ hasRelations }) => hasRelations);
      const found = await sinceOlder(whole, backup, (one) =>
        recoverRows(inputs, { ...table, question: wanted, backup: one, timezone: UTC, ...told }, PAGE),
      );
      try {
        return await take(found, told.signal);
      } finally {
        found.close();
      }
    });
  }

  private short<T>(work: () => Promise<T>): Promise<Answer<T>> {
    const answer = this.turn.then(() => answerOf(undefined, work));
    this.turn = answer;
    return answer;
  }
}

/** What a question is told with. */
interface Told {
  signal: AbortSignal;
  passphrase: string | undefined;
  onProgress: (progress: Progress) => void;
  onRecords: (done: number, total: number) => void;
}

function toldOf(signal: AbortSignal, onProgress: OnEngineProgress): Omit<Told, 'passphrase'> {
  const tell = teller(onProgress);
  return { signal, onProgress: tell, onRecords: (done, total) => tell({ phase: 'records', done, total }) };
}

/** Tells how far the work is: not too often, but of the end of a phase always. */
function teller(
  onProgress: OnEngineProgress,
): (progress: Pick<Progress, 'done' | 'total'> & { phase: Progress['phase'] | 'records' }) => void {
  let last = 0;
  return ({ phase, done, total }) => {
    const now = Date.now();
    if (done !== total && Math.abs(now - last) < BETWEEN_TOLD) return;
    last = now;
    onProgress({ phase, done, total: total ?? null });
  };
}

/** What becomes of a call. What nobody thought of is told as well, without where in the program it was. */
async function answerOf<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<Answer<T>> {
  try {
    if (signal?.aborted) return { kind: 'cancelled' };
    return { kind: 'done', value: await work() };
  } catch (error) {
    if (signal?.aborted) return { kind: 'cancelled' };
    if (error instanceof WalError)
      return { kind: 'failed', error: { code: error.code, message: error.message } };
    const reason = error instanceof Error ? error.message : String(error);
    const message = `walscan failed, which is a mistake of its own: ${reason}; open fewer files, or report it`;
    return { kind: 'failed', error: { code: 'internal', message } };
  }
}

function openedOf({ inventory, backups, passedOver, problems }: Stock): Opened {
  const { format, segments } = inventory;
  const starts = segments.map(({ start }) => start);
  const size = BigInt(format.segmentSize);
  return {
    postgres: format.version,
    systemIdentifier: String(format.systemIdentifier),
    segmentSize: format.segmentSize,
    segments: segments.length,
    timelines: timelinesToSearch(inventory, undefined),
    startLsn: formatLsn(lowest(starts)!),
    endLsn: formatLsn(highest(starts.map((start) => start + size))!),
    backups: backups.map(({ name }) => ({ name })),
    passedOver,
    problems: jsonOf(problems),
  };
}

const jsonOf = (problems: readonly WalError[]): Problem[] =>
  problems.slice(0, MOST_PROBLEMS).map((problem) => problem.toJSON());

const newestTimeline = (segments: readonly SegmentFile[]): number =>
  segments.reduce((newest, { timeline }) => Math.max(newest, timeline), 0);

/** @throws WalError `usage` */
function lsnOf(text: string): Lsn {
  const lsn = parseLsn(text);
  if (lsn !== undefined) return lsn;
  throw new WalError('usage', message`"${text}" is no LSN, such as 0/04000680`);
}

async function recordAt(cursor: RecordCursor, lsn: Lsn) {
  const record = await cursor.seek(lsn);
  if (record?.lsn === lsn) return record;
  const text = message`the record at ${formatLsn(lsn)} is no longer there: the files were changed; open them again`;
  throw new WalError('unreadable', text, { lsn });
}

async function detailOf(
  chain: TimelineChain<SegmentFile>,
  cursor: RecordCursor,
  lsn: Lsn,
  segmentSize: number,
): Promise<RecordDetail> {
  const record = await cursor.seek(lsn);
  if (record === undefined) {
    throw new WalError('target-not-reached', message`no record begins at ${formatLsn(lsn)} or after it`, {
      lsn,
    });
  }
  const { version, bytes, base, totalLength, prevLsn } = record;
  const home = chain.segments.findLast(({ file }) => file.start <= record.lsn)!.file;
  const first = chain.segments[0].file.start;
  const detail = {
    record: recordJson(record, { version, zone: UTC }),
    timeline: home.timeline,
    segment: segmentFileNameOf(home.timeline, home.start, segmentSize),
    bytes: bytes.slice(base, base + totalLength),
    fields: recordLayout(record),
    line: recordText(record).replace(/\n$/, ''),
    previousLsn: prevLsn >= first ? formatLsn(prevLsn) : null,
  };
  const next = await cursor.next();
  return { ...detail, nextLsn: next === undefined ? null : formatLsn(next.lsn) };
}

/**
 * A backup as questions take it: the one that was chosen, or the first one. Those of a repository need not be named:
 * questions choose the one that has the answer.
 * @param name null for none
 */
function inputOf(backups: readonly FoundBackup[], name: string | null | undefined): Input | undefined {
  if (name === null) return undefined;
  if (name === undefined) {
    return backups.find(({ input, hasRelations }) => typeof input !== 'string' && hasRelations)?.input;
  }
  const chosen = backups.find((one) => one.name === name);
  if (chosen !== undefined) return chosen.input;
  throw new WalError('unknown-backup', message`there is no backup ${name} in what was opened`);
}

function noBackup(): WalError {
  const text = message`there is no base backup in what was opened: drop one beside the WAL, such as base.tar.gz`;
  return new WalError('no-backup', text);
}

/** What an older backup may have an answer to. */
const OLDER: readonly ErrorCode[] = ['target-before-backup', 'backup-not-consistent', 'damaged-backup'];

/** Asks with the backup that was chosen or, where none was, with one after the other until one has the answer. */
async function sinceOlder<T>(
  backups: readonly FoundBackup[],
  name: string | null | undefined,
  question: (backup: Input | undefined) => Promise<T>,
): Promise<T> {
  if (name !== undefined) return question(inputOf(backups, name));
  const own = backups.filter(({ input }) => typeof input !== 'string').map(({ input }) => input);
  if (own.length === 0) {
    if (backups.length === 0) throw noBackup();
    return question(undefined);
  }
  let failure: unknown;
  for (const input of own) {
    try {
      return await question(input);
    } catch (error) {
      if (!(error instanceof WalError) || !OLDER.includes(error.code)) throw error;
      failure ??= error;
    }
  }
  throw failure;
}

function planTarget(target: PlanQuery['target']): PlanTarget {
  switch (target.kind) {
    case 'before-delete': {
      const { relation, table } = target;
      if (table !== undefined) return { kind: 'before-delete', table };
      if (relation === undefined) throw new WalError('usage', message`give either a relation or a table`);
      return { kind: 'before-delete', relation: parseRelation(relation) };
    }
    case 'lsn':
      return { ...target, lsn: lsnOf(target.lsn) };
    case 'time':
      return { ...target, time: timeOf(target.time) };
    default:
      return target;
  }
}

function rowsQuestion(question: RowsQuery['question']): RowsQuestion {
  if (question.kind === 'deleted-by') return question;
  const { lsn, time } = question;
  if (lsn !== undefined) return { kind: 'as-of', target: { kind: 'lsn', lsn: lsnOf(lsn), inclusive: false } };
  if (time !== undefined)
    return { kind: 'as-of', target: { kind: 'time', time: timeOf(time), inclusive: true } };
  return { kind: 'as-of', target: { kind: 'latest' } };
}

async function rowsFound(found: RecoveredRows, limit: number, signal: AbortSignal): Promise<RowsFound> {
  const rows: (string | null)[][] = [];
  let more = false;
  for (const { values } of found) {
    await takeTurnsAtTimes(signal);
    more = rows.length >= limit;
    if (more) break;
    rows.push(values.map(({ text }) => text));
  }
  return {
    columns: found.columns.map((column) => ({ name: column.name, type: found.typeName(column) ?? null })),
    rows,
    more,
    missing: found.missing.length,
    problems: jsonOf(found.problems),
  };
}

/** So many characters of a file are text at a time; what came before is the browser's to keep. */
const PIECE = 1 << 20;

async function rowsFile(found: RecoveredRows, signal: AbortSignal): Promise<Blob> {
  const { columns } = found;
  const pieces: Blob[] = [];
  let text = csvLine(
    columns.map(({ name }) => name),
    columns.length === 1,
  );
  for (const { values } of found) {
    await takeTurnsAtTimes(signal);
    text += csvLine(
      values.map((value) => value.text),
      columns.length === 1,
    );
    if (text.length < PIECE) continue;
    pieces.push(new Blob([text]));
    text = '';
  }
  return new Blob([...pieces, text], { type: 'text/csv' });
}

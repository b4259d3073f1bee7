import { type ChainSegment, isWithin, type TimelineChain } from '../../cluster/chain.js';
import { matcherOf } from '../../dump/filter.js';
import { kindName } from '../../dump/kind-name.js';
import { parseRelation } from '../../follow/relation.js';
import { transactionEnd } from '../../follow/transaction-end.js';
import { distinctProblems, historyProblem, spanProblems } from '../../follow/wal-problems.js';
import { offsetInSegment } from '../../reader/segment.js';
import { WalReader } from '../../reader/wal-reader.js';
import { rmgrId, rmgrNames } from '../../rmgr/index.js';
import { takeTurnsAtTimes } from '../../sources/abort.js';
import type { SegmentFile, UsableInventory } from '../../sources/inventory.js';
import { readWindows } from '../../sources/read-segments.js';
import type { Reading } from '../../sources/reading.js';
import { WalError } from '../../wal/error.js';
import { type Lsn, parseLsn } from '../../wal/lsn.js';
import { message } from '../../wal/message.js';
import type { WalRecord } from '../../wal/record.js';
import type { RecordQuery, RecordRow } from './api.js';
import { LsnList } from './record-list.js';
import { rowOf } from './record-row.js';
import { optionalTime } from './time.js';

/** The records of a timeline that were asked for. */
export interface FoundRecords {
  lsns: LsnList;
  /** The first ones as they are shown. */
  rows: RecordRow[];
  problems: WalError[];
}

/** So many records are looked at before others have their turn, if it is time for that. */
const AT_ONCE = 2048;

/** Rows are kept up to so many, and so many characters: what is shown at first, and all of a list that is short. */
const MOST_ROWS = 20_000;
const MOST_TEXT = 8 * 1024 * 1024;

/**
 * Goes through a timeline's WAL for the records that are wanted, and goes on behind damage, as `walscan dump
 * --skip-damage` does. Records have no time: what is wanted since a time begins behind the last end of a transaction
 * before the first one at that time or later, and ends before the first one later than the time up to which it is wanted.
 * @throws WalError `usage`, `bad-relation`; `source-failed`; the reason of an abort
 */
export async function scanRecords(
  chain: TimelineChain<SegmentFile>,
  inventory: UsableInventory,
  query: RecordQuery,
  reading: Reading,
  onSegment: (done: number, total: number) => void,
): Promise<FoundRecords> {
  const { format } = inventory;
  const startLsn = lsnOf(query.startLsn);
  const endLsn = lsnOf(query.endLsn);
  const segments = chain.segments.filter(({ file, end }) => isWithin(file.start, end, { startLsn, endLsn }));
  const reader = new WalReader({ startLsn, endLsn, onFault: 'resume', transient: true });
  const taker = new RecordTaker(query, format.version);
  const problems: WalError[] = [];
  const starts = new Map(segments.map((segment) => [segment.file.start, segment]));
  let done = 0;
  onSegment(done, segments.length);
  for await (const { segment, problem, isLast } of readWindows(segments, format, reading)) {
    if (problem !== undefined) problems.push(problem);
    const isReset = offsetInSegment(segment, segment) === 0 && starts.get(segment.start)?.file.reset === true;
    reader.push(segment, isReset);
    while (takeSome(reader, taker)) await takeTurnsAtTimes(reading.signal);
    if (taker.hasEnded || reader.endReached) break;
    if (isLast) onSegment(++done, segments.length);
  }
  const span = spanOf(segments, reader);
  if (span !== undefined) problems.push(...spanProblems(span, [], chain, format));
  return {
    ...taker.finish(),
    problems: distinctProblems([...historyProblem(chain, inventory), ...problems]),
  };
}

function spanOf(
  segments: readonly ChainSegment<SegmentFile>[],
  { gaps, damages, fault, endReached }: WalReader,
): Parameters<typeof spanProblems>[0] | undefined {
  const [first] = segments;
  if (first === undefined) return undefined;
  const { end } = segments[segments.length - 1];
  return { start: first.file.start, end, gaps, damages, fault: endReached ? undefined : fault };
}

/** A function of its own, which is compiled once. @returns whether the reader may have more that is wanted */
function takeSome(reader: WalReader, taker: RecordTaker): boolean {
  for (let count = 0; count < AT_ONCE; count++) {
    const record = reader.next();
    if (record === undefined) return false;
    taker.take(record);
    if (taker.hasEnded) return false;
  }
  return true;
}

/** Takes in one record after the other. */
class RecordTaker {
  /** A record came that is behind what is wanted. */
  hasEnded = false;
  private readonly lsns = new LsnList();
  private readonly rows: RecordRow[] = [];
  private text = 0;
  private readonly since: bigint | undefined;
  private readonly until: bigint | undefined;
  private hasBegun: boolean;
  private readonly isWanted: (record: WalRecord) => boolean;

  constructor(query: RecordQuery, version: number) {
    this.since = optionalTime(query.since);
    this.until = optionalTime(query.until);
    this.hasBegun = this.since === undefined;
    this.isWanted = predicateOf(query, version);
  }

  take(record: WalRecord): void {
    if (!this.hasBegun || this.until !== undefined) {
      const time = transactionEnd(record)?.time;
      if (time !== undefined && !this.hasBegun) {
        if (time < this.since!) {
          this.forget();
          return;
        }
        this.hasBegun = true;
      }
      if (time !== undefined && this.until !== undefined && time > this.until) {
        this.hasEnded = true;
        return;
      }
    }
    if (!this.isWanted(record)) return;
    this.lsns.push(record.lsnHi, record.lsnLo);
    if (this.rows.length === this.lsns.length - 1 && this.rows.length < MOST_ROWS && this.text < MOST_TEXT) {
      const row = rowOf(record);
      this.text += row.text.length;
      this.rows.push(row);
    }
  }

  private forget(): void {
    this.lsns.cut(0);
    this.rows.length = 0;
    this.text = 0;
  }

  finish(): Pick<FoundRecords, 'lsns' | 'rows'> {
    // no transaction ended at that time or later
    if (!this.hasBegun) this.forget();
    return { lsns: this.lsns, rows: this.rows };
  }
}

function predicateOf(query: RecordQuery, version: number): (record: WalRecord) => boolean {
  const { rmgrs, kind, relation, xid, fullPage } = query;
  const tests: ((record: WalRecord) => boolean)[] = [];
  if (rmgrs !== undefined || xid !== undefined || fullPage === true) {
    const rmids = rmgrs && new Set(rmgrs.map((name) => rmidOf(name, version)));
    tests.push(matcherOf({ rmids, xids: xid === undefined ? undefined : new Set([xid]), fullPage }));
  }
  if (kind !== undefined) tests.push(isOfKind(kind, version));
  if (relation !== undefined) {
    const { spcOid, dbOid, relNumber } = parseRelation(relation);
    tests.push(({ blocks }) =>
      blocks.some(
        ({ rel }) =>
          rel.relNumber === relNumber &&
          (dbOid === undefined || rel.dbOid === dbOid) &&
          (spcOid === undefined || rel.spcOid === spcOid),
      ),
    );
  }
  return (record) => tests.every((test) => test(record));
}

function rmidOf(name: string, version: number): number {
  const rmid = rmgrId(name);
  if (rmid !== undefined) return rmid;
  throw new WalError(
    'usage',
    message`there is no resource manager "${name}", only ${rmgrNames(version).join(', ')}`,
  );
}

/** Which kind it is follows from the resource manager and its bits, and is looked up once for each of them. */
function isOfKind(kind: string, version: number): (record: WalRecord) => boolean {
  const known: (boolean | undefined)[] = [];
  return ({ rmid, info }) => {
    const key = rmid * 256 + info;
    known[key] ??= kindName(rmid, info, version) === kind;
    return known[key];
  };
}

/** @throws WalError `usage` */
function lsnOf(text: string | undefined): Lsn | undefined {
  if (text === undefined) return undefined;
  const lsn = parseLsn(text);
  if (lsn === undefined) throw new WalError('usage', message`"${text}" is no LSN, such as 0/04000680`);
  return lsn;
}

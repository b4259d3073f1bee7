import { noteTimelineStart, type TimelineStarts } from '../../follow/timeline-start.js';
import { commitTime } from '../../follow/transaction-end.js';
import type { Segment } from '../../reader/segment.js';
import { type SegmentScan, scanWhole } from '../../reader/segment-scan.js';
import { SpanReader, type WalSpan } from '../../reader/span.js';
import { decode } from '../../rmgr/index.js';
import type { Lsn } from '../../wal/lsn.js';
import { XLP_MAGIC, XLP_PAGEADDR, XLP_TLI } from '../../wal/page-header.js';
import type { WalRecord } from '../../wal/record.js';
import { RM_XACT_ID, RM_XLOG_ID } from '../../wal/rmgr-id.js';
import type { TimestampTz } from '../../wal/timestamp.js';
import { magicOfVersion } from '../../wal/version.js';

/** What the records of a stretch of WAL tell about the archive that it lies in: plain data. */
export interface WalFacts extends TimelineStarts {
  records: number;
  commits: number;
  /** The earliest and the latest time of a commit. */
  firstCommit: TimestampTz | undefined;
  lastCommit: TimestampTz | undefined;
  /** Of backups whose end-of-backup record is here: where each began, and where that record ends. */
  backupEnds: { startLsn: Lsn; endLsn: Lsn }[];
}

/** What is kept of one segment. */
export interface ArchivePart {
  span: WalSpan;
  facts: WalFacts;
  /** The first page that says the timeline of the file's name, and the last one that says an older one. */
  ownFrom: Lsn | undefined;
  olderUpTo: Lsn | undefined;
}

/** Scans one segment on its own, whatever comes before and after it. */
export const scanForArchive = (segment: Segment): ArchivePart => scanWhole(new ArchiveScan(), segment);

/** As {@link scanForArchive}, window by window. */
export class ArchiveScan implements SegmentScan<ArchivePart> {
  private readonly spans = new SpanReader({});
  private readonly facts = noFacts();
  private ownFrom: Lsn | undefined;
  private olderUpTo: Lsn | undefined;

  take(window: Segment): void {
    const { facts } = this;
    this.spans.read(window, (record) => addRecord(facts, record));
    const { ownFrom, olderUpTo } = pageTimelines(window);
    this.ownFrom ??= ownFrom;
    this.olderUpTo = olderUpTo ?? this.olderUpTo;
  }

  finish(): ArchivePart {
    const { facts, ownFrom, olderUpTo } = this;
    return { span: this.spans.finish(), facts, ownFrom, olderUpTo };
  }
}

export function noFacts(): WalFacts {
  return {
    records: 0,
    commits: 0,
    firstCommit: undefined,
    lastCommit: undefined,
    backupEnds: [],
    timelineStarts: [],
    lead: undefined,
  };
}

/** Adds what later WAL tells. */
export function addFacts(facts: WalFacts, later: WalFacts): void {
  facts.records += later.records;
  facts.commits += later.commits;
  if (later.firstCommit !== undefined) addTime(facts, later.firstCommit);
  if (later.lastCommit !== undefined) addTime(facts, later.lastCommit);
  // one by one: as arguments, what a hostile segment may hold would be too many
  for (const end of later.backupEnds) facts.backupEnds.push(end);
  for (const start of later.timelineStarts) facts.timelineStarts.push(start);
  facts.lead = later.lead;
}

export function addRecord(facts: WalFacts, record: WalRecord): void {
  facts.records++;
  if (record.rmid === RM_XACT_ID) addTransaction(facts, record);
  const data = record.rmid === RM_XLOG_ID ? decode(record) : undefined;
  noteTimelineStart(facts, record, data);
  if (data?.rmgr === 'XLOG' && data.type === 'backup-end') {
    facts.backupEnds.push({ startLsn: data.startPoint, endLsn: record.endLsn });
  }
}

function addTransaction(facts: WalFacts, record: WalRecord): void {
  const time = commitTime(record);
  if (time === undefined) return;
  facts.commits++;
  addTime(facts, time);
}

function addTime(facts: WalFacts, time: TimestampTz): void {
  if (facts.firstCommit === undefined || time < facts.firstCommit) facts.firstCommit = time;
  if (facts.lastCommit === undefined || time > facts.lastCommit) facts.lastCommit = time;
}

/** Of a segment, or a window of one. */
export function pageTimelines(segment: Segment): Pick<ArchivePart, 'ownFrom' | 'olderUpTo'> {
  const { view, start, blockSize, timeline, version } = segment;
  const magic = magicOfVersion(version);
  let ownFrom: Lsn | undefined;
  let olderUpTo: Lsn | undefined;
  for (let at = 0; at + blockSize <= view.byteLength; at += blockSize) {
    const lsn = start + BigInt(at);
    if (view.getUint16(at + XLP_MAGIC, true) !== magic) continue;
    if (view.getBigUint64(at + XLP_PAGEADDR, true) !== lsn) continue;
    const pageTimeline = view.getUint32(at + XLP_TLI, true);
    if (pageTimeline === timeline) ownFrom ??= lsn;
    else if (pageTimeline < timeline) olderUpTo = lsn;
  }
  return { ownFrom, olderUpTo };
}

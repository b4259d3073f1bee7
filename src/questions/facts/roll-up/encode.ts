import type { SummedChanges, SummedCommit } from '../../../follow/summed-transactions.js';
import { ABORT, COMMIT, PREPARE } from '../../../follow/transaction-events.js';
import type { WalFormat } from '../../../reader/segment.js';
import type { Lsn } from '../../../wal/lsn.js';
import type { FactFile } from '../collector.js';
import { fileRows } from '../file-rows.js';
import { encodeRows } from '../parquet.js';
import { type SegmentState, stateJson } from '../state.js';
import { sealsJson } from '../table-seals.js';
import { type AnyTable, FACTS_VERSION, type FactRow } from '../tables.js';
import { assignmentRows, NO_DETAILS } from '../transaction-rows.js';
import type { KeptEvent } from './chunk-events.js';
import type { Stretch } from './stretch.js';
import type { KeptChanges } from './summing.js';

/** Segments of a block that follow on each other. */
export interface BlockPart {
  start: Lsn;
  /** Of the table `segments` of each. */
  digests: number[];
  /** What they come to; undefined where they are to be read one by one. */
  stretch: Stretch | undefined;
}

/** Where a block is. */
export interface BlockPlace {
  timeline: number;
  start: Lsn;
  format: WalFormat;
}

/** The tables of the roll-up of a block. @param parts all of it, in their order */
export function rollUpFiles(place: BlockPlace, parts: readonly BlockPart[]): FactFile[] {
  const sorted = parts.map((part) => ({ ...part, rows: sortedRows(part.stretch?.rows ?? []) }));
  const stretches = sorted.flatMap(({ stretch, ...part }) =>
    stretch === undefined ? [] : [{ ...part, stretch }],
  );
  const files = [
    ...fileOf(
      'summaries',
      stretches.flatMap(({ start, stretch }) => {
        return stretch.summed.relations.map((one) => summaryRow(one, start, place.start));
      }),
    ),
    ...fileOf(
      'changes',
      stretches.flatMap(({ rows }) => rows.map((row) => changesRow(row, place.start))),
    ),
    ...fileOf(
      'transactions',
      stretches.flatMap(({ stretch }) => transactionRows(stretch)),
    ),
    ...fileOf('files', stretches.flatMap(filesRows)),
    ...fileOf(
      'checkpoints',
      stretches.flatMap(({ stretch }) => checkpointRows(stretch)),
    ),
  ];
  const tables = sealsJson(files);
  const rollUps = sorted.map((part) => ({ ...partRow(place, part), tables }));
  return [...fileOf('rollups', rollUps), ...files];
}

function fileOf<T extends AnyTable>(table: T, rows: readonly FactRow<T>[]): FactFile[] {
  const bytes = encodeRows(table, rows);
  return bytes === undefined ? [] : [{ table, bytes }];
}

/** By relation, and of one in the order of the first record, as the table has them. */
const sortedRows = (rows: readonly KeptChanges[]): KeptChanges[] =>
  rows.toSorted(({ changes: a }, { changes: b }) => {
    const [one, other] = [a.relation, b.relation];
    return (
      one.spcOid - other.spcOid ||
      one.dbOid - other.dbOid ||
      one.relNumber - other.relNumber ||
      Number(a.firstLsn - b.firstLsn)
    );
  });

function partRow(
  { timeline, format }: BlockPlace,
  { start, digests, stretch, rows }: BlockPart & { rows: readonly KeptChanges[] },
): Omit<FactRow<'rollups'>, 'tables'> {
  const { version, systemIdentifier, segmentSize, blockSize } = format;
  const ids = stretch?.summed.ids;
  return {
    ...{ facts_version: FACTS_VERSION, system_identifier: systemIdentifier, postgres: version, timeline },
    ...{ segment_size: segmentSize, block_size: blockSize, start_lsn: start },
    ...{ segments: digests.length, digests, first_xid: ids?.first ?? 0, last_xid: ids?.last ?? 0 },
    state: stretch && stateJson(stateOf(stretch, rows)),
  };
}

const stateOf = ({ span }: Stretch, rows: readonly KeptChanges[]): SegmentState => ({
  ...{ header: undefined, span, undecodable: [] },
  unsettled: {
    speculative: rows.flatMap(({ changes: { speculative } }, i) => (speculative ? [[i, speculative]] : [])),
    settled: rows.flatMap(({ changes: { settled } }, i) => (settled ? [[i, settled]] : [])),
  },
  archive: { backupEnds: [], timelineStarts: [], lead: undefined, ownFrom: undefined, olderUpTo: undefined },
});

const locatorRow = ({ spcOid, dbOid, relNumber }: SummedChanges['relation']) => ({
  ...{ tablespace: spcOid, database: dbOid, relfilenode: relNumber },
});

function changesRow({ changes, end }: KeptChanges, from: Lsn): FactRow<'changes'> {
  const { xid, topXid, relation, firstLsn, lastLsn, inserted, updated, deleted, moved } = changes;
  const { lastInsert, firstDelete, lastDelete } = changes;
  const behind = (lsn: Lsn | undefined): number => (lsn === undefined ? 0 : Number(lsn - firstLsn));
  return {
    ...{ xid, top_xid: topXid, ...locatorRow(relation) },
    ...{ first_at: Number(firstLsn - from), last_after: behind(lastLsn), end_after: behind(end?.lsn) },
    ...{ inserted, updated, deleted, moved },
    last_insert_after: behind(lastInsert?.lsn),
    last_insert_block: lastInsert?.block ?? 0,
    last_insert_offset: lastInsert?.offset ?? 0,
    first_delete_after: behind(firstDelete),
    last_delete_after: behind(lastDelete),
  };
}

function summaryRow(sum: SummedChanges, start: Lsn, from: Lsn): FactRow<'summaries'> {
  const { relation, committed, aborted, isChanged, mostRows, lastInsert, lastDelete } = sum;
  const at = (lsn: Lsn | undefined): number => (lsn === undefined ? 0 : Number(lsn - from));
  const insert = commitValues(lastInsert?.commit, at);
  const removal = commitValues(lastDelete?.commit, at);
  return {
    ...{ start_lsn: start, ...locatorRow(relation), committed, aborted },
    ...{ is_changed: isChanged, most_rows: mostRows },
    ...{ insert_at: at(lastInsert?.lsn), insert_block: lastInsert?.block ?? 0 },
    ...{ insert_offset: lastInsert?.offset ?? 0, insert_rows: lastInsert?.rows ?? 0 },
    ...{ insert_xid: insert.xid, insert_commit_at: insert.at, insert_commit_time: insert.time },
    ...{ insert_before_xid: insert.beforeXid, insert_before_at: insert.beforeAt },
    insert_before_time: insert.beforeTime,
    ...{ delete_first_at: at(lastDelete?.firstLsn), delete_at: at(lastDelete?.lsn) },
    delete_rows: lastDelete?.rows ?? 0,
    ...{ delete_xid: removal.xid, delete_commit_at: removal.at, delete_commit_time: removal.time },
    ...{ delete_before_xid: removal.beforeXid, delete_before_at: removal.beforeAt },
    delete_before_time: removal.beforeTime,
  };
}

const commitValues = (commit: SummedCommit | undefined, at: (lsn: Lsn | undefined) => number) => ({
  ...{ xid: commit?.xid ?? 0, at: at(commit?.lsn), time: commit?.time },
  beforeXid: commit?.latestBefore?.xid ?? 0,
  beforeAt: at(commit?.latestBefore?.lsn),
  beforeTime: commit?.latestBefore?.time,
});

const OUTCOMES: Readonly<Record<number, string>> = {
  [COMMIT]: 'commit',
  [ABORT]: 'abort',
  [PREPARE]: 'prepare',
};

function transactionRows({ events, assignments }: Stretch): FactRow<'transactions'>[] {
  const rows = [...events.map(eventRow), ...assignmentRows(assignments)];
  return rows.sort((a, b) => (a.lsn < b.lsn ? -1 : 1));
}

/** What following transactions has no need of is left out. */
const eventRow = ({ kind, xid, lsn, time, subxacts }: KeptEvent): FactRow<'transactions'> => ({
  ...NO_DETAILS,
  ...{ lsn, xid, top_xid: 0, outcome: OUTCOMES[kind], dropped: undefined },
  time: kind === PREPARE ? undefined : time,
  subxids: subxacts.length > 0 ? subxacts : undefined,
});

const NO_EVENTS = {
  ...{
    kinds: new Uint8Array(),
    xids: new Uint32Array(),
    lsns: new BigUint64Array(),
    times: new BigInt64Array(),
  },
  ...{ subxacts: new Map(), dropped: new Map() },
};

/** Indexes have the position of the part: by that it is told which part they belong to. */
function filesRows({
  start,
  stretch: { contents, indexes },
}: BlockPart & { stretch: Stretch }): FactRow<'files'>[] {
  const use = { creations: [], namings: [], truncations: [], horizons: [], contents };
  const locators = Array.from(indexes, (key) => {
    const [spcOid, dbOid, relNumber] = key.split('/').map(Number);
    return { spcOid, dbOid, relNumber };
  });
  const rows = fileRows(use, { filesGone: [], marks: [] }, locators, NO_EVENTS);
  return rows.map((row) => (row.action === 'index' ? { ...row, lsn: start } : row));
}

const checkpointRows = ({ horizon }: Stretch): FactRow<'checkpoints'>[] =>
  horizon === undefined
    ? []
    : [
        {
          ...{ lsn: horizon.lsn, kind: 'running', redo_lsn: undefined, time: undefined, this_timeline: 0 },
          ...{ previous_timeline: 0, next_xid: horizon.nextXid, oldest_xid: 0 },
        },
      ];

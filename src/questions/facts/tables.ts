/**
 * What a column holds. Numbers are those of PostgreSQL, where 0 stands for none: `InvalidTransactionId`, `InvalidOid`,
 * `InvalidXLogRecPtr`. `time` is a timestamp in UTC, in microseconds; `place` a position in the segment: `first_at` in
 * bytes from `segments.start_lsn`, all others in bytes from the first record of the row, 0 also where there is none.
 */
export type FactType = 'uint32' | 'uint64' | 'place' | 'boolean' | 'text' | 'time' | 'uint32[]' | 'text[]';

export interface FactColumn {
  name: string;
  type: FactType;
  /** It may be null. */
  optional?: true;
  /** What it means, for documents and schema files. */
  doc: string;
}

/** How facts are laid out: another number where a column is another one, or means something else. */
export const FACTS_VERSION = 1;

const RELATION = [
  { name: 'tablespace', type: 'uint32', doc: 'oid of the tablespace' },
  { name: 'database', type: 'uint32', doc: 'oid of the database; 0 of what is shared' },
  { name: 'relfilenode', type: 'uint32', doc: 'number of the file' },
] as const satisfies readonly FactColumn[];

const VOLUME = [
  { name: 'records', type: 'uint32', doc: 'how many records' },
  { name: 'record_bytes', type: 'uint32', doc: 'their bytes without full-page images' },
  { name: 'image_bytes', type: 'uint32', doc: 'bytes of full-page images' },
] as const satisfies readonly FactColumn[];

const TABLE_SEALS = {
  name: 'tables',
  type: 'text',
  doc: 'JSON: of the other tables in its folder, by their names, the bytes and the CRC-32C of the file',
} as const satisfies FactColumn;

/** The commit of a transaction, and the end with the latest time of those before it in the roll-up. */
const commitColumns = <W extends 'insert' | 'delete'>(what: W) =>
  [
    { name: `${what}_xid`, type: 'uint32', doc: `of the transaction of the ${what}` },
    { name: `${what}_commit_at`, type: 'place', doc: 'its commit' },
    { name: `${what}_commit_time`, type: 'time', optional: true, doc: 'the time in that' },
    { name: `${what}_before_xid`, type: 'uint32', doc: 'of the end with the latest time before it; 0: none' },
    { name: `${what}_before_at`, type: 'place', doc: 'that end' },
    { name: `${what}_before_time`, type: 'time', optional: true, doc: 'the time in that' },
  ] as const satisfies readonly FactColumn[];

/** The tables of facts, one Parquet file each in a segment's folder; a file is left out where it would have no row. */
export const FACT_TABLES = {
  segments: [
    { name: 'facts_version', type: 'uint32', doc: 'how these facts are laid out' },
    { name: 'name', type: 'text', doc: 'the file name in pg_wal, 24 hexadecimal digits' },
    { name: 'system_identifier', type: 'uint64', doc: 'of the cluster' },
    { name: 'postgres', type: 'uint32', doc: 'major version of PostgreSQL' },
    { name: 'timeline', type: 'uint32', doc: 'that the name begins with' },
    { name: 'start_lsn', type: 'uint64', doc: 'LSN of the first byte' },
    { name: 'end_lsn', type: 'uint64', doc: 'LSN of the first byte after it' },
    { name: 'segment_size', type: 'uint32', doc: 'in bytes' },
    { name: 'block_size', type: 'uint32', doc: 'of a page of WAL, in bytes' },
    { name: 'partial', type: 'boolean', doc: 'out of a .partial file: more may come' },
    { name: 'reset', type: 'boolean', doc: 'pg_resetwal made it: the WAL begins anew' },
    {
      name: 'begins_timeline',
      type: 'boolean',
      doc: 'its first page is an ancestor\u2019s: the timeline began in it',
    },
    { name: 'first_record_lsn', type: 'uint64', optional: true, doc: 'the first record that begins in it' },
    { name: 'last_record_lsn', type: 'uint64', optional: true, doc: 'the last record that ends in it' },
    { name: 'last_record_end_lsn', type: 'uint64', optional: true, doc: 'where that ends' },
    ...VOLUME,
    { name: 'commits', type: 'uint32', doc: 'COMMIT and COMMIT PREPARED' },
    { name: 'aborts', type: 'uint32', doc: 'ABORT and ABORT PREPARED, of subtransactions too' },
    { name: 'first_commit_time', type: 'time', optional: true, doc: 'the earliest time of a commit' },
    { name: 'last_commit_time', type: 'time', optional: true, doc: 'the latest time of a commit' },
    { name: 'head_bytes', type: 'uint32', doc: 'it begins with so much of a record that began before it' },
    { name: 'tail_lsn', type: 'uint64', optional: true, doc: 'the record that goes on after it' },
    { name: 'tail_bytes', type: 'uint32', doc: 'how much of that is here' },
    { name: 'faults', type: 'uint32', doc: 'places from which on something could not be read' },
    { name: 'problem', type: 'text', optional: true, doc: 'why its file is not whole' },
    TABLE_SEALS,
    {
      name: 'state',
      type: 'text',
      doc: 'JSON by which walscan joins it to its neighbours; no promise of its form',
    },
  ],
  transactions: [
    { name: 'lsn', type: 'uint64', doc: 'of the record' },
    { name: 'xid', type: 'uint32', doc: 'transaction id; with outcome restart 0' },
    {
      name: 'top_xid',
      type: 'uint32',
      doc: 'what it is a subtransaction of, where this segment says so; else 0',
    },
    {
      name: 'outcome',
      type: 'text',
      doc: 'commit, abort, prepare; assignment: subxids belong to xid; restart: a shutdown or a promotion, which ends all that is not prepared',
    },
    { name: 'two_phase', type: 'boolean', doc: 'COMMIT PREPARED or ROLLBACK PREPARED' },
    { name: 'time', type: 'time', optional: true, doc: 'of a commit or an abort' },
    { name: 'subxids', type: 'uint32[]', optional: true, doc: 'its subtransactions, where there are any' },
    {
      name: 'dropped',
      type: 'text[]',
      optional: true,
      doc: 'files that it removes: tablespace/database/relfilenode',
    },
    { name: 'origin', type: 'uint32', doc: 'replication origin; 0 for none' },
    { name: 'origin_lsn', type: 'uint64', optional: true, doc: 'of the commit there' },
    { name: 'origin_time', type: 'time', optional: true, doc: 'of the commit there' },
  ],
  changes: [
    { name: 'xid', type: 'uint32', doc: 'transaction id, of a subtransaction where one made them' },
    {
      name: 'top_xid',
      type: 'uint32',
      doc: 'what that is a subtransaction of, where a record says so; else 0',
    },
    ...RELATION,
    { name: 'first_at', type: 'place', doc: 'the first record' },
    { name: 'last_after', type: 'place', doc: 'the last record, behind the first one' },
    {
      name: 'end_after',
      type: 'place',
      doc: 'the record in this segment that ends the transaction id, behind the first one; 0: none',
    },
    { name: 'inserted', type: 'uint32', doc: 'rows' },
    { name: 'updated', type: 'uint32', doc: 'rows' },
    { name: 'deleted', type: 'uint32', doc: 'rows' },
    { name: 'moved', type: 'uint32', doc: 'rows that an UPDATE put into another partition' },
    {
      name: 'last_insert_after',
      type: 'place',
      doc: 'the last record that inserted a row, behind the first one',
    },
    { name: 'last_insert_block', type: 'uint32', doc: 'and into which page' },
    { name: 'last_insert_offset', type: 'uint32', doc: 'and at which line pointer' },
    {
      name: 'first_delete_after',
      type: 'place',
      doc: 'the first record that deleted a row, behind the first one',
    },
    {
      name: 'last_delete_after',
      type: 'place',
      doc: 'the last record that deleted a row, behind the first one',
    },
  ],
  files: [
    { name: 'lsn', type: 'uint64', doc: 'of the record; 0 with action index' },
    { name: 'xid', type: 'uint32', doc: 'transaction id; 0 for none' },
    {
      name: 'action',
      type: 'text',
      doc: 'created; named: got its name in pg_class; rewritten: named so to take the rows of another file; truncated; removed: by the commit; rows, pages: the first row, the first page of an index or a sequence that went into it; index: records of indexes and sequences go to it; database-removed, database-marked: DROP DATABASE',
    },
    ...RELATION,
    { name: 'unlogged', type: 'boolean', doc: 'of what is created: it is of an unlogged relation' },
    { name: 'kind', type: 'text', optional: true, doc: 'pg_class.relkind, where the WAL tells it' },
    { name: 'name', type: 'text', optional: true, doc: 'in pg_class' },
  ],
  checkpoints: [
    { name: 'lsn', type: 'uint64', doc: 'of the record' },
    {
      name: 'kind',
      type: 'text',
      doc: 'online, shutdown, end-of-recovery; running: what is said of running transactions',
    },
    { name: 'redo_lsn', type: 'uint64', optional: true, doc: 'where recovery from it begins to read' },
    { name: 'time', type: 'time', optional: true, doc: 'in the record' },
    { name: 'this_timeline', type: 'uint32', doc: 'in the record; 0 where it has none' },
    { name: 'previous_timeline', type: 'uint32', doc: 'that it goes on from' },
    {
      name: 'next_xid',
      type: 'uint32',
      doc: 'the next transaction id to be given out; 0 where it is not told',
    },
    {
      name: 'oldest_xid',
      type: 'uint32',
      doc: 'of kind running: the oldest transaction id that runs, next_xid where none does; else 0',
    },
  ],
  restore_points: [
    { name: 'lsn', type: 'uint64', doc: 'of the record' },
    { name: 'time', type: 'time', doc: 'in the record' },
    { name: 'name', type: 'text', doc: 'as given to pg_create_restore_point' },
  ],
  relations: [...RELATION, ...VOLUME],
  rmgrs: [{ name: 'rmgr', type: 'text', doc: 'resource manager, as pg_waldump calls it' }, ...VOLUME],
  /** With `--records` only; named as by `pg_get_wal_records_info` (pg_walinspect). */
  records: [
    { name: 'start_lsn', type: 'uint64', doc: 'of the record' },
    { name: 'end_lsn', type: 'uint64', doc: 'where it ends' },
    { name: 'prev_lsn', type: 'uint64', doc: 'of the record before it' },
    { name: 'xid', type: 'uint32', doc: 'transaction id; 0 for none' },
    { name: 'resource_manager', type: 'text', doc: 'as pg_waldump calls it' },
    { name: 'record_type', type: 'text', doc: 'as pg_waldump calls it' },
    { name: 'record_length', type: 'uint32', doc: 'in bytes, with full-page images' },
    { name: 'main_data_length', type: 'uint32', doc: 'in bytes' },
    { name: 'fpi_length', type: 'uint32', doc: 'bytes of full-page images' },
    { name: 'description', type: 'text', doc: 'as pg_waldump has it after desc:' },
    { name: 'block_ref', type: 'text', doc: 'the pages, as pg_waldump has them' },
  ],
} as const satisfies Record<string, readonly FactColumn[]>;

export type FactTable = keyof typeof FACT_TABLES;

/**
 * The tables of roll-ups alone, beside those of what is kept row by row. A roll-up has the places of a segment: its
 * `first_at` and all places of `summaries` are in bytes from the start of the block's first segment.
 */
export const ROLL_UP_TABLES = {
  /** The segments of the block that are rolled up, in their order. */
  rollups: [
    { name: 'facts_version', type: 'uint32', doc: 'how these facts are laid out' },
    { name: 'system_identifier', type: 'uint64', doc: 'of the cluster' },
    { name: 'postgres', type: 'uint32', doc: 'major version of PostgreSQL' },
    { name: 'timeline', type: 'uint32', doc: 'of the segments' },
    { name: 'segment_size', type: 'uint32', doc: 'in bytes' },
    { name: 'block_size', type: 'uint32', doc: 'of a page of WAL, in bytes' },
    { name: 'start_lsn', type: 'uint64', doc: 'LSN of the first byte' },
    { name: 'segments', type: 'uint32', doc: 'how many segments these are' },
    { name: 'digests', type: 'uint32[]', doc: 'of each, what its table segments has as CRC-32C' },
    { name: 'first_xid', type: 'uint32', doc: 'the oldest transaction id that is summed up; 0: none is' },
    { name: 'last_xid', type: 'uint32', doc: 'the newest one' },
    TABLE_SEALS,
    {
      name: 'state',
      type: 'text',
      optional: true,
      doc: 'JSON as in segments, of all of them; none where they are to be read one by one',
    },
  ],
  /** What transactions did to relations of which there are no rows. */
  summaries: [
    { name: 'start_lsn', type: 'uint64', doc: 'of the row of rollups that it belongs to' },
    ...RELATION,
    { name: 'committed', type: 'uint32', doc: 'transactions that changed rows and committed' },
    { name: 'aborted', type: 'uint32', doc: 'transactions that changed rows and were rolled back' },
    { name: 'is_changed', type: 'boolean', doc: 'some of them deleted or updated rows' },
    { name: 'most_rows', type: 'uint32', doc: 'the most that one that committed deleted and updated' },
    { name: 'insert_at', type: 'place', doc: 'the last INSERT of one that committed' },
    { name: 'insert_block', type: 'uint32', doc: 'and into which page' },
    { name: 'insert_offset', type: 'uint32', doc: 'and at which line pointer' },
    { name: 'insert_rows', type: 'uint32', doc: 'rows that its transaction inserted' },
    ...commitColumns('insert'),
    { name: 'delete_first_at', type: 'place', doc: 'the first DELETE of the last one that committed' },
    { name: 'delete_at', type: 'place', doc: 'its last DELETE' },
    { name: 'delete_rows', type: 'uint32', doc: 'rows that it deleted' },
    ...commitColumns('delete'),
  ],
} as const satisfies Record<string, readonly FactColumn[]>;

export type RollUpTable = keyof typeof ROLL_UP_TABLES;

/** All tables, of segments and of roll-ups. */
export const TABLES = { ...FACT_TABLES, ...ROLL_UP_TABLES };

export type AnyTable = keyof typeof TABLES;

interface Values {
  uint32: number;
  uint64: bigint;
  place: number;
  boolean: boolean;
  text: string;
  /** As in WAL: microseconds since 2000-01-01 UTC. */
  time: bigint;
  'uint32[]': readonly number[];
  'text[]': readonly string[];
}

type ValueOf<C extends FactColumn> = C extends { optional: true }
  ? Values[C['type']] | undefined
  : Values[C['type']];

/** A row of a table. */
export type FactRow<T extends AnyTable> = {
  [C in (typeof TABLES)[T][number] as C['name']]: ValueOf<C>;
};

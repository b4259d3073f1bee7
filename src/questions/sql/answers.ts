import type { FactColumn } from '../facts/tables.js';

const TIMELINE = {
  name: 'timeline',
  type: 'uint32',
  doc: 'whose WAL it is, its ancestors\u2019 with it',
} as const;

const FILE = [
  { name: 'tablespace', type: 'uint32', doc: 'oid of the tablespace' },
  { name: 'database', type: 'uint32', doc: 'oid of the database' },
  { name: 'relfilenode', type: 'uint32', doc: 'number of the file' },
] as const satisfies readonly FactColumn[];

/** What no SQL can tell: walscan computes it out of facts, and `COPY … TO` exports it for other engines. */
export const ANSWER_TABLES = {
  chains: [
    TIMELINE,
    { name: 'file_timeline', type: 'uint32', doc: 'in whose folder the facts are' },
    {
      name: 'segment',
      type: 'text',
      doc: 'the folder there: of a segment, or of the record that runs over its end',
    },
    { name: 'start_lsn', type: 'uint64', doc: 'of the segment: what places in it are counted from' },
    { name: 'to_lsn', type: 'uint64', doc: 'where its WAL stops being the timeline\u2019s' },
  ],
  interruptions: [
    TIMELINE,
    { name: 'resumed_lsn', type: 'uint64', doc: 'where WAL could be read again, after a gap or damage' },
  ],
  missing_segments: [
    TIMELINE,
    { name: 'first_segment', type: 'text', doc: 'the file name in pg_wal' },
    { name: 'last_segment', type: 'text', doc: 'the same of the last one' },
    { name: 'segments', type: 'uint32', doc: 'how many' },
    { name: 'from_lsn', type: 'uint64', doc: 'where the first begins' },
    { name: 'to_lsn', type: 'uint64', doc: 'where the last ends' },
  ],
  confirmed_inserts: [
    TIMELINE,
    { name: 'xid', type: 'uint32', doc: 'transaction id' },
    ...FILE,
    { name: 'lsn', type: 'uint64', doc: 'of an INSERT … ON CONFLICT that a later segment confirms' },
  ],
  repacked: [
    TIMELINE,
    { name: 'lsn', type: 'uint64', doc: 'of the end of a REPACK (CONCURRENTLY)' },
    ...FILE,
  ],
  removals: [
    TIMELINE,
    { name: 'lsn', type: 'uint64', doc: 'of the commit' },
    { name: 'xid', type: 'uint32', doc: 'of the transaction, the top-level one' },
    { name: 'time', type: 'time', doc: 'of the commit' },
    {
      name: 'relation',
      type: 'text',
      optional: true,
      doc: 'tablespace/database/relfilenode; null for a database',
    },
    {
      name: 'database',
      type: 'uint32',
      optional: true,
      doc: 'oid of a database that was dropped; else null',
    },
    { name: 'kind', type: 'text', optional: true, doc: 'drop, truncate, drop-or-truncate, rewrite, unknown' },
    { name: 'kind_of_table', type: 'text', optional: true, doc: 'the same where it is known to be a table' },
    { name: 'new_relation', type: 'text', optional: true, doc: 'the file that took its place' },
    {
      name: 'unlogged',
      type: 'boolean',
      optional: true,
      doc: 'it is unlogged; null where that is not known',
    },
    { name: 'incident', type: 'text', optional: true, doc: 'its kind where it is an incident; else null' },
    { name: 'files', type: 'uint32', optional: true, doc: 'of an incident: how many files went in all' },
    {
      name: 'may_be_toast_of',
      type: 'text',
      optional: true,
      doc: 'of an incident: whose TOAST table it may be',
    },
    {
      name: 'unknown_files',
      type: 'uint32',
      optional: true,
      doc: 'of an incident: files that may be tables, too',
    },
    { name: 'stop_lsn', type: 'uint64', optional: true, doc: 'of a database: what recovery stops before' },
  ],
  problems: [
    { name: 'code', type: 'text', doc: 'what is wrong with the WAL, or its facts: docs/errors.md' },
    { name: 'message', type: 'text', doc: 'the same for people' },
    { name: 'lsn', type: 'text', optional: true, doc: 'where' },
    { name: 'file', type: 'text', optional: true, doc: 'of which file' },
  ],
} as const satisfies Record<string, readonly FactColumn[]>;

export type AnswerTable = keyof typeof ANSWER_TABLES;

/** A row by its columns: times as in WAL, null for none. */
export type AnswerRow<T extends AnswerTable> = {
  [C in (typeof ANSWER_TABLES)[T][number] as C['name']]: ValueOf<C>;
};

interface Values {
  uint32: number;
  uint64: bigint;
  boolean: boolean;
  text: string;
  time: bigint;
}

type ValueOf<C> = C extends { type: keyof Values; optional: true }
  ? Values[C['type']] | undefined
  : C extends { type: keyof Values }
    ? Values[C['type']]
    : never;

/** The rows of all of them. */
export type Answers = { [T in AnswerTable]: AnswerRow<T>[] };

import { formatLsn, type Lsn } from './lsn.js';
import type { Message, MessageValue } from './message.js';

/**
 * What an error means for whoever has to decide what to do about it:
 *
 * - `usage`: the question is wrong: it contradicts itself, or names what there cannot be an answer for
 * - `not-found`: there is nothing of what was asked
 * - `not-reached`: the WAL given ends before what was asked, begins after it, or lacks parts that it may be in
 * - `incomplete`: WAL, a base backup or a part of them is missing or damaged
 * - `conflict`: what was given does not fit together, and nothing tells which of it is the right one
 * - `broken-file`: no bytes, or too few, can be had out of a file: it is cut off, or what packs it is damaged
 * - `malformed`: the bytes of a file can be had, but are not what they should be
 * - `unsupported`: nothing is wrong with it, but walscan cannot read it
 * - `undecided`: what became of a transaction, or what a value is, is not in the input
 * - `damage`: a record, a page, a tuple or a value contradicts itself
 * - `system`: a disk, a store or a thread failed; what was to be read may be fine, and another try may do
 */
export type ErrorKind =
  | 'usage'
  | 'not-found'
  | 'not-reached'
  | 'incomplete'
  | 'conflict'
  | 'broken-file'
  | 'malformed'
  | 'unsupported'
  | 'undecided'
  | 'damage'
  | 'system';

/** Every code, and what kind of error it is. `docs/errors.md` has the same table. */
export const ERROR_KINDS = {
  /** Options or arguments that do not go together. */
  usage: 'usage',
  /** A text that is no relation. */
  'bad-relation': 'usage',
  /** A text that is no name of a table. */
  'bad-table': 'usage',
  /** A list of columns that cannot be used. */
  'bad-columns': 'usage',
  /** Several relations have the relfilenode that was given. */
  'ambiguous-relation': 'usage',
  /** Several tables have the name or the file that was given. */
  'ambiguous-table': 'usage',
  /** The table is partitioned, and has no partitions to have rows. */
  'partitioned-table': 'usage',
  /** The table has no file of its own: it is a foreign one, or a view, or has no partitions. */
  'no-storage': 'usage',
  /** The table is unlogged or temporary: neither WAL nor base backups have its rows. */
  'not-logged': 'usage',
  /** The question needs a base backup, and none was given. */
  'no-backup': 'usage',
  /** The question needs the name of a database, and none was given. */
  'no-database': 'usage',
  /** There is no such table, or none at that moment. */
  'unknown-table': 'usage',
  /** There is no database of that name. */
  'unknown-database': 'usage',
  /** There is no WAL of the timeline that was asked for. */
  'unknown-timeline': 'usage',
  /** What was given has the WAL of several clusters, and nothing says which one is meant. */
  'several-clusters': 'usage',
  /** A repository has no backup of that name, or none that could be restored. */
  'unknown-backup': 'usage',
  /** A repository is encrypted, and no passphrase was given, or it is encrypted in a way that walscan does not open. */
  encrypted: 'usage',
  /** The passphrase that was given does not open a repository. */
  'wrong-passphrase': 'usage',
  /** The question needs a package that is not installed beside walscan. */
  'missing-package': 'usage',
  /** DuckDB refuses a query, or gives it up. */
  'bad-query': 'usage',
  /** A block reference whose page image was asked for has none. */
  'no-image': 'usage',

  /** No transaction that committed deleted rows of the table. */
  'nothing-deleted': 'not-found',
  /** The transaction was rolled back: it deleted nothing. */
  'not-committed': 'not-found',
  /** No transaction that committed deleted rows of the relation, dropped or truncated it. */
  'no-delete': 'not-found',

  /** The WAL ends before the moment that was asked for. */
  'target-not-reached': 'not-reached',
  /** The moment that was asked for lies before the backup. */
  'target-before-backup': 'not-reached',
  /** At the moment that was asked for, or where the WAL ends, the backup was still being taken. */
  'backup-not-consistent': 'not-reached',
  /** Nothing was found, but not all of the WAL could be read: it may be in the rest. */
  'incomplete-wal': 'not-reached',

  /** Only facts of a segment are there, and what is asked takes its WAL. */
  'needs-wal': 'incomplete',
  /** Segments between others are missing. */
  'missing-segments': 'incomplete',
  /** A timeline's history file is missing, without which it is not known where the timeline comes from. */
  'missing-history': 'incomplete',
  /** A page or a record of the WAL is damaged. */
  'damaged-wal': 'incomplete',
  /** A record whose checksum is right contradicts itself, and was left out. */
  'undecodable-record': 'incomplete',
  /** A segment's file ends too early. */
  'truncated-segment': 'incomplete',
  /** A segment's file has more bytes than a segment has. */
  'oversized-segment': 'incomplete',
  /** Of a segment there is a `.partial` file only, although later segments are there. */
  'partial-segment': 'incomplete',
  /** A file that is called as a segment that is missing holds none, or is that segment under another name. */
  'unused-segment': 'incomplete',
  /** `pg_resetwal` let the WAL begin anew, so that no recovery goes on from what is before that. */
  'wal-reset': 'incomplete',
  /** From some record on, the WAL was written with `wal_level = minimal`, which leaves rows out. */
  'minimal-wal': 'incomplete',
  /** A record cannot be applied to its page: backup and WAL are not of one piece. */
  'replay-failed': 'incomplete',
  /** Some WAL that a base backup needs is missing. */
  'backup-incomplete': 'incomplete',
  /** A page or a file of a base backup is not what it was when the backup was taken. */
  'damaged-backup': 'incomplete',
  /** A backup builds on another one that is not there. */
  'missing-backup': 'incomplete',
  /** The names of relations are not known, or not from some moment on. */
  'incomplete-names': 'incomplete',
  /** A transaction had begun before the backup: what it changed by then is not told. */
  'begun-before-backup': 'incomplete',

  /** Two files of the same segment, or of the same timeline's history, differ. */
  'different-content': 'conflict',
  /** WAL, or WAL and a backup, of different clusters. */
  'foreign-cluster': 'conflict',
  /** WAL of different versions, segment sizes or block sizes. */
  'mixed-formats': 'conflict',
  /** A file holds another segment than its name says. */
  'name-mismatch': 'conflict',
  /** The timeline does not come from that of the backup. */
  'other-timeline': 'conflict',
  /** The WAL contradicts the history file of its timeline, or is of another timeline of the same number. */
  'wrong-history': 'conflict',
  /** The timeline that recovery should go to does not come from the one asked for. */
  'timeline-not-in-history': 'conflict',

  /** A file is too short for what it should be. */
  'short-file': 'broken-file',
  /** What a file is compressed or encrypted with is damaged. */
  'corrupt-compression': 'broken-file',
  /** A tar file is damaged. */
  'corrupt-tar': 'broken-file',
  /** A file has more bytes than can be right, or tells of more files than fit into memory. */
  'file-too-large': 'broken-file',

  /** A file does not begin with a page of WAL, or with one from within a segment. */
  'not-wal': 'malformed',
  /** There is no WAL segment in what was given. */
  'no-wal': 'malformed',
  /** A segment states a size that no segment has. */
  'bad-segment-size': 'malformed',
  /** A segment states a size of its pages that walscan does not know. */
  'bad-block-size': 'malformed',
  /** A timeline's history file cannot be understood, or names no ancestor. */
  'bad-history': 'malformed',
  /** A `backup_label` or `.backup` file cannot be understood, or the server refuses it. */
  'bad-backup-label': 'malformed',
  /** A `backup_manifest` cannot be understood. */
  'bad-manifest': 'malformed',
  /** A `backup_manifest` was changed after the backup. */
  'manifest-checksum': 'malformed',
  /** A file by which a backup tool describes a repository or a backup cannot be understood, or was changed. */
  'bad-repository': 'malformed',
  /** The checksum of a pg_control does not fit. */
  'control-checksum': 'malformed',
  /** A file of a time zone cannot be understood. */
  'bad-timezone': 'malformed',
  /** What was given as a base backup is none. */
  'not-a-backup': 'malformed',
  /** A backup has no `backup_label`, and its files are those of a running server. */
  'no-backup-label': 'malformed',
  /** Of a backup from a standby only its pg_control says where it ends, and that is not there. */
  'no-control-file': 'malformed',
  /** A file of facts is none, was cut off, or contradicts itself. */
  'bad-facts': 'malformed',
  /** What was given as a server's log is none, or the prefix of its lines is not known. */
  'bad-log': 'malformed',

  /** A version of PostgreSQL that walscan does not know. */
  'unknown-version': 'unsupported',
  /** A version of PostgreSQL whose catalogs walscan cannot read. */
  'unsupported-version': 'unsupported',
  /** A file that is compressed or encrypted in a way that walscan does not know. */
  'unsupported-compression': 'unsupported',
  /** A cluster with another size of pages than 8 KiB. */
  'unsupported-block-size': 'unsupported',
  /** A cluster whose relations are in files of another size than 1 GiB. */
  'unsupported-segment-size': 'unsupported',
  /** A file of a machine with the other order of bytes. */
  'byte-order': 'unsupported',
  /** An incremental backup, from which no server starts. */
  'incremental-backup': 'unsupported',
  /** A type whose values walscan cannot print. */
  'unknown-type': 'unsupported',
  /** A value whose text is longer than a string can be. */
  'value-too-large': 'unsupported',
  /** Facts that another version of walscan laid out in another way. */
  'facts-version': 'unsupported',

  /** The members of a multixact are not in the input. */
  'unknown-multixact': 'undecided',
  /** What became of a transaction is not in the input. */
  'unknown-transaction': 'undecided',
  /** A transaction removed a table's file, and the WAL does not tell whether the rows went on in another. */
  'unknown-removal': 'undecided',
  /** Rows are older than a column that was added, and without a backup it is not known what they have there. */
  'unknown-default': 'undecided',
  /** The times of a log are in a zone whose abbreviation means nothing, or several things. */
  'unknown-log-zone': 'undecided',
  /** Text is no UTF-8, and without a backup it is not known in which encoding it is. */
  'unknown-encoding': 'undecided',

  /** Bytes end before what is to be in them. */
  'out-of-bounds': 'damage',
  /** The content of a record contradicts itself. */
  'corrupt-record': 'damage',
  /** A full-page image does not make a page. */
  'corrupt-image': 'damage',
  /** A page of a relation contradicts itself, or is not what a record says. */
  'corrupt-page': 'damage',
  /** A tuple contradicts itself. */
  'corrupt-tuple': 'damage',
  /** A value is none of its type. */
  'corrupt-value': 'damage',
  /** A row of a system catalog lacks what it must have. */
  'corrupt-catalog': 'damage',
  /** A `pg_filenode.map` is damaged. */
  'corrupt-relation-map': 'damage',
  /** Parts of a value that was stored out of line are not there. */
  'missing-toast': 'damage',

  /** A file cannot be opened or read. */
  unreadable: 'system',
  /** An object store failed, or cannot be reached; what it holds may be fine. */
  'object-store': 'system',
  /** What was given to read bytes from failed; `cause` is its own error. */
  'source-failed': 'system',
  /** A temporary file cannot be made, written or read: the disk is full, or its folder is not there or cannot be written to. */
  'temporary-file': 'system',
  /** What is made cannot be written: the disk is full, or the folder cannot be written to. */
  unwritable: 'system',
  /** A worker thread failed. */
  'worker-failed': 'system',
} as const satisfies Record<string, ErrorKind>;

/** The code of a {@link WalError}: kebab-case, stable, for programs. */
export type ErrorCode = keyof typeof ERROR_KINDS;

/** Where an error was found: the file as the user named it and the position in the WAL, each where known. */
export interface WalErrorPlace {
  file?: string;
  lsn?: Lsn;
}

/** A {@link WalError} in JSON: the LSN as text such as `0/04000680`, null where there is no place. */
export interface Problem {
  code: ErrorCode;
  message: string;
  lsn: string | null;
  file: string | null;
}

/**
 * Every error that walscan throws on purpose. `code` is stable and meant for programs; `kind` says what an error of
 * that code means; `message` is one line for people: what, where and what to do next. `cause` is the error that it
 * came of, where it came of one.
 */
export class WalError extends Error {
  readonly code: ErrorCode;
  readonly file: string | undefined;
  readonly lsn: Lsn | undefined;

  /** What `message` says, for other languages than English. */
  readonly said: Message;

  constructor(code: ErrorCode, message: Message, place: WalErrorPlace & ErrorOptions = {}) {
    super(String(message), 'cause' in place ? { cause: place.cause } : undefined);
    this.name = 'WalError';
    this.said = message;
    this.code = code;
    this.file = place.file;
    this.lsn = place.lsn;
  }

  get kind(): ErrorKind {
    return ERROR_KINDS[this.code];
  }

  /** A plain object for JSON output. */
  toJSON(): Problem {
    return {
      code: this.code,
      message: this.message,
      lsn: this.lsn === undefined ? null : formatLsn(this.lsn),
      file: this.file ?? null,
    };
  }
}

/** What an error says: one of walscan's in any language, another one in its own words. */
export function saidBy(error: unknown): MessageValue {
  if (error instanceof WalError) return error.said;
  return error instanceof Error ? error.message : String(error);
}

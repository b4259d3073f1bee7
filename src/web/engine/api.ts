import type {
  FindCommitJson,
  IncidentsJson,
  PlanJson,
  Problem,
  RecordJson,
  ReportJson,
} from '../../index.js';

/** What was dropped onto the page: a file, and where in the dropped folders it was. */
export interface DroppedFile {
  /** `folder/000000010000000000000003.gz` */
  path: string;
  file: Blob;
}

/** Told while the engine works. */
export interface EngineProgress {
  phase: 'inventory' | 'names' | 'search' | 'replay' | 'verify' | 'wal' | 'logs' | 'records';
  /** Bytes. */
  done: number;
  total: number | null;
}

export type OnEngineProgress = (progress: EngineProgress) => void;

/** An error as it crosses from the worker. */
export interface EngineError {
  code: string;
  message: string;
}

/** What of a call came: its value, an error to be shown, or nothing since it was cancelled. */
export type Answer<T> =
  | { kind: 'done'; value: T }
  | { kind: 'failed'; error: EngineError }
  | { kind: 'cancelled' };

/** A file of no use: none of WAL, or one that the server keeps for later use under the name of a segment. */
export interface PassedOver {
  path: string;
  reason: 'no-wal' | 'recycled' | 'zeroed' | 'empty';
}

/** What was found among the dropped files. */
export interface Opened {
  postgres: number;
  systemIdentifier: string;
  segmentSize: number;
  segments: number;
  timelines: number[];
  startLsn: string;
  endLsn: string;
  /** Base backups by the label to choose them by. */
  backups: { name: string }[];
  passedOver: PassedOver[];
  problems: Problem[];
}

/** Which records to list; what is left out does not matter. */
export interface RecordQuery {
  /** Its WAL, and that of its ancestors before it. Left out: the newest one's. */
  timeline?: number | undefined;
  /** Names of resource managers, as `pg_waldump --rmgr=list` has them. */
  rmgrs?: string[] | undefined;
  /** As `pg_waldump` prints it after the resource manager's name in `desc`: `INSERT+INIT`. */
  kind?: string | undefined;
  /** `tablespace/database/relfilenode`, or a relfilenode alone. */
  relation?: string | undefined;
  xid?: number | undefined;
  startLsn?: string | undefined;
  endLsn?: string | undefined;
  /** ISO 8601 with a zone. Records have no time: the stretch of WAL between the commits of these times. */
  since?: string | undefined;
  until?: string | undefined;
  /** With a full-page image. */
  fullPage?: boolean | undefined;
}

/** One line of the list. */
export interface RecordRow {
  lsn: string;
  rmgr: string;
  kind: string | null;
  xid: number;
  totalLength: number;
  /** As `pg_waldump` prints it after `desc:`: with the kind, and the block references; the first 2000 characters. */
  text: string;
}

/** A piece of a record's bytes, and what it is. Pieces follow each other and cover the record. */
export interface RecordField {
  /** From the record's first byte on. */
  offset: number;
  length: number;
  /** PostgreSQL's name: `xl_tot_len`, `block 0: rlocator`, `block 0: image`, `main data`. */
  name: string;
  value: string | null;
}

/** A record that was opened. */
export interface RecordDetail {
  record: RecordJson;
  /** Of the segment that it begins in. */
  timeline: number;
  segment: string;
  /** The record as it would lie in one piece, without the page headers that interrupt it. */
  bytes: Uint8Array;
  fields: RecordField[];
  /** The line of `pg_waldump`. */
  line: string;
  previousLsn: string | null;
  nextLsn: string | null;
}

export interface RecordList {
  id: number;
  /** Whose WAL it is out of. */
  timeline: number;
  count: number;
  problems: Problem[];
}

export interface TableName {
  database: string;
  /** `schema.table` */
  table: string;
}

/** An answer for people and for programs; the text is what the command prints. */
export interface AnswerOf<J> {
  json: J;
  text: string;
}

export interface RowsFound {
  columns: { name: string; type: string | null }[];
  /** Null is SQL's NULL. */
  rows: (string | null)[][];
  /** There are more than were asked for. */
  more: boolean;
  missing: number;
  problems: Problem[];
}

/** The base backup that names, and rows of before the WAL, are out of. */
export interface BackupChoice {
  /** By its name in {@link Opened.backups}; null for none. Left out: one that has the answer. */
  backup?: string | null | undefined;
}

export interface ReportQuery extends BackupChoice {
  since?: string | undefined;
  until?: string | undefined;
}

export interface IncidentsQuery extends BackupChoice {
  since?: string | undefined;
  until?: string | undefined;
  minRows?: number | undefined;
}

export interface FindCommitQuery extends BackupChoice {
  /** A relfilenode or `tablespace/database/relfilenode` … */
  relation?: string | undefined;
  /** … or, with a backup, a table by name. */
  table?: TableName | undefined;
}

export interface RowsQuery extends BackupChoice {
  table: TableName;
  /** As of an LSN or a time; of neither: at the end of the WAL. */
  question: { kind: 'as-of'; lsn?: string; time?: string } | { kind: 'deleted-by'; xid: number | 'last' };
  limit: number;
}

export interface PlanQuery extends BackupChoice {
  target:
    | { kind: 'before-delete'; relation?: string; table?: TableName }
    | { kind: 'lsn'; lsn: string; inclusive: boolean }
    | { kind: 'time'; time: string; inclusive: boolean }
    | { kind: 'xid'; xid: number; inclusive: boolean }
    | { kind: 'name'; name: string }
    | { kind: 'latest' };
}

/**
 * What the page's worker does. One call at a time: the one that runs is ended by {@link cancel}, and so it is by the next
 * call but `rows` and `openRecord`, which are short.
 */
export interface Engine {
  /**
   * Takes stock of what was dropped, instead of what was before.
   * @param passphrase of a repository that is encrypted
   */
  open(files: DroppedFile[], onProgress: OnEngineProgress, passphrase?: string): Promise<Answer<Opened>>;
  report(query: ReportQuery, onProgress: OnEngineProgress): Promise<Answer<ReportJson>>;
  findCommit(query: FindCommitQuery, onProgress: OnEngineProgress): Promise<Answer<AnswerOf<FindCommitJson>>>;
  incidents(query: IncidentsQuery, onProgress: OnEngineProgress): Promise<Answer<AnswerOf<IncidentsJson>>>;
  plan(query: PlanQuery, onProgress: OnEngineProgress): Promise<Answer<AnswerOf<PlanJson>>>;
  /** Of the backup's databases. */
  tables(query: BackupChoice, onProgress: OnEngineProgress): Promise<Answer<TableName[]>>;
  tableRows(query: RowsQuery, onProgress: OnEngineProgress): Promise<Answer<RowsFound>>;
  /** All of them, however many there are, in COPY's CSV format with the columns' names first. */
  rowsFile(query: Omit<RowsQuery, 'limit'>, onProgress: OnEngineProgress): Promise<Answer<Blob>>;
  /** Goes through the WAL for the records that are wanted, and keeps where they are. */
  records(query: RecordQuery, onProgress: OnEngineProgress): Promise<Answer<RecordList>>;
  /** Of the list made last; fewer at its end. */
  recordRows(list: number, from: number, count: number): Promise<Answer<RecordRow[]>>;
  /** Which line of the list is the first at or after an LSN. */
  indexOf(list: number, lsn: string): Promise<Answer<number>>;
  /** The first record of a timeline's WAL that begins at an LSN or after it. */
  openRecord(timeline: number, lsn: string): Promise<Answer<RecordDetail>>;
  cancel(): Promise<void>;
}

import { type HeadJson, headJson } from '../../cluster/answer-head.js';
import type { Value } from '../../heap/row.js';
import { formatTupleId } from '../../heap/tuple.js';
import type { Column } from '../../heap/types/type.js';
import type { RelationName } from '../../replay/relation-names.js';
import { formatLocator } from '../../rmgr/locator.js';
import { timeJson } from '../../text/json.js';
import { printableJson } from '../../text/printable.js';
import type { Problem } from '../../wal/error.js';
import { formatLsn } from '../../wal/lsn.js';
import type { Lifetime } from './lifetime.js';
import type { MissingRows } from './missing-rows.js';
import type { RecoveredRow, RecoveredRows } from './recovered-rows.js';
import type { RecoveredTable } from './table.js';

/** What `walscan rows --json` prints: LSNs as `0/04000680`, times in UTC with microseconds. */
export interface RowsJson extends HeadJson {
  question: RecoveredRows['question'];
  /** The base backup, as its tool names it; null where there is none of a backup tool's repository. */
  backup: string | null;
  /**
   * Its file (`tablespace/database/relfilenode`), null of a partitioned table, which has none; and what it is called, null
   * where no base backup tells it.
   */
  table: TableJson;
  /** The tables that its rows are in: itself or, by name, its partitions and those that inherit from it. */
  tables: TableJson[];
  /** Those that rows have values of; `type` is the type's name, null where it is not known. */
  columns: { name: string; type: string | null; typeOid: number }[];
  /** Columns whose values are computed when they are read, so that no file has them. */
  virtualColumns: string[];
  /** What tables that inherit have besides its columns, which is not given: `schema.table.column`. */
  ownColumns: string[];
  /** With a question of who deleted: that transaction. */
  deletedBy: number | null;
  /** With the question of who deleted last: those that were passed over, for no row is known that they took. */
  passedOver: number[];
  /** With a question of who deleted: columns that the transaction dropped, as far as a base backup tells. */
  droppedColumns: string[];
  /** With a question of who deleted: `--as-of` this, the table is as it was before that transaction; else null. */
  before: string | null;
  rows: RowJson[];
  /** How many there are. */
  count: number;
  /** With a question of who deleted: how many rows that transaction updated, which are not among these; else null. */
  updated: number | null;
  /** Rows that belong to the answer, or may do, and cannot be given. */
  missing: { ctid: string; relation?: string; reason: string }[];
  /** How many values of which columns could not be printed, and are given as bytes. */
  unknownValues: { column: string; count: number }[];
  /**
   * Whether all that the question asks for can be known: without a base backup, rows that the WAL does not touch are not;
   * nor are those of damaged pages and items.
   */
  complete: boolean;
  problems: Problem[];
}

/** A table by its file and its name. */
export interface TableJson {
  relation: string | null;
  name: RelationName | null;
}

/** A row: numbers and booleans as such, every other value as its text. Of a history, with its life. */
export interface RowJson {
  ctid: string;
  /** The file of the table that it is in, where that may be another than the one asked for. */
  relation?: string;
  xmin: number;
  xmax: number;
  born?: Lifetime['born'];
  bornAt?: string | null;
  died?: Lifetime['died'] | null;
  diedAt?: string | null;
  /** By column. */
  row: Record<string, string | number | boolean | null>;
}

/**
 * Makes JSON of what `recoverRows` gives, piece by piece, so that not all rows need be in memory: together the pieces
 * are the text of one {@link RowsJson}.
 */
export function* rowsJson(found: RecoveredRows): Generator<string> {
  const beginning = JSON.stringify(beforeRows(found), null, 2);
  yield printableJson(`${beginning.slice(0, -'\n}'.length)},\n  "rows": [`);
  let isFirst = true;
  for (const row of found) {
    yield printableJson(`${isFirst ? '' : ','}\n    ${JSON.stringify(rowJson(found.columns, row))}`);
    isFirst = false;
  }
  const end = JSON.stringify(afterRows(found), null, 2);
  const [before, after] = end.slice('{'.length).split('"missing": []');
  yield printableJson(`${isFirst ? '' : '\n  '}],${before}"missing": [`);
  yield* missingJson(found.missing);
  yield printableJson(`]${after}\n`);
}

function* missingJson(missing: MissingRows): Generator<string> {
  let isFirst = true;
  for (const { tid, table, reason } of missing) {
    const row = JSON.stringify(
      { ctid: formatTupleId(tid), ...relationJson(table), reason: String(reason) },
      null,
      2,
    );
    yield printableJson(`${isFirst ? '' : ','}\n    ${row.replaceAll('\n', '\n    ')}`);
    isFirst = false;
  }
  if (!isFirst) yield '\n  ';
}

type AfterRows = Pick<RowsJson, 'count' | 'updated' | 'missing' | 'unknownValues' | 'complete' | 'problems'>;

function beforeRows(found: RecoveredRows): Omit<RowsJson, 'rows' | keyof AfterRows> {
  const { head, question, table, columns, virtualColumns, deletedBy, passedOver, before } = found;
  return {
    ...headJson(head),
    question,
    backup: found.storedBackup?.name ?? null,
    table: tableJson(table),
    tables: found.tables.map(tableJson),
    columns: columns.map((column) => ({
      name: column.name,
      type: found.typeName(column) ?? null,
      typeOid: column.type,
    })),
    virtualColumns: [...virtualColumns],
    ownColumns: [...found.ownColumns],
    deletedBy: deletedBy ?? null,
    passedOver: [...passedOver],
    droppedColumns: [...found.droppedColumns],
    before: before === undefined ? null : formatLsn(before),
  };
}

function tableJson({ database, schema, name, file }: RecoveredTable): TableJson {
  return {
    relation: file.relNumber === 0 ? null : formatLocator(file),
    name: schema === '' ? null : { database, schema, name },
  };
}

const relationJson = (table: RecoveredTable | undefined): { relation?: string } =>
  table === undefined ? {} : { relation: formatLocator(table.file) };

/** What is known once all rows were taken. */
function afterRows(found: RecoveredRows): AfterRows {
  const { count, unknownValues, isComplete, problems } = found;
  return {
    count,
    updated: found.question === 'deleted-by' ? found.updated : null,
    // given one by one, see above
    missing: [],
    unknownValues: [...unknownValues].map(([column, values]) => ({ column, count: values })),
    complete: isComplete,
    problems: problems.map((problem) => problem.toJSON()),
  };
}

/** Makes JSON of one row. */
export function rowJson(columns: readonly Column[], row: RecoveredRow): RowJson {
  const { tid, table, xmin, xmax, lifetime, values } = row;
  const life = lifetime && {
    born: lifetime.born,
    bornAt: timeJson(lifetime.bornAt),
    died: lifetime.died ?? null,
    diedAt: timeJson(lifetime.diedAt),
  };
  return {
    ctid: formatTupleId(tid),
    ...relationJson(table),
    xmin,
    xmax,
    ...life,
    row: Object.fromEntries(columns.map((column, i) => [column.name, valueJson(values[i])])),
  };
}

const BOOL = 16;
/** int2, int4, oid, float4, float8: numbers that JSON's own hold. */
const NUMBERS: ReadonlySet<number> = new Set([21, 23, 26, 700, 701]);

function valueJson({ type, text, unknown }: Value): string | number | boolean | null {
  if (text === null || unknown) return text;
  if (type === BOOL) return text === 't';
  return NUMBERS.has(type) && Number.isFinite(Number(text)) ? Number(text) : text;
}

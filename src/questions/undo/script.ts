import { formatTimestamptz } from '../../heap/types/datetime.js';
import { printable } from '../../text/printable.js';
import { quoteIdentifier } from '../../text/sql-identifier.js';
import { UTC } from '../../text/timezone.js';
import type { Tongue } from '../../text/tongue.js';
import { formatLsn } from '../../wal/lsn.js';
import { type Message, message, several } from '../../wal/message.js';
import type { ChangedColumn, ChangedTable, ChangedTransaction, ChangedValue } from '../changes/change.js';
import {
  isCollated,
  keySql,
  rowSql,
  sessionSql,
  statementSql,
  tableSql,
  textSql,
  valueSql,
} from '../changes/sql-text.js';
import type { LaterChange, UndoCollector, UndoneTable } from './collector.js';
import { keyOf } from './identity.js';
import type { KeyState, RowOf } from './row-states.js';
import { RUN_STEPS } from './run-steps.js';
import type { Step, StepOf, TableSummary } from './step.js';

/** What is done where a row is not any more what the changes left. */
export type OnConflict = 'stop' | 'skip';

/** One line of the table of steps, in SQL. */
interface StepSql {
  kind: Step['kind'];
  table: string;
  /** Names the row: its key, or all of it. */
  row: string;
  /** What became of it later. */
  later: string | null;
  /** Undefined where it cannot be taken back. */
  statement: string | null;
  /** Whether the row is already what the statement makes it. */
  isDone: string | null;
  /** Finds the row that would go, or change. */
  found: string | null;
  /** It would go, or lose a key: no other row may hang on it. */
  losesKey: boolean;
  /** What must be so before anything is done. */
  needs: string | null;
  /** The number of all rows that became of each other, where there may be several. */
  group: number | null;
  /** The oid that the table has, where these transactions made it in place of another. */
  made: number | null;
}

/** So many steps are in one INSERT. */
const STEPS_AT_ONCE = 200;
/** And no more characters than that, but for a single step. */
const MOST_AT_ONCE = 4_000_000;

/** Prints the script that takes changes back, piece by piece. */
export class UndoScript {
  private number = 0;
  /** Lines of the table of rows, which are not printed yet. */
  private rows: string[] = [];

  constructor(
    private readonly collected: UndoCollector,
    private readonly version: number,
    private readonly onConflict: OnConflict,
  ) {}

  *text(tongue: Tongue): Generator<string> {
    yield this.notes()
      .map((line) => comment(tongue.textOf(line)))
      .join('') + HEAD;
    let lines: string[] = [];
    let size = 0;
    for (const one of this.collected.steps()) {
      const line = this.line(this.sqlOf(one));
      lines.push(line);
      size += line.length;
      if (lines.length < STEPS_AT_ONCE && size < MOST_AT_ONCE) continue;
      yield insertLines(lines);
      yield* this.takeRows();
      lines = [];
      size = 0;
    }
    if (lines.length > 0) yield insertLines(lines);
    for (const state of this.collected.rowStates.states()) {
      this.addState(state);
      if (this.rows.length >= STEPS_AT_ONCE) yield* this.takeRows();
    }
    yield* this.takeRows();
    yield this.tail();
  }

  private *takeRows(): Generator<string> {
    if (this.rows.length > 0) yield insertRows(this.rows);
    this.rows = [];
  }

  /** What whoever runs it should know, a line each. */
  private notes(): Message[] {
    const { undone, tables, lost } = this.collected;
    const more = undone.length - MOST_LISTED;
    return [
      message`Takes back what these transactions changed:`,
      ...undone.slice(0, MOST_LISTED).map((one) => message`  ${transactionSaid(one)}`),
      ...(more > 0 ? [message`  ${message`and ${more} more`}`] : []),
      BLANK,
      ...summaryLines(tables),
      ...lostLines(lost),
      BLANK,
      ...COMMON,
      NOTES[this.onConflict],
    ];
  }

  private tail(): string {
    return `${RUN_STEPS.replaceAll('ON_CONFLICT', this.onConflict)}${this.sequences()}
SELECT kind, tbl AS "table", row_key AS "row", reason, later FROM pg_temp.walscan_step WHERE state = 'conflict' ORDER BY n;
SELECT state, kind, tbl AS "table", count(*) FROM pg_temp.walscan_step GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
COMMIT;
`;
  }

  /** Sequences that feed columns of rows that came back go on behind them. */
  private sequences(): string {
    return this.collected.tables.some(({ summary }) => summary.restored > 0) ? RAISE_SEQUENCES : '';
  }

  private line(step: StepSql): string {
    const { kind, table, row, later, statement, isDone, found, losesKey, needs, group, made } = step;
    const texts = [kind, table, row, later, statement, isDone, found].map(textOrNull).join(', ');
    const numbers = [group, made].map((one) => one ?? 'NULL').join(', ');
    return `(${++this.number}, ${texts}, ${losesKey}, ${textOrNull(needs)}, ${numbers})`;
  }

  private sqlOf({ number, step }: StepOf): StepSql {
    const undone = this.collected.tables[step.table];
    const table = tableSql(undone.now ?? undone.table, this.version);
    const replacement = this.collected.replacementOf(undone);
    const isReplacement = replacement !== undefined && replacement === undone.table.oid;
    const common = { table, made: isReplacement ? replacement : null };
    switch (step.kind) {
      case 'insert': {
        const end = this.collected.rowStates.endOf(number);
        const needs = end === undefined ? null : this.isSo(end, end.left, end.columns);
        return { ...this.insertSql(step, undone, table), kind: 'insert', ...common, needs };
      }
      case 'delete':
        return { ...this.deleteSql(step, undone, table), kind: 'delete', ...common };
      case 'update':
        return { ...this.updateSql(step, undone, table), kind: 'update', ...common };
      case 'create': {
        const isOther = `pg_catalog.to_regclass(${textSql(table)})::pg_catalog.oid = ${replacement}`;
        return {
          ...NOTHING,
          kind: 'create',
          table,
          statement: step.statements,
          isDone: this.isMade(undone, table),
          found: replacement === undefined ? null : isOther,
        };
      }
      case 'constraint': {
        const { name, of, statement } = step;
        const isOf = `conrelid = pg_catalog.to_regclass(${textSql(of)}) AND conname = ${textSql(name)}`;
        const isDone = `EXISTS (SELECT FROM pg_catalog.pg_constraint WHERE ${isOf})`;
        return { ...NOTHING, kind: 'constraint', table: of, row: name, statement, isDone };
      }
      case 'unknown':
        return {
          ...NOTHING,
          kind: 'unknown',
          table,
          row: `${step.what} of rows whose values are not known`,
        };
    }
  }

  private insertSql(step: Step & { kind: 'insert' }, undone: UndoneTable, table: string) {
    const { values } = step;
    // where the table is made again, a generated column may be one like others
    const isPlain = undone.now === undefined && undone.hasPlainGenerated;
    const columns = this.columnsOf(undone, ({ isGenerated }) => isPlain || !isGenerated);
    const names = columns.map(({ column }) => this.name(column)).join(', ');
    const literals = columns.map(({ column, place }) => valueSql(values[place]!, column)).join(', ');
    const head = `INSERT INTO ${table} (${names}) OVERRIDING SYSTEM VALUE`;
    const group = this.groupOf(step, undone, table, [values]);
    const guard = this.guard(undone, table, values, 1);
    const source = guard === undefined ? `VALUES (${literals})` : `SELECT ${literals} WHERE ${guard}`;
    return {
      ...this.rowOf(undone, values),
      statement: `${head} ${source}`,
      isDone: guard === undefined ? this.exists(undone, table, values) : null,
      found: null,
      losesKey: false,
      group,
      needs: null,
    };
  }

  private deleteSql(step: Step & { kind: 'delete' }, undone: UndoneTable, table: string) {
    const { values } = step;
    const found = this.find(undone, table, values, values);
    const group = this.groupOf(step, undone, table, [values]);
    const guard = this.guard(undone, table, values, -1);
    const { key } = undone;
    return {
      ...this.rowOf(undone, values),
      statement: `DELETE FROM ONLY ${table} WHERE ${found}${guard === undefined ? '' : ` AND ${guard}`}`,
      isDone:
        key === undefined ? null : `NOT EXISTS (SELECT FROM ONLY ${table} WHERE ${this.key(undone, values)})`,
      found,
      losesKey: true,
      group,
      needs: null,
    };
  }

  private updateSql(step: Step & { kind: 'update' }, undone: UndoneTable, table: string) {
    const { old: before, new: after } = step;
    const changed = this.columnsOf(undone, ({ isGenerated }) => !isGenerated).filter(
      ({ place }) => before[place] !== after[place],
    );
    const row = this.rowOf(undone, after);
    if (changed.length === 0) return { ...NOTHING, ...row, isDone: 'true' };
    const sets = changed.map(
      ({ column, place }) => `${this.name(column)} = ${valueSql(before[place]!, column)}`,
    );
    const { key } = undone;
    const places = key === undefined ? undefined : changed.map(({ place }) => place);
    const found = this.find(undone, table, after, after, places);
    const group = this.groupOf(step, undone, table, [after, before]);
    const guard = this.guard(undone, table, after, -1);
    if (guard !== undefined) this.guard(undone, table, before, 1);
    const isKeyChanged = undone.table.keys.some(({ columns }) =>
      columns.some((place) => before[place] !== after[place]),
    );
    return {
      ...row,
      statement: `UPDATE ONLY ${table} SET ${sets.join(', ')} WHERE ${found}${guard === undefined ? '' : ` AND ${guard}`}`,
      isDone:
        places === undefined
          ? null
          : `EXISTS (SELECT FROM ONLY ${table} WHERE ${this.find(undone, table, before, before, places)})`,
      found,
      losesKey: isKeyChanged,
      group,
      needs: null,
    };
  }

  /** The columns that the table still has, as they are now. */
  private columnsOf(
    { table, now }: UndoneTable,
    isMeant: (column: ChangedColumn) => boolean,
  ): { column: ChangedColumn; place: number }[] {
    return (table.columns ?? []).flatMap((column, place) => {
      const current =
        now === undefined ? column : now.columns?.find(({ number }) => number === column.number);
      return current && isMeant(current) ? [{ column: current, place }] : [];
    });
  }

  private name({ name }: ChangedColumn): string {
    return quoteIdentifier(name, this.version);
  }

  private condition(
    undone: UndoneTable,
    values: readonly ChangedValue[],
    places: Iterable<number>,
    sqlOf = rowSql,
  ): string {
    const columns: ChangedColumn[] = [];
    for (const { column, place } of this.columnsOf(undone, () => true)) columns[place] = column;
    const known = [...places].filter((place) => columns[place] !== undefined && values[place] !== undefined);
    return sqlOf(values, columns, known, this.version) || 'true';
  }

  private key(undone: UndoneTable, values: readonly ChangedValue[]): string {
    return this.condition(undone, values, undone.key?.columns ?? [], keySql);
  }

  /**
   * Finds the row by its key, as it has these values; without a key one of those that are equal.
   * @param places of the columns that matter; all by default
   */
  private find(
    undone: UndoneTable,
    table: string,
    key: readonly ChangedValue[],
    values: readonly ChangedValue[],
    places: Iterable<number> = values.keys(),
  ): string {
    const keyPlaces = undone.key?.columns;
    if (keyPlaces === undefined) {
      const equal = this.condition(undone, values, values.keys());
      return `ctid = (SELECT ctid FROM ONLY ${table} WHERE ${equal} LIMIT 1)`;
    }
    const isFoundByKey = (place: number): boolean =>
      keyPlaces.includes(place) && !isCollated(undone.table.columns![place]);
    const others = [...new Set([...keyPlaces, ...places])].filter((place) => !isFoundByKey(place));
    const rest = others.length === 0 ? '' : ` AND ${this.condition(undone, values, others)}`;
    return `${this.key(undone, key)}${rest}`;
  }

  private exists(undone: UndoneTable, table: string, values: readonly ChangedValue[]): string {
    const isSame =
      undone.key === undefined
        ? this.condition(undone, values, values.keys())
        : this.find(undone, table, values, values);
    return `EXISTS (SELECT FROM ONLY ${table} WHERE ${isSame})`;
  }

  /**
   * Without a key, what holds as long as nobody else has changed equal rows; undefined with one, and where nobody knows
   * how many there are.
   * @param by how many equal rows there are more after the step
   */
  private guard(
    undone: UndoneTable,
    table: string,
    values: readonly ChangedValue[],
    by: number,
  ): string | undefined {
    if (undone.key !== undefined) return undefined;
    const { rowCounts } = this.collected;
    const count = rowCounts.of(undone, values);
    if (count === undefined) return undefined;
    rowCounts.change(undone.table, values, by);
    return this.countIs(undone, table, values, count);
  }

  /**
   * The number of all rows that became of each other. Without a key, how many rows are equal to them is told before: nobody
   * else may have changed that.
   */
  private groupOf(
    step: Step,
    undone: UndoneTable,
    table: string,
    rows: readonly (readonly ChangedValue[])[],
  ): number | null {
    if (undone.key !== undefined) return groupNumber(this.collected.groupOf(step));
    const { rowCounts } = this.collected;
    const group = rowCounts.groupOf(undone, rows[0]);
    if (group === undefined) return null;
    for (const values of rows) {
      const ends = rowCounts.endsOf(undone, values);
      if (ends === undefined) continue;
      const [left, before] = [ends.left, ends.before].map((n) => this.countIs(undone, table, values, n));
      this.addRow(group, table, true, [left, before, null, null]);
    }
    return group;
  }

  private addState(state: KeyState): void {
    const { group, before, left, sample, columns } = state;
    const undone = this.collected.tables[sample.table];
    const table = tableSql(undone.now ?? undone.table, this.version);
    const so = [left, before].map((row) => this.isSo(state, row, columns));
    // where keys changed only, it may be another row that has the key
    const all = [left, before].map((row) => this.isSo(state, row, undefined));
    const isSame = columns === undefined || all[0] === all[1];
    this.addRow(groupNumber(group)!, table, false, [...so, ...(isSame ? [null, null] : all)]);
  }

  private addRow(
    group: number,
    table: string,
    isWhole: boolean,
    conditions: readonly (string | null)[],
  ): void {
    this.rows.push(`(${group}, ${textOrNull(table)}, ${isWhole}, ${conditions.map(textOrNull).join(', ')})`);
  }

  /**
   * Whether a key has this row, or none.
   * @param columns the numbers of those that matter; all by default
   */
  private isSo(
    { sample }: KeyState,
    row: RowOf | undefined,
    columns: ReadonlySet<number> | undefined,
  ): string {
    const { table: number, values } = row ?? sample;
    const undone = this.collected.tables[number];
    const table = tableSql(undone.now ?? undone.table, this.version);
    if (row === undefined) return `NOT EXISTS (SELECT FROM ONLY ${table} WHERE ${this.key(undone, values)})`;
    const all = undone.table.columns ?? [];
    const places = [...values.keys()].filter((place) => columns?.has(all[place].number) ?? true);
    return `EXISTS (SELECT FROM ONLY ${table} WHERE ${this.find(undone, table, values, values, places)})`;
  }

  /** Whether there is a table with the columns that a dropped one had. */
  private isMade({ table: { columns = [] } }: UndoneTable, table: string): string {
    const lines = columns.map(({ name, sqlType }) => textSql(`${name} ${sqlType}`)).join(', ');
    const line = "attname || ' ' || pg_catalog.format_type(atttypid, atttypmod)";
    const isMeant = "attnum > 0 AND NOT attisdropped AND attgenerated <> 'v'";
    const found = `SELECT ${line} FROM pg_catalog.pg_attribute WHERE attrelid = pg_catalog.to_regclass(${textSql(table)}) AND ${isMeant} ORDER BY attnum`;
    return `ARRAY(${found}) = ARRAY[${lines}]::pg_catalog.text[]`;
  }

  private countIs(
    undone: UndoneTable,
    table: string,
    values: readonly ChangedValue[],
    count: number,
  ): string {
    const equal = this.condition(undone, values, values.keys());
    return `(SELECT pg_catalog.count(*) FROM ONLY ${table} WHERE ${equal}) = ${count}`;
  }

  private rowOf(undone: UndoneTable, values: readonly ChangedValue[]): { row: string; later: string | null } {
    const key = keyOf(undone.table);
    const { columns = [] } = undone.table;
    // a key is as long as an index takes it at most, and another one may begin the same
    const parts = Array.from(
      key?.columns ?? values.keys(),
      (place) => `${columns[place].name}=${key ? values[place] : shortened(values[place])}`,
    );
    const later = this.collected.laterOf(undone.table, values);
    return { row: parts.join(', '), later: later === undefined ? null : laterText(later) };
  }
}

const NOTHING = {
  ...{ row: '', later: null, statement: null, isDone: null, found: null, losesKey: false },
  ...{ needs: null, group: null, made: null },
};

/** Groups of rows with keys have numbers of their own. */
const groupNumber = (group: number | undefined): number | null => (group === undefined ? null : -1 - group);

const textOrNull = (text: string | null): string => (text === null ? 'NULL' : statementSql(text));

const MOST_LISTED = 50;
const LONGEST_VALUE = 80;

function shortened(value: ChangedValue): string {
  if (value === null || value === undefined) return 'NULL';
  return value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE)}...` : value;
}

const transactionSaid = ({ xid, lsn, time }: ChangedTransaction): Message =>
  message`${xid}, committed at ${formatLsn(lsn)}, ${formatTimestamptz(time, UTC)}`;

const laterText = ({ transaction, more }: LaterChange): string =>
  `changed by transaction ${transactionSaid(transaction)}${more === 0 ? '' : `, and by ${more} more`}`;

const insertLines = (lines: readonly string[]): string =>
  `INSERT INTO pg_temp.walscan_step (n, kind, tbl, row_key, later, statement, is_done, found, loses_key, needs, grp, made) VALUES\n${lines.join(',\n')};\n`;

const insertRows = (lines: readonly string[]): string =>
  `INSERT INTO pg_temp.walscan_row (grp, tbl, is_whole, is_left, is_before, was_left, was_before) VALUES\n${lines.join(',\n')};\n`;

/** What is undone, by table. */
export function summariesOf(tables: readonly UndoneTable[]): TableSummary[] {
  const sums = new Map<string, TableSummary>();
  for (const { summary, table } of tables) {
    const name = `${table.file.dbOid} ${nameOf(table)}`;
    const sum = sums.get(name);
    if (sum === undefined) {
      sums.set(name, { ...summary });
      continue;
    }
    sum.restored += summary.restored;
    sum.changedBack += summary.changedBack;
    sum.removed += summary.removed;
    sum.touchedLater += summary.touchedLater;
    sum.unknown += summary.unknown;
    sum.isCreated ||= summary.isCreated;
  }
  return [...sums.values()];
}

/** The same, a line for each table. */
export const summaryLines = (tables: readonly UndoneTable[]): Message[] =>
  summariesOf(tables).map(({ table, restored, changedBack, removed, touchedLater, unknown, isCreated }) => {
    const name = printable(nameOf(table));
    const counts = several(
      restored,
      '{0} row restored, {1} changed back, {2} removed, {3} changed later as well, {4} unknown',
      '{0} rows restored, {1} changed back, {2} removed, {3} changed later as well, {4} unknown',
      changedBack,
      removed,
      touchedLater,
      unknown,
    );
    return isCreated ? message`${name}: made again, ${counts}` : message`${name}: ${counts}`;
  });

/** What is not taken back of what went, a line each. */
export const lostLines = (lost: readonly Message[]): Message[] => [
  ...lost.slice(0, MOST_LISTED).map((what) => message`not taken back: ${what}`),
  ...(lost.length > MOST_LISTED ? [message`not taken back: ${lost.length - MOST_LISTED} more`] : []),
];

const nameOf = ({ schema, name, file }: ChangedTable): string =>
  name === undefined ? `relation ${file.spcOid}/${file.dbOid}/${file.relNumber}` : `${schema}.${name}`;

const BLANK = message``;

const COMMON = [
  message`A row is touched only where it still is what these transactions left.`,
  message`Triggers of the tables fire, and foreign keys are checked, as for any other change.`,
  message`A superuser can switch both off for this transaction with the line about session_replication_role, and answers for the foreign keys then.`,
  message`All of it is one transaction. Run a second time, it changes nothing.`,
];

const NOTES: Readonly<Record<OnConflict, Message>> = {
  stop: message`Where one row is in conflict, nothing is changed: each is named in a warning.`,
  skip: message`Rows in conflict are left as they are: each is named in a warning, and in the list at the end.`,
};

/** A line of a comment: nothing in it, such as a name, ends it. */
const comment = (text: string): string => `${`-- ${printable(text)}`.trimEnd()}\n`;

const HEAD = `
BEGIN;
${sessionSql(true)
  .map((setting) => `${setting};`)
  .join('\n')}
SET LOCAL row_security = off;
SET CONSTRAINTS ALL IMMEDIATE;
-- SET LOCAL session_replication_role = replica;

CREATE TEMPORARY TABLE pg_temp.walscan_step (
  n integer PRIMARY KEY, kind text NOT NULL, tbl text NOT NULL, row_key text NOT NULL, later text,
  statement text, is_done text, found text, loses_key boolean NOT NULL, needs text, grp integer,
  made oid, state text NOT NULL DEFAULT 'open', reason text
) ON COMMIT DROP;
CREATE INDEX ON pg_temp.walscan_step (tbl, pg_catalog.hashtext(row_key)) WHERE state IN ('open', 'waiting');
CREATE INDEX ON pg_temp.walscan_step (tbl) WHERE kind = 'create';
CREATE INDEX ON pg_temp.walscan_step (tbl, pg_catalog.hashtext(row_key)) WHERE state = 'already so' AND later IS NOT NULL;
CREATE INDEX ON pg_temp.walscan_step (grp) WHERE grp IS NOT NULL;
CREATE TEMPORARY TABLE pg_temp.walscan_row (
  grp integer NOT NULL, tbl text NOT NULL, is_whole boolean NOT NULL, is_left text NOT NULL, is_before text NOT NULL,
  was_left text, was_before text
) ON COMMIT DROP;

`;

const RAISE_SEQUENCES = `
DO $walscan$
DECLARE
  t record;
  c record;
  seq text;
  furthest bigint;
  is_down boolean;
BEGIN
  FOR t IN SELECT DISTINCT pg_catalog.to_regclass(tbl) AS oid FROM pg_temp.walscan_step WHERE kind = 'insert' LOOP
    CONTINUE WHEN t.oid IS NULL;
    FOR c IN
      SELECT attname FROM pg_catalog.pg_attribute
      WHERE attrelid = t.oid AND attnum > 0 AND NOT attisdropped AND (atthasdef OR attidentity <> '')
        AND atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
    LOOP
      seq := pg_catalog.pg_get_serial_sequence(t.oid::regclass::text, c.attname);
      CONTINUE WHEN seq IS NULL;
      BEGIN
        is_down := seqincrement < 0 FROM pg_catalog.pg_sequence WHERE seqrelid = seq::regclass;
        EXECUTE pg_catalog.format('SELECT pg_catalog.%s(%I) FROM %s',
          CASE WHEN is_down THEN 'min' ELSE 'max' END, c.attname, t.oid::regclass) INTO furthest;
        CONTINUE WHEN furthest IS NULL;
        EXECUTE pg_catalog.format(
          'SELECT pg_catalog.setval(%L, %s) FROM %3$s WHERE last_value %4$s %2$s OR (last_value = %2$s AND NOT is_called)',
          seq, furthest, seq, CASE WHEN is_down THEN '>' ELSE '<' END);
      EXCEPTION WHEN OTHERS THEN
        RAISE WARNING 'sequence % could not be set behind the last %: %', seq, c.attname, SQLERRM;
      END;
    END LOOP;
  END LOOP;
END
$walscan$;
`;

import { formatTupleId } from '../../heap/tuple.js';
import { formatTimestamptz } from '../../heap/types/datetime.js';
import { formatLocator } from '../../rmgr/locator.js';
import { printable } from '../../text/printable.js';
import { quoteIdentifier } from '../../text/sql-identifier.js';
import { UTC } from '../../text/timezone.js';
import { ENGLISH, sayIn } from '../../text/tongue.js';
import { formatLsn } from '../../wal/lsn.js';
import { linesOf } from '../who/text.js';
import type {
  Change,
  ChangedTable,
  ChangedTransaction,
  ChangedValue,
  RowChanged,
  TableDefined,
  TableEmptied,
} from './change.js';
import { usableKeys } from './key.js';
import { keySql, rowSql, sessionSql, tableSql, valueSql } from './sql-text.js';

/** Columns of which a statement needs a value that is not known; undefined where not even these are. */
class Lacking {
  constructor(
    readonly what: 'old' | 'new',
    readonly columns: readonly string[] | undefined,
  ) {}
}

/**
 * SQL that does the changes again, a transaction each. Where a value is not known that a statement needs, there is a
 * comment in its place. All of it is of the database of the first change: one session sees no other.
 */
export class ChangesSql {
  /** How many changes there is no statement of. */
  lacking = 0;
  /** Other databases than that of the first change, whose changes are left out. */
  readonly otherDatabases = new Set<string>();
  private readonly version: number;
  private open: ChangedTransaction | undefined;
  private database: string | undefined;
  private dbOid: number | undefined;
  /** Tables that are emptied, or dropped, one after the other: foreign keys among them forbid that one by one. */
  private emptied: { kind: 'truncate' | 'drop'; tables: string[] } | undefined;

  /** @param version the major version that the statements are for */
  constructor(version: number) {
    this.version = version;
  }

  /** What comes first. */
  header(): string {
    const settings = sessionSql(false).map((setting) => `${setting};`);
    return `${[...NOTES.map((line) => `-- ${line}`), ...settings].join('\n')}\n`;
  }

  /** The statements of changes that follow on those before. */
  lines(changes: readonly Change[]): string {
    let text = '';
    for (const change of changes) {
      if (this.isElsewhere(change.table)) continue;
      if (this.open !== change.transaction) text += this.end() + this.beginTransaction(change);
      if (this.emptied?.kind !== change.kind) text += this.emptySql();
      text += this.statement(change);
    }
    return text;
  }

  /** What ends the last transaction. */
  end(): string {
    if (this.open === undefined) return '';
    this.open = undefined;
    return `${this.emptySql()}COMMIT;\n`;
  }

  private isElsewhere({ file: { dbOid }, database }: ChangedTable): boolean {
    this.dbOid ??= dbOid;
    if (dbOid === this.dbOid) return false;
    this.lacking++;
    this.otherDatabases.add(database ?? `${dbOid}`);
    return true;
  }

  private beginTransaction({ transaction, table }: Change): string {
    const { xid, lsn, time, origin, who } = transaction;
    this.open = transaction;
    const from = origin === 0 ? '' : `, from replication origin ${origin}`;
    const { database } = table;
    const of =
      database === undefined || database === this.database ? '' : `, database ${printable(database)}`;
    this.database = database;
    const head = `transaction ${xid}, committed at ${formatLsn(lsn)}, ${formatTimestamptz(time, UTC)}${from}${of}`;
    const told = who === undefined ? [] : linesOf(who, UTC, sayIn(ENGLISH)).map((line) => `-- ${line}\n`);
    return `\n-- ${head}\n${told.join('')}BEGIN;\nSET CONSTRAINTS ALL DEFERRED;\n`;
  }

  private statement(change: Change): string {
    if (change.kind === 'define') return this.define(change);
    if (!('ctid' in change)) return this.empty(change);
    const sql = this.rowStatement(change);
    return sql instanceof Lacking ? this.lack(change, sql) : sql;
  }

  private empty({ kind, table }: TableEmptied): string {
    this.emptied ??= { kind, tables: [] };
    this.emptied.tables.push(tableSql(table, this.version));
    return '';
  }

  private define({ statements, notes, unknown }: TableDefined): string {
    this.lacking += unknown.length;
    const comments = [...unknown, ...notes].map((note) => `-- ${printable(note)}\n`);
    return [...comments, ...statements.map((statement) => `${statement};\n`)].join('');
  }

  private emptySql(): string {
    if (this.emptied === undefined) return '';
    const { kind, tables } = this.emptied;
    this.emptied = undefined;
    if (kind === 'truncate') return `TRUNCATE ${tables.map((table) => `ONLY ${table}`).join(', ')};\n`;
    // what hung on them went as well, or there would be no such transaction
    return `DROP TABLE IF EXISTS ${tables.join(', ')} CASCADE;\n`;
  }

  private rowStatement(change: RowChanged): string | Lacking {
    const { table } = change;
    const { columns, name } = table;
    if (columns === undefined || name === undefined)
      return new Lacking(change.kind === 'insert' ? 'new' : 'old', undefined);
    switch (change.kind) {
      case 'insert':
        return this.insertSql(change.new, table);
      case 'update':
        return this.updateSql(change.old, change.new, table);
      case 'delete': {
        const row = this.find(change.old, table);
        return row instanceof Lacking
          ? row
          : `DELETE FROM ONLY ${tableSql(table, this.version)} WHERE ${row};\n`;
      }
    }
  }

  private insertSql(values: readonly ChangedValue[] | undefined, table: ChangedTable): string | Lacking {
    const columns = table.columns!;
    const names: string[] = [];
    const literals: string[] = [];
    const unknown: string[] = [];
    for (const [i, column] of columns.entries()) {
      if (column.isGenerated) continue;
      const value = values?.[i];
      if (value === undefined) unknown.push(column.name);
      else literals.push(valueSql(value, column));
      names.push(this.name(column));
    }
    if (values === undefined || unknown.length > 0) return new Lacking('new', unknown);
    const target = tableSql(table, this.version);
    if (names.length === 0) return `INSERT INTO ${target} DEFAULT VALUES;\n`;
    const overriding = columns.some(({ identity }) => identity !== '') ? ' OVERRIDING SYSTEM VALUE' : '';
    return `INSERT INTO ${target} (${names.join(', ')})${overriding} VALUES (${literals.join(', ')});\n`;
  }

  private updateSql(
    before: readonly ChangedValue[] | undefined,
    after: readonly ChangedValue[] | undefined,
    table: ChangedTable,
  ): string | Lacking {
    const sets: string[] = [];
    const unknown: string[] = [];
    for (const [i, column] of table.columns!.entries()) {
      if (column.isGenerated) continue;
      const value = after?.[i];
      if (value === undefined) unknown.push(column.name);
      else if (value !== before?.[i]) sets.push(`${this.name(column)} = ${valueSql(value, column)}`);
    }
    if (after === undefined || unknown.length > 0) return new Lacking('new', unknown);
    const row = this.find(before, table);
    if (row instanceof Lacking) return row;
    const target = tableSql(table, this.version);
    if (sets.length === 0) return `-- an UPDATE of ${printable(target)} changed no value\n`;
    return `UPDATE ONLY ${target} SET ${sets.join(', ')} WHERE ${row};\n`;
  }

  /** Finds the row that has these values by a key; without one, one of those that are equal. */
  private find(values: readonly ChangedValue[] | undefined, table: ChangedTable): string | Lacking {
    const columns = table.columns!;
    if (values === undefined) return new Lacking('old', undefined);
    const isKnown = (place: number): boolean => values[place] !== undefined;
    const key = usableKeys(table).find((one) => one.columns.every(isKnown));
    if (key) return keySql(values, columns, key.columns, this.version)!;
    const equal = rowSql(values, columns, [...columns.keys()], this.version);
    if (equal === undefined) {
      const unknown = columns.filter((_, i) => !isKnown(i));
      return new Lacking(
        'old',
        unknown.map(({ name }) => name),
      );
    }
    const where = equal === '' ? '' : ` WHERE ${equal}`;
    return `ctid = (SELECT ctid FROM ONLY ${tableSql(table, this.version)}${where} LIMIT 1)`;
  }

  private name({ name }: { name: string }): string {
    return quoteIdentifier(name, this.version);
  }

  private lack(change: Change, { what, columns = [] }: Lacking): string {
    this.lacking++;
    const { table, kind } = change;
    const name =
      table.name === undefined ? `relation ${formatLocator(table.file)}` : tableSql(table, this.version);
    const place = 'ctid' in change ? ` ${formatTupleId(change.ctid)}` : '';
    const of =
      columns.length === 0 ? '' : ` of ${columns.map((column) => this.name({ name: column })).join(', ')}`;
    const text = `${kind.toUpperCase()} of ${name}${place} at ${formatLsn(change.lsn)} cannot be told: its ${what} values${of} are not known`;
    return `-- ${printable(text)}\n`;
  }
}

const NOTES = [
  'Does again what transactions changed, in the order in which they committed. Run it with psql -v ON_ERROR_STOP=1.',
  'What triggers and foreign keys did is among the changes: where triggers of the tables would do it once more, a',
  'superuser switches both off with SET session_replication_role = replica.',
];

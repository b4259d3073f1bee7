import { formatTupleId } from '../../heap/tuple.js';
import { formatTimestamptz } from '../../heap/types/datetime.js';
import { formatLocator } from '../../rmgr/locator.js';
import type { TimeZone } from '../../text/timezone.js';
import { formatLsn } from '../../wal/lsn.js';
import type { ChangesOrder } from './ask.js';
import type { Change, ChangedColumn, ChangedTable, ChangedTransaction, ChangedValue } from './change.js';

/**
 * Changes as wal2json prints them in its format version 2: an object a line, `B` before the changes of a transaction and
 * `C` after them. What wal2json has no word for comes in fields of its own.
 */
export class ChangesJson {
  private open: { transaction: ChangedTransaction; stamp: string } | undefined;
  private readonly heads = new Map<ChangedTable, string>();
  private readonly columns = new Map<ChangedTable, ColumnText[]>();

  /** @param order without which transactions that are mixed have neither beginnings nor ends */
  constructor(
    private readonly timezone: TimeZone,
    private readonly order: ChangesOrder = 'commit',
  ) {}

  /** The lines of changes that follow on those before. */
  lines(changes: readonly Change[]): string {
    let text = '';
    for (const change of changes) {
      if (this.open?.transaction !== change.transaction) text += this.end() + this.begin(change.transaction);
      text += this.line(change, this.open!.stamp);
    }
    return text;
  }

  /** The line that ends the last transaction. */
  end(): string {
    if (this.open === undefined || this.order === 'lsn') return '';
    const { transaction, stamp } = this.open;
    this.open = undefined;
    return `{"action":"C","xid":${transaction.xid},"lsn":"${formatLsn(transaction.lsn)}",${stamp}}\n`;
  }

  private begin(transaction: ChangedTransaction): string {
    const stamp = `"timestamp":"${formatTimestamptz(transaction.time, this.timezone)}"`;
    this.open = { transaction, stamp };
    if (this.order === 'lsn') return '';
    const { xid, lsn, origin } = transaction;
    const from = origin === 0 ? '' : `,"origin":${origin}`;
    return `{"action":"B","xid":${xid},"lsn":"${formatLsn(lsn)}",${stamp}${from}}\n`;
  }

  private line(change: Change, stamp: string): string {
    const { transaction, lsn, table } = change;
    const head = `"xid":${transaction.xid},"lsn":"${formatLsn(lsn)}",${stamp},${this.head(table)}`;
    switch (change.kind) {
      case 'insert':
        return `{"action":"I",${head},"ctid":"${formatTupleId(change.ctid)}",${this.values('columns', change.new, table)}}\n`;
      case 'update': {
        const places = `"ctid":"${formatTupleId(change.ctid)}","oldCtid":"${formatTupleId(change.oldCtid)}"`;
        const values = `${this.values('columns', change.new, table)},${this.values('identity', change.old, table)}`;
        return `{"action":"U",${head},${places},${values}}\n`;
      }
      case 'delete': {
        const moved = change.isMove ? ',"moved":true' : '';
        return `{"action":"D",${head},"ctid":"${formatTupleId(change.ctid)}"${moved},${this.values('identity', change.old, table)}}\n`;
      }
      case 'truncate':
        return `{"action":"T",${head}}\n`;
      case 'drop':
        return `{"action":"DROP",${head}}\n`;
      case 'define':
        return '';
    }
  }

  private head(table: ChangedTable): string {
    const known = this.heads.get(table);
    if (known !== undefined) return known;
    const { database, schema, name, root, file } = table;
    const fields = { database: database ?? null, schema: schema ?? null, table: name ?? null };
    const parts = root === undefined ? {} : { partitionOf: root };
    const relation = name === undefined ? { relation: formatLocator(file) } : {};
    const text = JSON.stringify({ ...fields, ...parts, ...relation }).slice(1, -1);
    this.heads.set(table, text);
    return text;
  }

  private values(field: string, values: readonly ChangedValue[] | undefined, table: ChangedTable): string {
    const columns = this.columnsOf(table);
    if (values === undefined && columns.length === 0) return `"${field}":[],"unknown":true`;
    let text = `"${field}":[`;
    for (let i = 0; i < columns.length; i++) {
      const { head, print } = columns[i];
      const value = values?.[i];
      const end =
        value === undefined ? '"unknown":true' : `"value":${value === null ? 'null' : print(value)}`;
      text += `${i === 0 ? '' : ','}${head}${end}}`;
    }
    return `${text}]`;
  }

  private columnsOf(table: ChangedTable): ColumnText[] {
    const known = this.columns.get(table);
    if (known) return known;
    const columns = (table.columns ?? []).map(columnText);
    this.columns.set(table, columns);
    return columns;
  }
}

/** A column's name and type, and how its values are printed. */
interface ColumnText {
  head: string;
  print(value: string): string;
}

const columnText = ({ name, type, typeOid }: ChangedColumn): ColumnText => ({
  head: `{"name":${JSON.stringify(name)},"type":${JSON.stringify(type)},`,
  print: PRINTERS.get(typeOid) ?? JSON.stringify,
});

const isNumber = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** JSON has no NaN and no infinity: wal2json gives null, and the text goes beside it. */
const number = (value: string): string =>
  isNumber.test(value) ? value : `null,"text":${JSON.stringify(value)}`;

const integer = (value: string): string => value;

/** smallint, integer, bigint, oid; real, double precision, numeric; boolean; bytea, without its `\x`. */
const PRINTERS: ReadonlyMap<number, (value: string) => string> = new Map([
  ...[21, 23, 20, 26].map((oid) => [oid, integer] as const),
  ...[700, 701, 1700].map((oid) => [oid, number] as const),
  [16, (value: string) => (value === 't' ? 'true' : 'false')],
  [17, (value: string) => JSON.stringify(value.slice(2))],
]);

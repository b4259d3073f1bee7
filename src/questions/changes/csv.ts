import { formatTupleId } from '../../heap/tuple.js';
import { formatTimestamptz } from '../../heap/types/datetime.js';
import { formatLocator } from '../../rmgr/locator.js';
import { csvLine } from '../../text/csv.js';
import type { TimeZone } from '../../text/timezone.js';
import { formatLsn } from '../../wal/lsn.js';
import type { Change, ChangedTable, ChangedTransaction, ChangedValue } from './change.js';

const HEADER = 'commit_lsn,time,xid,lsn,database,schema,table,kind,moved,ctid,old,new,unknown'.split(',');

/**
 * Changes as CSV, a line each. `old` and `new` are JSON objects with the values as PostgreSQL prints them by column;
 * `unknown` is one with the columns that those lack.
 */
export class ChangesCsv {
  private transaction: ChangedTransaction | undefined;
  /** What the lines of a transaction begin with. */
  private head: string[] = [];

  constructor(private readonly timezone: TimeZone) {}

  /** The line that comes first. */
  header(): string {
    return csvLine(HEADER);
  }

  /** The lines of changes that follow on those before. */
  lines(changes: readonly Change[]): string {
    return changes.map((change) => this.line(change)).join('');
  }

  private line(change: Change): string {
    const { transaction, lsn, table, kind } = change;
    const { database = null, schema = null, name = formatLocator(table.file) } = table;
    const old = 'old' in change ? change.old : null;
    const now = 'new' in change ? change.new : null;
    const isMove = kind === 'delete' && change.isMove;
    return csvLine([
      ...this.headOf(transaction),
      ...[formatLsn(lsn), database, schema, name, kind],
      isMove ? 'true' : null,
      'ctid' in change ? formatTupleId(change.ctid) : null,
      ...[valuesJson(old, table), valuesJson(now, table), unknownJson({ old, new: now }, table)],
    ]);
  }

  private headOf(transaction: ChangedTransaction): string[] {
    if (this.transaction === transaction) return this.head;
    this.transaction = transaction;
    const { lsn, time, xid } = transaction;
    this.head = [formatLsn(lsn), formatTimestamptz(time, this.timezone), `${xid}`];
    return this.head;
  }
}

/** Values of a row; null where a change has none of that kind, undefined where nothing is known of them. */
type Values = readonly ChangedValue[] | null | undefined;

function valuesJson(values: Values, { columns = [] }: ChangedTable): string | null {
  if (values === null || values === undefined) return null;
  const fields = columns.flatMap(({ name }, i) => {
    const value = values[i];
    return value === undefined ? [] : [`${JSON.stringify(name)}:${JSON.stringify(value)}`];
  });
  return `{${fields.join(',')}}`;
}

function unknownJson(rows: Readonly<Record<string, Values>>, { columns = [] }: ChangedTable): string | null {
  const lists = Object.entries(rows).flatMap(([name, values]) => {
    if (values === null || (values !== undefined && !values.includes(undefined))) return [];
    const lacking = columns.filter((_, i) => values?.[i] === undefined);
    return [[name, lacking.map((column) => column.name)] as const];
  });
  return lists.length === 0 ? null : JSON.stringify(Object.fromEntries(lists));
}

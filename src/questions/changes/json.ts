import { formatTimestamptz, writeTimestamp } from '../../heap/types/datetime.js';
import type { RowChange } from '../../replay/change-replay.js';
import type { TableRemoval } from '../../replay/table-removals.js';
import type { ChangeKind, TuplePlace } from '../../replay/tuple-change.js';
import { formatLocator } from '../../rmgr/locator.js';
import { JsonBuffer } from '../../text/json-buffer.js';
import { printableJson } from '../../text/printable.js';
import { type AsciiText, ascii, fixedText } from '../../text/text-buffer.js';
import type { TimeZone } from '../../text/timezone.js';
import { jsonOfWho } from '../who/json.js';
import type { ChangedTable, ChangedTransaction, ChangesOrder } from './change.js';
import { JsonRow } from './json-row.js';
import type { ValueReader } from './values.js';

/** Lines of JSON are given when there are so many bytes of them. */
const FULL = 1 << 18;

const action = (name: string): AsciiText => ascii(`{"action":"${name}","xid":`);
const BEGIN = action('B');
const COMMIT = action('C');
const OF_CHANGE: Readonly<Record<ChangeKind, AsciiText>> = {
  insert: action('I'),
  update: action('U'),
  delete: action('D'),
};
const OF_REMOVAL = { truncate: action('T'), drop: action('DROP') } as const;

const LSN = ascii(',"lsn":"');
const TIMESTAMP = ascii('","timestamp":"');
const ORIGIN = ascii(',"origin":');
const WHO = ascii(',"who":');
const QUOTE = ascii('"');
const COMMA = ascii(',');
const CTID = ascii(',"ctid":"(');
const OLD_CTID = ascii(',"oldCtid":"(');
const END_OF_CTID = ascii(')"');
const MOVED = ascii(',"moved":true');
const COLUMNS = ascii(',"columns":[');
const IDENTITY = ascii(',"identity":[');
const NOTHING = ascii('],"unknown":true');
const END_OF_LINE = ascii('}\n');

/** A table as lines of JSON have it. */
export class JsonTable {
  /** Its name, and what it is a part of. */
  readonly head: AsciiText;
  private readonly row: JsonRow | undefined;

  constructor(
    { columns, database, schema, name, root, file }: ChangedTable,
    reader: ValueReader | undefined,
  ) {
    this.row = reader && columns && new JsonRow(columns, reader);
    const fields = { database: database ?? null, schema: schema ?? null, table: name ?? null };
    const parts = root === undefined ? {} : { partitionOf: root };
    const relation = name === undefined ? { relation: formatLocator(file) } : {};
    this.head = fixedText(`,${JSON.stringify({ ...fields, ...parts, ...relation }).slice(1, -1)}`);
  }

  /** Writes a row's values, all that are known. @returns whether the row could be read */
  values(out: JsonBuffer, field: AsciiText, tuple: TuplePlace): boolean {
    out.ascii(field);
    const start = out.length;
    if (this.row?.write(out, tuple)) return true;
    if (out.length - start > 1) return false;
    // not even the columns are known, or there are none
    out.length = start;
    out.ascii(NOTHING);
    return false;
  }
}

/**
 * Changes as wal2json prints them in its format version 2: an object a line, `B` before the changes of a transaction and
 * `C` after them. What wal2json has no word for comes in fields of its own. Values are written straight from tuples, for
 * objects and strings in between take many times as long (docs/decisions/changes.md).
 */
export class ChangesJson {
  readonly out = new JsonBuffer(FULL + (FULL >> 2));
  /** How many changes there were. */
  count = 0;
  private transaction: ChangedTransaction | undefined;
  /** What all lines of the transaction have before their LSN, and behind it. */
  private readonly xid = new JsonBuffer(32);
  private readonly time = new JsonBuffer(64);

  /** @param order without which transactions that are mixed have neither beginnings nor ends */
  constructor(
    private readonly timezone: TimeZone,
    private readonly order: ChangesOrder = 'commit',
  ) {}

  get isFull(): boolean {
    return this.out.length >= FULL;
  }

  /** What follows is of this transaction. */
  enter(transaction: ChangedTransaction): void {
    if (this.transaction === transaction) return;
    this.end();
    this.transaction = transaction;
    const { xid, time, origin, who } = transaction;
    this.xid.clear();
    this.xid.decimal(xid);
    this.xid.ascii(LSN);
    this.time.clear();
    this.time.ascii(TIMESTAMP);
    if (!writeTimestamp(this.time, Number(time), this.timezone)) {
      this.time.text(formatTimestamptz(time, this.timezone));
    }
    this.time.ascii(QUOTE);
    if (this.order === 'lsn') return;
    this.endHead(BEGIN, transaction);
    if (origin !== 0) {
      this.out.ascii(ORIGIN);
      this.out.decimal(origin);
    }
    if (who !== undefined) {
      this.out.ascii(WHO);
      this.out.text(printableJson(JSON.stringify(jsonOfWho(who))));
    }
    this.out.ascii(END_OF_LINE);
  }

  /** Writes a change of a row. @returns how many rows of it could not be read */
  change(change: RowChange, table: JsonTable): number {
    const { out } = this;
    const { kind } = change;
    this.head(OF_CHANGE[kind], change.lsnHi, change.lsnLo);
    out.ascii(table.head);
    let unread = 0;
    if (kind === 'delete') {
      this.ctid(CTID, change.fromBlock, change.fromOffset);
      if (change.isMove) out.ascii(MOVED);
    } else {
      this.ctid(CTID, change.toBlock, change.toOffset);
      if (kind === 'update') this.ctid(OLD_CTID, change.fromBlock, change.fromOffset);
      if (!table.values(out, COLUMNS, change.new)) unread++;
    }
    if (kind !== 'insert' && !table.values(out, IDENTITY, change.old)) unread++;
    out.ascii(END_OF_LINE);
    return unread;
  }

  /** Writes that all rows of a table went. */
  removal({ kind, lsn }: TableRemoval, table: JsonTable): void {
    this.head(OF_REMOVAL[kind], Number(lsn >> 32n), Number(lsn & 0xffff_ffffn));
    this.out.ascii(table.head);
    this.out.ascii(END_OF_LINE);
  }

  /** Ends the last transaction. */
  end(): void {
    if (this.transaction === undefined || this.order === 'lsn') return;
    this.endHead(COMMIT, this.transaction);
    this.out.ascii(END_OF_LINE);
    this.transaction = undefined;
  }

  private endHead(kind: AsciiText, { lsn }: ChangedTransaction): void {
    this.head(kind, Number(lsn >> 32n), Number(lsn & 0xffff_ffffn));
  }

  private head(kind: AsciiText, lsnHi: number, lsnLo: number): void {
    const { out } = this;
    out.ascii(kind);
    out.append(this.xid);
    out.lsn(lsnHi, lsnLo);
    out.append(this.time);
  }

  private ctid(head: AsciiText, block: number, offset: number): void {
    const { out } = this;
    out.ascii(head);
    out.decimal(block);
    out.ascii(COMMA);
    out.decimal(offset);
    out.ascii(END_OF_CTID);
  }
}

import type { TupleId } from '../../heap/tuple.js';
import type { BlockStore } from '../../replay/block-store.js';
import { ByteLog } from '../../replay/byte-log.js';
import { decodeText, encodeText } from '../../text/encoding.js';
import { type Message, received } from '../../wal/message.js';
import type { RecoveredTable } from './table.js';

/** A row that is there or was removed, whose values cannot be had. */
export interface MissingRow {
  tid: TupleId;
  /** Which of several tables it is of. */
  table?: RecoveredTable;
  reason: Message;
}

/** Of each: which table (one more than its index, 0 for none), block, offset, and the reason as JSON behind that. */
const TABLE = 0;
const BLOCK = 4;
const OFFSET = 8;
const LENGTH = 10;
const HEADER_SIZE = 14;

/** Rows that cannot be had, in pages like those of the table: memory does not grow with them. */
export class MissingRows implements Iterable<MissingRow> {
  private log: ByteLog;
  private readonly tables: RecoveredTable[] = [];
  /** How many there are. */
  length = 0;

  /** @internal @param checkOpen throws once the pages are gone */
  constructor(
    private readonly store: BlockStore,
    private readonly checkOpen: () => void,
  ) {
    this.log = new ByteLog(store);
  }

  /** @internal */
  clear(): void {
    this.store.truncate(0);
    this.log = new ByteLog(this.store);
    this.length = 0;
  }

  /** @internal */
  push({ tid, table, reason }: MissingRow): void {
    const text = encodeText(JSON.stringify(reason, plainly));
    const entry = new Uint8Array(HEADER_SIZE + text.length);
    const header = new DataView(entry.buffer);
    header.setUint32(TABLE, table === undefined ? 0 : this.numberOf(table), true);
    header.setUint32(BLOCK, tid.block, true);
    header.setUint16(OFFSET, tid.offset, true);
    header.setUint32(LENGTH, text.length, true);
    entry.set(text, HEADER_SIZE);
    this.log.append(entry);
    this.length++;
  }

  private numberOf(table: RecoveredTable): number {
    // the rows of a table come one after the other
    if (this.tables.at(-1) === table) return this.tables.length;
    return this.tables.indexOf(table) + 1 || this.tables.push(table);
  }

  /** @throws WalError `usage` once the answer is closed */
  *[Symbol.iterator](): Generator<MissingRow> {
    for (let at = 0; at < this.log.length; ) {
      this.checkOpen();
      const bytes = this.log.read(at, HEADER_SIZE);
      const header = new DataView(bytes.buffer, bytes.byteOffset);
      const text = this.log.read(at + HEADER_SIZE, header.getUint32(LENGTH, true));
      const table = this.tables[header.getUint32(TABLE, true) - 1];
      const tid = { block: header.getUint32(BLOCK, true), offset: header.getUint16(OFFSET, true) };
      yield { tid, ...(table && { table }), reason: received(JSON.parse(decodeText(text))) };
      at += HEADER_SIZE + text.length;
    }
  }
}

/** JSON has no numbers of 64 bits. */
const plainly = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);

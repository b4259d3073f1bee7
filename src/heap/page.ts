import { WalError } from '../wal/error.js';
import { message } from '../wal/message.js';
import { getUint16, getUint32, setUint16, setUint32 } from './bytes.js';
import { faultOfPage } from './page-check.js';

/**
 * A heap page and the changes that redo makes to it (PostgreSQL: src/include/storage/bufpage.h, itemid.h,
 * src/backend/storage/page/bufpage.c). The layout is the same in 10 to 19.
 */

const PAGE_HEADER_SIZE = 24;
const ITEM_ID_SIZE = 4;

/** The fixed part of a tuple's header, which is the least that a tuple has (`SizeofHeapTupleHeader`, htup_details.h). */
export const TUPLE_HEADER_SIZE = 23;

/** `pd_flags`: there may be unused line pointers; the page is known to be all visible. */
const PD_HAS_FREE_LINES = 1;
const PD_ALL_VISIBLE = 4;

/** The state of a line pointer (itemid.h). */
const LP_UNUSED = 0;
const LP_NORMAL = 1;
const LP_REDIRECT = 2;
const LP_DEAD = 3;

/** A line pointer: `offset` is a byte offset in the page, or for a redirect the item number it leads to. */
export interface ItemId {
  flags: number;
  offset: number;
  length: number;
}

/** Offsets and lengths of items have no more bits than these. */
const SPAN_BITS = 15;

/** Where an item begins and ends, by what {@link HeapPage.tupleSpan} gives. */
export const spanStart = (span: number): number => span >> SPAN_BITS;
export const spanEnd = (span: number): number => spanStart(span) + (span & ((1 << SPAN_BITS) - 1));

const maxAlign = (length: number): number => (length + 7) & ~7;

/** What a page was before its tuples are moved, and which items have some. */
const SCRATCH = new Uint8Array(32768);
const STORED = new Uint16Array(32768 / ITEM_ID_SIZE);

const FEW = 100;

/** Copies bytes: few of them one by one, as a view takes longer to make. */
export function copyBytes(from: Uint8Array, start: number, length: number, to: Uint8Array, at: number): void {
  if (length > FEW) to.set(from.subarray(start, start + length), at);
  else for (let i = 0; i < length; i++) to[at + i] = from[start + i];
}

/** Sizes that a block can have: powers of two from 1 KiB to 32 KiB. */
function isBlockSize(size: number): boolean {
  return size >= 1024 && size <= 32768 && (size & (size - 1)) === 0;
}

/**
 * One block of a heap relation over bytes that may be changed. Items count from 1. Every access is checked:
 * what does not fit into the page throws a {@link WalError} `corrupt-page`.
 */
export class HeapPage {
  constructor(readonly bytes: Uint8Array) {
    if (!isBlockSize(bytes.length))
      throw new WalError('corrupt-page', message`${bytes.length} bytes are no page`);
  }

  /** An empty page as `PageInit` makes it (no special space, layout version 4). */
  static empty(blockSize: number): HeapPage {
    const page = new HeapPage(new Uint8Array(blockSize));
    page.init();
    return page;
  }

  init(): void {
    this.bytes.fill(0);
    this.lower = PAGE_HEADER_SIZE;
    this.upper = this.bytes.length;
    setUint16(this.bytes, 16, this.bytes.length);
    setUint16(this.bytes, 18, this.bytes.length | 4);
  }

  /** A page that was never initialised (`PageIsNew`). */
  get isNew(): boolean {
    return this.upper === 0;
  }

  /** The LSN after the last change of this page: the end of its record. */
  get lsn(): bigint {
    return (BigInt(this.lsnHi) << 32n) | BigInt(this.lsnLo);
  }

  /** {@link lsn} in halves. */
  get lsnHi(): number {
    return getUint32(this.bytes, 0);
  }

  get lsnLo(): number {
    return getUint32(this.bytes, 4);
  }

  setLsn(high: number, low: number): void {
    setUint32(this.bytes, 0, high);
    setUint32(this.bytes, 4, low);
  }

  get flags(): number {
    return getUint16(this.bytes, 10);
  }

  set flags(flags: number) {
    setUint16(this.bytes, 10, flags);
  }

  get lower(): number {
    return getUint16(this.bytes, 12);
  }

  private set lower(lower: number) {
    setUint16(this.bytes, 12, lower);
  }

  get upper(): number {
    return getUint16(this.bytes, 14);
  }

  private set upper(upper: number) {
    setUint16(this.bytes, 14, upper);
  }

  get special(): number {
    return getUint16(this.bytes, 16);
  }

  /** The number of line pointers. */
  get itemCount(): number {
    const { lower } = this;
    if (lower <= PAGE_HEADER_SIZE) return 0;
    if (lower > this.bytes.length)
      throw new WalError('corrupt-page', message`pd_lower ${lower} is outside of the page`);
    return (lower - PAGE_HEADER_SIZE) >> 2;
  }

  /** The line pointer of an item; unused for an item that the page does not have. */
  item(offnum: number): ItemId {
    if (offnum < 1 || offnum > this.itemCount) return { flags: LP_UNUSED, offset: 0, length: 0 };
    const word = getUint32(this.bytes, PAGE_HEADER_SIZE + (offnum - 1) * ITEM_ID_SIZE);
    return { flags: (word >>> 15) & 3, offset: word & 0x7fff, length: word >>> 17 };
  }

  /**
   * Holds the page's header against the page, as the server does when it reads one ({@link faultOfPage}).
   * @throws WalError `corrupt-page`
   */
  check(): void {
    const { lower, upper, special, flags, bytes } = this;
    const isOutside = !this.isNew && lower < PAGE_HEADER_SIZE;
    if (!isOutside && faultOfPage(bytes, 0, false) === undefined) return;
    const text = this.isNew
      ? message`the page has bytes, but no header`
      : message`a page with flags ${flags}, whose free space is from ${lower} to ${upper}, and its special space at ${special}`;
    throw new WalError('corrupt-page', text);
  }

  /**
   * The bytes of a normal item, shared with the page; undefined for any other.
   * @throws WalError `corrupt-page` where its line pointer cannot be right
   */
  tuple(offnum: number): Uint8Array | undefined {
    const span = this.tupleSpan(offnum);
    return span < 0 ? undefined : this.bytes.subarray(spanStart(span), spanEnd(span));
  }

  /**
   * Where the bytes of a normal item are, for {@link spanStart} and {@link spanEnd}; negative for any other.
   * @throws WalError `corrupt-page` where its line pointer cannot be right
   */
  tupleSpan(offnum: number): number {
    if (offnum < 1 || offnum > this.itemCount) return -1;
    const { bytes } = this;
    const word = getUint32(bytes, PAGE_HEADER_SIZE + (offnum - 1) * ITEM_ID_SIZE);
    if (((word >>> 15) & 3) !== LP_NORMAL) return -1;
    const start = word & 0x7fff;
    const length = word >>> 17;
    const end = start + length;
    if (start < this.upper || end > this.special || start < PAGE_HEADER_SIZE || end > bytes.length) {
      const text = message`item ${offnum} lies outside of the page's tuples, from byte ${start} to ${end}`;
      throw new WalError('corrupt-page', text);
    }
    if (start !== maxAlign(start) || length < TUPLE_HEADER_SIZE) {
      throw new WalError('corrupt-page', message`item ${offnum} is no tuple: ${length} bytes at ${start}`);
    }
    return (start << SPAN_BITS) | length;
  }

  private setItem(offnum: number, flags: number, offset: number, length: number): void {
    const word = (offset & 0x7fff) | (flags << 15) | (length << 17);
    setUint32(this.bytes, PAGE_HEADER_SIZE + (offnum - 1) * ITEM_ID_SIZE, word >>> 0);
  }

  /**
   * Puts a tuple at item `offnum`, as `PageAddItem` with `PAI_OVERWRITE` does. A page whose content is only
   * partly known gets unused line pointers before it.
   */
  addItem(offnum: number, tuple: Uint8Array, length = tuple.length): void {
    if (offnum < 1) throw new WalError('corrupt-page', message`a tuple cannot be item ${offnum}`);
    this.reserveItems(offnum);
    const before = this.upper;
    const upper = before - maxAlign(length);
    if (this.lower > upper || before > this.bytes.length) {
      throw new WalError('corrupt-page', message`no room for a tuple of ${length} bytes as item ${offnum}`);
    }
    this.setItem(offnum, LP_NORMAL, upper, length);
    const { bytes } = this;
    copyBytes(tuple, 0, length, bytes, upper);
    for (let at = upper + length; at < before; at++) bytes[at] = 0;
    this.upper = upper;
  }

  /** Makes line pointers up to `count` exist, unused ones; for pages of which not all is known. */
  reserveItems(count: number): void {
    const lower = PAGE_HEADER_SIZE + count * ITEM_ID_SIZE;
    if (count <= this.itemCount) return;
    if (lower > this.upper) throw new WalError('corrupt-page', message`no room for ${count} line pointers`);
    this.bytes.fill(0, this.lower, lower);
    this.lower = lower;
  }

  /** Replaces the line pointer of an item that exists. */
  private markItem(offnum: number, flags: number, offset = 0): void {
    if (offnum < 1 || offnum > this.itemCount)
      throw new WalError('corrupt-page', message`the page has no item ${offnum}`);
    this.setItem(offnum, flags, offset, 0);
  }

  setRedirect(offnum: number, target: number): void {
    this.markItem(offnum, LP_REDIRECT, target);
  }

  setDead(offnum: number): void {
    this.markItem(offnum, LP_DEAD);
  }

  setUnused(offnum: number): void {
    this.markItem(offnum, LP_UNUSED);
  }

  /** Moves the tuples together at the end of the page (`PageRepairFragmentation`). */
  repairFragmentation(version: number): void {
    let stored = 0;
    let lastUsed = 0;
    let unused = 0;
    const count = this.itemCount;
    for (let offnum = 1; offnum <= count; offnum++) {
      const word = this.itemWord(offnum);
      if (((word >>> 15) & 3) === LP_UNUSED) {
        this.setUnused(offnum);
        unused++;
        continue;
      }
      lastUsed = offnum;
      if (word >>> 17 > 0) STORED[stored++] = offnum;
    }
    const order = STORED.subarray(0, stored);
    // since 14: tuples are laid out in the order of the line pointers, before by their place in the page
    if (version < 14)
      order.sort((a, b) => (this.itemWord(b) & 0x7fff) - (this.itemWord(a) & 0x7fff) || a - b);
    this.layOut(order);
    // since 15: unused line pointers at the end go away (in 14 only VACUUM's second pass does that)
    if (version >= 15) {
      unused -= count - lastUsed;
      this.lower = PAGE_HEADER_SIZE + lastUsed * ITEM_ID_SIZE;
    }
    this.hasFreeLines = unused > 0;
  }

  private itemWord(offnum: number): number {
    return getUint32(this.bytes, PAGE_HEADER_SIZE + (offnum - 1) * ITEM_ID_SIZE);
  }

  private layOut(items: Uint16Array): void {
    const { bytes } = this;
    let upper = this.special;
    let isMoved = false;
    for (let i = 0; i < items.length; i++) {
      const word = this.itemWord(items[i]);
      const [offset, length] = [word & 0x7fff, word >>> 17];
      upper -= maxAlign(length);
      if (upper < this.lower || offset + length > bytes.length) {
        throw new WalError('corrupt-page', message`item ${items[i]} lies outside of the page`);
      }
      if (offset === upper) continue;
      // what lies where it has to is left; as soon as one does not, any of them may be written over
      if (!isMoved) SCRATCH.set(bytes);
      isMoved = true;
      copyBytes(SCRATCH, offset, Math.min(maxAlign(length), bytes.length - offset), bytes, upper);
      this.setItem(items[i], (word >>> 15) & 3, upper, length);
    }
    this.upper = upper;
  }

  /** Drops unused line pointers at the end, all but the first (`PageTruncateLinePointerArray`, since 14). */
  truncateLinePointers(): void {
    let count = this.itemCount;
    while (count > 1 && this.item(count).flags === LP_UNUSED) count--;
    this.lower = PAGE_HEADER_SIZE + count * ITEM_ID_SIZE;
    let free = false;
    for (let offnum = 1; offnum <= count && !free; offnum++) free = this.item(offnum).flags === LP_UNUSED;
    this.hasFreeLines = free;
  }

  set hasFreeLines(value: boolean) {
    this.flags = value ? this.flags | PD_HAS_FREE_LINES : this.flags & ~PD_HAS_FREE_LINES;
  }

  set allVisible(value: boolean) {
    this.flags = value ? this.flags | PD_ALL_VISIBLE : this.flags & ~PD_ALL_VISIBLE;
  }
}

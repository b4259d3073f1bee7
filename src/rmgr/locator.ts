import type { ByteView } from '../wal/byte-view.js';
import type { RelFileLocator } from '../wal/record.js';

/** A `RelFileLocator` (`RelFileNode` up to 15) in a record's data; 12 bytes. @throws OutOfBounds */
export function readRelFileLocator(view: ByteView, offset: number): RelFileLocator {
  return { spcOid: view.u32(offset), dbOid: view.u32(offset + 4), relNumber: view.u32(offset + 8) };
}

/** `count` of them. @throws OutOfBounds before anything is allocated */
export function readRelFileLocators(view: ByteView, offset: number, count: number): RelFileLocator[] {
  const within = view.slice(offset, count * 12);
  const locators: RelFileLocator[] = [];
  for (let i = 0; i < count; i++) locators.push(readRelFileLocator(within, i * 12));
  return locators;
}

/** `1663/16384/16385`, as descriptions show it. */
export function formatLocator({ spcOid, dbOid, relNumber }: RelFileLocator): string {
  return `${spcOid}/${dbOid}/${relNumber}`;
}

/** An `ItemPointerData`: where a tuple is; printed `(block,offset)`. */
export interface TupleId {
  block: number;
  offset: number;
}

/** A `BlockIdData`: a block number stored as two halves, the high one first. @throws OutOfBounds */
export function readBlockId(view: ByteView, offset: number): number {
  return view.u16(offset) * 0x10000 + view.u16(offset + 2);
}

/** 6 bytes. @throws OutOfBounds */
export function readTupleId(view: ByteView, offset: number): TupleId {
  return { block: readBlockId(view, offset), offset: view.u16(offset + 4) };
}

import type { ByteView } from '../wal/byte-view.js';
import type { WalRecord } from '../wal/record.js';

/** Pages changed by an extension that has no resource manager of its own (src/include/access/generic_xlog.h). */
export interface GenericRecord {
  rmgr: 'Generic';
  type: 'generic';
  /** The stretches of bytes that are replaced in each block, by the block reference's id. */
  blocks: readonly { id: number; regions: readonly GenericRegion[] }[];
  /** The same form in the main data, where PostgreSQL looks for it when it describes the record. It is empty. */
  regions: readonly GenericRegion[];
}

export interface GenericRegion {
  offset: number;
  length: number;
}

/** `generic_identify` */
export function genericIdentify(): string {
  return 'Generic';
}

/** @throws OutOfBounds */
export function genericDecode({ main, blocks }: WalRecord): GenericRecord {
  return {
    rmgr: 'Generic',
    type: 'generic',
    blocks: blocks.map(({ id, data }) => ({ id, regions: readRegions(data) })),
    regions: readRegions(main),
  };
}

function readRegions(view: ByteView): GenericRegion[] {
  const regions: GenericRegion[] = [];
  for (let at = 0; at < view.length; ) {
    const region = { offset: view.u16(at), length: view.u16(at + 2) };
    // the bytes themselves follow
    view.slice(at + 4, region.length);
    regions.push(region);
    at += 4 + region.length;
  }
  return regions;
}

/** `generic_desc` */
export function genericDescribe(data: GenericRecord): string {
  return data.regions.map(({ offset, length }) => `offset ${offset}, length ${length}`).join('; ');
}

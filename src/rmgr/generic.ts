import type { ByteView } from '../wal/byte-view.js';
import type { RmgrTable } from './kinds.js';

/** Pages changed by an extension that has no resource manager of its own (src/include/access/generic_xlog.h). */
export interface GenericRecord {
  rmgr: 'Generic';
  type: 'generic';
  blocks: readonly GenericBlock[];
  /** The same form in the main data, where PostgreSQL looks for it when it describes the record. It is empty. */
  regions: readonly GenericRegion[];
}

/** What is replaced in a block of the record, which the block reference's id names. */
export interface GenericBlock {
  id: number;
  regions: readonly GenericRegion[];
}

/** A stretch of bytes of a page that is replaced; offset and length are in bytes. */
export interface GenericRegion {
  offset: number;
  length: number;
}

/** `generic_identify`, `generic_desc` (src/backend/access/rmgrdesc/genericdesc.c); all info bits are this kind. */
export const GENERIC: RmgrTable<GenericRecord> = {
  name: 'Generic',
  opMask: 0,
  nameMask: 0,
  kinds: [
    {
      op: 0x00,
      name: 'Generic',
      type: 'generic',
      decode: ({ main, blocks }) => ({
        rmgr: 'Generic',
        type: 'generic',
        blocks: blocks.map(({ id, data }) => ({ id, regions: readRegions(data) })),
        regions: readRegions(main),
      }),
      describe: ({ regions }) =>
        regions.map(({ offset, length }) => `offset ${offset}, length ${length}`).join('; '),
    },
  ],
};

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

import { formatLsnOf, type Lsn } from '../wal/lsn.js';
import { type Message, message } from '../wal/message.js';
import { type FragmentFault, RECORD_HEADER_SIZE } from '../wal/record.js';

/** A page header that cannot be right (`XLogReaderValidatePageHeader`, xlogreader.c). */
export type PageFault =
  | { kind: 'bad-magic'; magic: number }
  | { kind: 'bad-page-info'; info: number }
  | { kind: 'segment-size-differs' }
  | { kind: 'block-size-differs' }
  | { kind: 'unexpected-page-address'; pageAddress: Lsn }
  | { kind: 'timeline-order'; timeline: number; after: number };

/** A record that cannot be right (`XLogReadRecord` and what it calls, xlogreader.c). */
export type RecordFault =
  | { kind: 'continuation-unexpected' }
  | { kind: 'continuation-missing' }
  | { kind: 'continuation-length'; length: number; expected: number }
  | { kind: 'record-length'; length: number }
  | { kind: 'bad-rmgr'; rmid: number }
  | { kind: 'bad-prev-link'; prev: Lsn }
  | { kind: 'bad-checksum' }
  | FragmentFault;

/** The file ends within a page. */
export interface ShortFile {
  kind: 'short-file';
  /** Offset in the segment at which bytes are missing, and how many of the page. */
  offset: number;
  missing: number;
}

/**
 * Why reading cannot go on. `lsn` is the place that PostgreSQL's message names: the record's LSN, or the page's.
 */
export type ReadFault = (((PageFault | ShortFile) & PagePlace) | RecordFault) & { lsn: Lsn };

/** The page that a fault is of. */
export interface PagePlace {
  segmentName: string;
  /** Offset of the page in the segment. */
  pageOffset: number;
}

/**
 * The fault in the words of that PostgreSQL version's `xlogreader.c`.
 * @param lastRecord LSN of the last record read, 0 for none. Since 15, which decodes ahead, PostgreSQL's messages
 *   name that one where the parts of a record do not fit; leave it out to have the record's own LSN
 */
export const faultMessage = (fault: ReadFault, version: number, lastRecord?: Lsn): string =>
  String(faultSaid(fault, version, lastRecord));

/** {@link faultMessage} before it is in a language. */
export function faultSaid(fault: ReadFault, version: number, lastRecord = fault.lsn): Message {
  const lsn = (value: Lsn): string => formatLsnOf(value, version);
  const at = lsn(fault.lsn);
  const record = version >= 15 ? lsn(lastRecord) : at;
  const compressed = version >= 15 ? 'BKPIMAGE_COMPRESSED' : 'BKPIMAGE_IS_COMPRESSED';
  switch (fault.kind) {
    case 'bad-magic':
      return message`invalid magic number ${hex4(fault.magic)} in ${segmentPlace(fault, version)}`;
    case 'bad-page-info':
      return message`invalid info bits ${hex4(fault.info)} in ${segmentPlace(fault, version)}`;
    case 'unexpected-page-address':
      return message`unexpected pageaddr ${lsn(fault.pageAddress)} in ${segmentPlace(fault, version)}`;
    case 'timeline-order':
      return message`out-of-sequence timeline ID ${fault.timeline} (after ${fault.after}) in ${segmentPlace(fault, version)}`;
    case 'segment-size-differs':
      return version >= 11
        ? message`WAL file is from different database system: incorrect segment size in page header`
        : message`WAL file is from different database system: incorrect XLOG_SEG_SIZE in page header`;
    case 'block-size-differs':
      return message`WAL file is from different database system: incorrect XLOG_BLCKSZ in page header`;
    case 'short-file':
      return message`segment ${fault.segmentName} ends at offset ${fault.offset}, ${fault.missing} bytes before the end of a page`;
    case 'continuation-unexpected':
      return message`contrecord is requested by ${at}`;
    case 'continuation-missing':
      return message`there is no contrecord flag at ${at}`;
    case 'continuation-length':
      return version >= 13
        ? message`invalid contrecord length ${fault.length} (expected ${fault.expected}) at ${at}`
        : message`invalid contrecord length ${fault.length} at ${at}`;
    case 'record-length':
      return version >= 16
        ? message`invalid record length at ${at}: expected at least ${RECORD_HEADER_SIZE}, got ${fault.length}`
        : message`invalid record length at ${at}: wanted ${RECORD_HEADER_SIZE}, got ${fault.length}`;
    case 'bad-rmgr':
      return message`invalid resource manager ID ${fault.rmid} at ${at}`;
    case 'bad-prev-link':
      return message`record with incorrect prev-link ${lsn(fault.prev)} at ${at}`;
    case 'bad-checksum':
      return message`incorrect resource manager data checksum in record at ${at}`;
    case 'block-id-order':
      return message`out-of-order block_id ${fault.blockId} at ${record}`;
    case 'block-id-invalid':
      return message`invalid block_id ${fault.blockId} at ${record}`;
    case 'block-data-missing':
      return message`BKPBLOCK_HAS_DATA set, but no data included at ${record}`;
    case 'block-data-unexpected':
      return message`BKPBLOCK_HAS_DATA not set, but data length is ${fault.dataLength} at ${record}`;
    case 'hole-invalid':
      return message`BKPIMAGE_HAS_HOLE set, but hole offset ${fault.holeOffset} length ${fault.holeLength} block image length ${fault.imageLength} at ${record}`;
    case 'hole-unexpected':
      return message`BKPIMAGE_HAS_HOLE not set, but hole offset ${fault.holeOffset} length ${fault.holeLength} at ${record}`;
    case 'compressed-image-length':
      return message`${compressed} set, but block image length ${fault.imageLength} at ${record}`;
    case 'plain-image-length':
      return message`neither BKPIMAGE_HAS_HOLE nor ${compressed} set, but block image length is ${fault.dataLength} at ${record}`;
    case 'same-rel-without-rel':
      return message`BKPBLOCK_SAME_REL set but no previous rel at ${record}`;
    case 'fragment-length':
      return message`record with invalid length at ${record}`;
  }
}

function segmentPlace(place: PagePlace & { lsn: Lsn }, version: number): Message {
  return version >= 16
    ? message`WAL segment ${place.segmentName}, LSN ${formatLsnOf(place.lsn, version)}, offset ${place.pageOffset}`
    : message`log segment ${place.segmentName}, offset ${place.pageOffset}`;
}

const hex4 = (value: number): string => value.toString(16).toUpperCase().padStart(4, '0');

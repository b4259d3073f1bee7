import type { RelFileLocator, WalRecord } from '../wal/record.js';
import { formatLocator, readRelFileLocator } from './locator.js';

/** src/include/commands/sequence_xlog.h (sequence.h up to 18) */
const XLOG_SEQ_LOG = 0x00;

/** A sequence's new state (`xl_seq_rec`). */
export interface SequenceRecord {
  rmgr: 'Sequence';
  type: 'log';
  locator: RelFileLocator;
  /** The sequence's only tuple, header included, as it stands on its page afterwards. */
  tuple: Uint8Array;
}

/** `seq_identify` */
export function sequenceIdentify(info: number): string | undefined {
  return (info & 0xf0) === XLOG_SEQ_LOG ? 'LOG' : undefined;
}

/** @throws OutOfBounds */
export function sequenceDecode({ main, rmgrInfo }: WalRecord): SequenceRecord | undefined {
  if (rmgrInfo !== XLOG_SEQ_LOG) return undefined;
  return { rmgr: 'Sequence', type: 'log', locator: readRelFileLocator(main, 0), tuple: main.bytes(12) };
}

/** `seq_desc` */
export function sequenceDescribe(data: SequenceRecord): string {
  return `rel ${formatLocator(data.locator)}`;
}

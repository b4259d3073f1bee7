import { decodeText } from '../text/encoding.js';
import type { WalRecord } from '../wal/record.js';
import { hexBytes } from './desc-text.js';
import type { DescribeContext } from './rmgr.js';

/** src/include/replication/message.h */
const XLOG_LOGICAL_MESSAGE = 0x00;

/** A message of `pg_logical_emit_message` (`xl_logical_message`). */
export interface LogicalMessageRecord {
  rmgr: 'LogicalMessage';
  type: 'message';
  dbId: number;
  transactional: boolean;
  prefix: string;
  message: Uint8Array;
}

/** `logicalmsg_identify` */
export function logicalMessageIdentify(info: number): string | undefined {
  return (info & 0xf0) === XLOG_LOGICAL_MESSAGE ? 'MESSAGE' : undefined;
}

/** @throws OutOfBounds */
export function logicalMessageDecode({ main, rmgrInfo }: WalRecord): LogicalMessageRecord | undefined {
  if (rmgrInfo !== XLOG_LOGICAL_MESSAGE) return undefined;
  const prefixSize = Number(main.u64(8));
  const messageSize = Number(main.u64(16));
  return {
    rmgr: 'LogicalMessage',
    type: 'message',
    dbId: main.u32(0),
    transactional: main.u8(4) !== 0,
    prefix: decodeText(main.slice(24, prefixSize).cstring(0)),
    message: main.bytes(24 + prefixSize, messageSize),
  };
}

/** `logicalmsg_desc` */
export function logicalMessageDescribe(data: LogicalMessageRecord, { version }: DescribeContext): string {
  const { transactional, message } = data;
  // since 14 with prefix and content
  if (version < 14) {
    return `${transactional ? 'transactional' : 'nontransactional'} message size ${message.length} bytes`;
  }
  const payload = `payload (${message.length} bytes): ${hexBytes(message)}`;
  return `${transactional ? 'transactional' : 'non-transactional'}, prefix "${data.prefix}"; ${payload}`;
}

import { decodeText } from '../text/encoding.js';
import type { WalRecord } from '../wal/record.js';
import { hexBytes } from './desc-text.js';
import type { RmgrTable } from './kinds.js';
import type { DescribeContext } from './rmgr.js';

/** A message of `pg_logical_emit_message` (`xl_logical_message`, src/include/replication/message.h). */
export interface LogicalMessageRecord {
  rmgr: 'LogicalMessage';
  type: 'message';
  dbId: number;
  transactional: boolean;
  prefix: string;
  message: Uint8Array;
}

/** `logicalmsg_identify`, `logicalmsg_desc` (src/backend/access/rmgrdesc/logicalmsgdesc.c) */
export const LOGICAL_MESSAGE: RmgrTable<LogicalMessageRecord> = {
  name: 'LogicalMessage',
  kinds: [{ op: 0x00, name: 'MESSAGE', type: 'message', decode: decodeMessage, describe: messageText }],
};

function decodeMessage({ main }: WalRecord): LogicalMessageRecord {
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

function messageText(data: LogicalMessageRecord, { version }: DescribeContext): string {
  const { transactional, message } = data;
  // since 14 with prefix and content
  if (version < 14) {
    return `${transactional ? 'transactional' : 'nontransactional'} message size ${message.length} bytes`;
  }
  const payload = `payload (${message.length} bytes): ${hexBytes(message)}`;
  return `${transactional ? 'transactional' : 'non-transactional'}, prefix "${data.prefix}"; ${payload}`;
}

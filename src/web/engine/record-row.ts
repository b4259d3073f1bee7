import { recordText } from '../../dump/line.js';
import { identify, rmgrName } from '../../rmgr/index.js';
import type { WalRecord } from '../../wal/record.js';
import type { RecordRow } from './api.js';

const DESCRIPTION = ', desc: ';

/** Characters; a logical message alone may have a thousand million. */
const MOST_TEXT = 2000;

/** A record as the list shows it. */
export function rowOf(record: WalRecord): RecordRow {
  const { lsnText, rmid, info, xid, totalLength, version } = record;
  const line = recordText(record).trimEnd();
  const at = line.indexOf(DESCRIPTION) + DESCRIPTION.length;
  return {
    lsn: lsnText,
    rmgr: rmgrName(rmid),
    kind: identify(rmid, info, version) ?? null,
    xid,
    totalLength,
    text: line.slice(at, at + MOST_TEXT),
  };
}

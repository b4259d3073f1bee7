import { openSegment } from '../../src/reader/segment.js';
import { WalReader } from '../../src/reader/wal-reader.js';
import { decode, describe, identify } from '../../src/rmgr/index.js';
import { encodeText } from '../../src/text/encoding.js';
import { UTC } from '../../src/text/timezone.js';
import type { WalRecord } from '../../src/wal/record.js';

/** What we say of each record of segments: kind and description, as `pg_waldump` prints them after `desc:`. */
export function descriptionsOf(segments: readonly Uint8Array[]): string[] {
  const reader = new WalReader();
  const descriptions: string[] = [];
  for (const bytes of segments) {
    reader.push(openSegment(bytes));
    for (let record = reader.next(); record; record = reader.next()) descriptions.push(descriptionOf(record));
  }
  return descriptions;
}

/** One record's kind and description, in bytes as Latin-1. */
export function descriptionOf(record: WalRecord): string {
  const { rmid, info, version } = record;
  const kind = identify(rmid, info, version) ?? `UNKNOWN (${record.rmgrInfo.toString(16)})`;
  const data = decode(record);
  if (data.type === 'undecodable') throw new Error(`${record.lsnText}: ${kind}: ${data.reason}`);
  const text = `${kind} ${describe(data, { version, zone: UTC })}`;
  return Buffer.from(encodeText(text)).toString('latin1');
}

/** The same out of the lines that `pg_waldump` prints. */
export function descriptionsIn(dump: string): string[] {
  return dump.split('\nrmgr: ').map((line) => {
    const start = line.indexOf('desc: ') + 'desc: '.length;
    const end = line.indexOf(', blkref #', start);
    return (end < 0 ? line.slice(start) : line.slice(start, end)).replace(/\n$/, '');
  });
}

import { describe, expect, it } from 'vitest';
import { faultMessage, type ReadFault } from '../../src/reader/fault.js';
import { openSegment } from '../../src/reader/segment.js';
import { WalReader } from '../../src/reader/wal-reader.js';
import { findPgWaldumps, runPgWaldump } from '../support/pg-waldump.js';
import { encodeRecord, sealRecord, WalWriter, type WrittenSegment } from '../support/wal-writer.js';

const REL = [0x7f, 6, 0, 0, 5, 0, 0, 0, 0, 0x40, 0, 0];
const BLOCK_NUMBER = [7, 0, 0, 0];

/** What stands after a record's header, and why that is no valid record. */
const BODIES: { kind: ReadFault['kind']; body: number[] }[] = [
  { kind: 'fragment-length', body: [255] },
  { kind: 'fragment-length', body: [255, 9, 1, 2, 3] },
  { kind: 'fragment-length', body: [254, 0, 0] },
  { kind: 'fragment-length', body: [0, 0, 0] },
  { kind: 'fragment-length', body: [0, 0, 0, 0, 1, 2, 3] },
  { kind: 'fragment-length', body: [253, 1] },
  { kind: 'block-id-invalid', body: [33] },
  { kind: 'block-id-invalid', body: [200, 0] },
  { kind: 'block-id-order', body: [1, 0, 0, 0, ...REL, ...BLOCK_NUMBER, 1, 0, 0, 0] },
  { kind: 'block-data-missing', body: [0, 0x20, 0, 0, ...REL, ...BLOCK_NUMBER] },
  { kind: 'block-data-unexpected', body: [0, 0, 5, 0, ...REL, ...BLOCK_NUMBER] },
  { kind: 'same-rel-without-rel', body: [0, 0x80, 0, 0, ...BLOCK_NUMBER] },
  { kind: 'hole-invalid', body: [0, 0x10, 0, 0, 0, 1, 0, 0, 1, ...REL, ...BLOCK_NUMBER] },
  { kind: 'hole-unexpected', body: [0, 0x10, 0, 0, 0, 1, 9, 0, 0, ...REL, ...BLOCK_NUMBER] },
  { kind: 'compressed-image-length', body: [0, 0x10, 0, 0, 0, 32, 0, 0, 6, ...REL, ...BLOCK_NUMBER] },
];

/** A whole record, and after it one that only its length, links and CRC are right of. */
function withBody(version: number, body: readonly number[]): WrittenSegment {
  const writer = new WalWriter({ version, segmentSize: version < 11 ? 16 << 20 : 1 << 20 });
  const { lsn, endLsn } = writer.append({ rmid: 0, info: 0x20 });
  const record = new Uint8Array(24 + body.length);
  record.set(encodeRecord({ rmid: 10, info: 0 }, lsn, version));
  record.set(body, 24);
  new DataView(record.buffer).setUint32(0, record.length, true);
  sealRecord(record);
  const [segment] = writer.segments;
  segment.bytes.set(record, Number(endLsn - writer.start));
  return segment;
}

function readAll(segment: WrittenSegment): WalReader {
  const reader = new WalReader();
  reader.push(openSegment(segment.bytes));
  while (reader.next());
  return reader;
}

describe('a record that is refused', () => {
  it.each(BODIES)('$kind: $body', ({ kind, body }) => {
    expect(readAll(withBody(15, body)).fault).toMatchObject({ kind, lsn: 0x100040n });
  });

  for (const program of findPgWaldumps()) {
    it.each(BODIES)(`${program.version} names the same reason: $kind, $body`, ({ body }) => {
      const segment = withBody(program.version, body);
      const { fault, lastRecordLsn } = readAll(segment);
      const message = faultMessage(fault!, program.version, lastRecordLsn);
      expect(runPgWaldump(program, [segment]).stderr).toContain(`: ${message}\n`);
    });
  }
});

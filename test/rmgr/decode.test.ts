import fc from 'fast-check';
import { expect, it, describe as suite } from 'vitest';
import { openSegment } from '../../src/reader/segment.js';
import { WalReader } from '../../src/reader/wal-reader.js';
import { decode, describe, identify } from '../../src/rmgr/index.js';
import { UTC } from '../../src/text/timezone.js';
import { NEWEST_VERSION, OLDEST_VERSION } from '../../src/wal/version.js';
import { block, image } from '../support/records/kind.js';
import { type RecordInput, WalWriter } from '../support/wal-writer.js';

/** Bytes of no sense, or full of large numbers, or of zeroes. */
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 120 }),
  fc.nat(120).map((length) => new Uint8Array(length).fill(0xff)),
  fc.nat(120).map((length) => new Uint8Array(length)),
);

const blocks = fc
  .array(fc.option(bytes), { maxLength: 3 })
  .map((datas) => datas.map((data, id) => (data ? block(id, data) : block(id, undefined, image()))));

/** Any resource manager, any info bits: all but a SWITCH, after which nothing follows. */
const record: fc.Arbitrary<RecordInput> = fc
  .record({
    rmid: fc.nat(22),
    info: fc.nat(15).map((bits) => bits << 4),
    xid: fc.nat(0xffffffff),
    main: bytes,
    blocks,
  })
  .filter(({ rmid, info }) => !(rmid === 0 && info === 0x40));

suite('records of any bytes', () => {
  for (let version = OLDEST_VERSION; version <= NEWEST_VERSION; version++) {
    it(`${version}: are decoded and described, or said to be undecodable`, () => {
      const inputs = fc.array(record, { minLength: 50, maxLength: 100, size: 'max' });
      fc.assert(
        fc.property(inputs, (records) => {
          const known = records.filter(({ rmid }) => rmid < 22 || version >= 19);
          const writer = new WalWriter({ version });
          for (const input of known) writer.append(input);
          expect(readAll(writer)).toBe(known.length);
        }),
        { numRuns: 20 },
      );
    });
  }
});

/** Decodes and describes every record. @returns how many there were */
function readAll(writer: WalWriter): number {
  const reader = new WalReader();
  let count = 0;
  for (const segment of writer.segments) {
    reader.push(openSegment(segment.bytes));
    for (let read = reader.next(); read; read = reader.next()) {
      const data = decode(read);
      const identity = identify(read.rmid, read.info, read.version);
      expect(typeof describe(data, { version: read.version, zone: UTC })).toBe('string');
      if (data.type === 'undecodable') expect(data.identity).toBe(identity);
      count++;
    }
  }
  return count;
}

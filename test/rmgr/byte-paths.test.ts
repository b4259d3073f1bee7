import fc from 'fast-check';
import { expect, it, describe as suite } from 'vitest';
import { openSegment } from '../../src/reader/segment.js';
import { WalReader } from '../../src/reader/wal-reader.js';
import { decode, describe, writeDescription } from '../../src/rmgr/index.js';
import { decodeText } from '../../src/text/encoding.js';
import { TextBuffer } from '../../src/text/text-buffer.js';
import { UTC } from '../../src/text/timezone.js';
import type { WalRecord } from '../../src/wal/record.js';
import { RM_BTREE_ID, RM_HEAP_ID, RM_HEAP2_ID, RM_XACT_ID } from '../../src/wal/rmgr-id.js';
import { NEWEST_VERSION, OLDEST_VERSION } from '../../src/wal/version.js';
import { anyRecord } from '../support/arbitrary-records.js';
import { recordKinds } from '../support/records/index.js';
import { type RecordInput, WalWriter } from '../support/wal-writer.js';

/** Records of the resource managers that write bytes, mostly about as long as they are or cut short. */
const common: fc.Arbitrary<RecordInput> = fc.record({
  rmid: fc.constantFrom(RM_XACT_ID, RM_HEAP2_ID, RM_HEAP_ID, RM_BTREE_ID),
  info: fc.nat(15).map((bits) => bits << 4),
  main: fc.uint8Array({ maxLength: 20 }),
});

interface Described {
  text: string;
  /** Why the record cannot be decoded. */
  problem: string | undefined;
}

/** By the table alone. */
function byTable(record: WalRecord): Described {
  const data = decode(record);
  const text = describe(data, { version: record.version, zone: UTC });
  return { text, problem: data.type === 'undecodable' ? String(data.reason) : undefined };
}

/** As the dump has it: straight from the record for some kinds. */
function asBytes(record: WalRecord): Described {
  const out = new TextBuffer(64);
  const problem = writeDescription(out, record, { version: record.version, zone: UTC });
  return { text: decodeText(out.written), problem };
}

function* recordsOf(writer: WalWriter): Generator<WalRecord> {
  const reader = new WalReader();
  for (const { bytes } of writer.segments) {
    reader.push(openSegment(bytes));
    for (let record = reader.next(); record; record = reader.next()) yield record;
  }
}

suite('what is written as bytes is what the table of kinds says', () => {
  for (let version = OLDEST_VERSION; version <= NEWEST_VERSION; version++) {
    const kinds = recordKinds(version).filter(({ name }) => name !== 'SWITCH');
    const record = fc.oneof(common, anyRecord, ...kinds.map(({ input }) => input));

    it(`${version}: of any record`, () => {
      fc.assert(
        fc.property(fc.array(record, { minLength: 10, maxLength: 40, size: 'max' }), (inputs) => {
          const writer = new WalWriter({ version });
          for (const input of inputs) writer.append(input);
          let count = 0;
          for (const read of recordsOf(writer)) {
            expect(asBytes(read)).toEqual(byTable(read));
            count++;
          }
          expect(count).toBe(inputs.length);
        }),
        { numRuns: 60 },
      );
    });

    it(`${version}: of the common kinds, whole and cut short`, () => {
      const written = new Set<string>();
      for (const rmid of [RM_XACT_ID, RM_HEAP2_ID, RM_HEAP_ID, RM_BTREE_ID]) {
        for (let op = 0; op < 16; op++) {
          const writer = new WalWriter({ version });
          for (let length = 0; length <= 16; length++) {
            writer.append({ rmid, info: op << 4, main: new Uint8Array(length).fill(0x5a) });
          }
          for (const read of recordsOf(writer)) {
            const described = asBytes(read);
            expect(described).toEqual(byTable(read));
            written.add(described.problem === undefined ? described.text : 'cut short');
          }
        }
      }
      // more than a handful of texts, and records that are cut short among them
      expect(written.size).toBeGreaterThan(10);
      expect(written).toContain('cut short');
    });
  }
});

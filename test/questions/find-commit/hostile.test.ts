import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findCommit as findOnNode } from '../../../src/node/questions.js';
import { type FindCommitJson, findCommitJson } from '../../../src/questions/find-commit/json.js';
import { findCommit } from '../../../src/questions/portable.js';
import { WalError } from '../../../src/wal/error.js';
import { NEWEST_VERSION, OLDEST_VERSION } from '../../../src/wal/version.js';
import { anyRecord } from '../../support/arbitrary-records.js';
import { WalWriter, type WrittenSegment } from '../../support/wal-writer.js';
import { commit, createFile, filler, insert, rel, remove, TABLE } from '../../support/workload.js';

const relation = '16386';

/** What comes of it, or the code of the WalError; anything else thrown fails the test. */
async function outcome(
  files: WrittenSegment[],
  of = relation,
  ask = findCommit,
): Promise<FindCommitJson | string> {
  try {
    return findCommitJson(await ask(files, { relation: of }));
  } catch (error) {
    expect(error).toBeInstanceOf(WalError);
    return (error as WalError).code;
  }
}

/** The same by what Node has. */
const outcomeOnNode = (files: WrittenSegment[]): Promise<FindCommitJson | string> =>
  outcome(files, relation, findOnNode);

const anyVersion = fc.integer({ min: OLDEST_VERSION, max: NEWEST_VERSION });

/** Two segments of rows that come and go. */
function workload(version: number): WalWriter {
  const writer = new WalWriter({ version });
  for (let xid = 700; writer.segments.length < 2; xid++) {
    writer.append(createFile(xid, rel(17_000 + xid)));
    writer.append(insert(xid));
    writer.append(filler(20_000));
    writer.append(remove(xid));
    writer.append(commit(xid, BigInt(xid), { subxacts: [xid - 600], dropped: xid % 3 ? [] : [TABLE] }));
  }
  return writer;
}

describe('find-commit of hostile input', () => {
  it('takes any bytes', async () => {
    const name = fc.constantFrom(
      '000000010000000000000001',
      '000000010000000000000001.gz',
      '000000010000000000000001.partial',
      '00000002.history',
    );
    const files = fc.array(fc.record({ name, bytes: fc.uint8Array({ maxLength: 9000 }) }), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(files, async (some) => {
        expect(typeof (await outcome(some))).toBe('string');
        expect(typeof (await outcomeOnNode(some))).toBe('string');
      }),
      { numRuns: 100 },
    );
  });

  it('takes any bytes behind a page header that is right', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyVersion,
        fc.uint8Array({ minLength: 1, maxLength: 30_000 }),
        async (version, noise) => {
          const [{ name, bytes }] = workload(version).segments;
          bytes.set(noise, 40);
          expect(await outcome([{ name, bytes }])).toMatchObject({ segments: 1 });
        },
      ),
      { numRuns: 40 },
    );
  });

  it('finds nothing that was not written in WAL with bytes changed and cut off', async () => {
    const changes = fc.array(fc.tuple(fc.nat(1), fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 12 });
    let damaged = 0;
    await fc.assert(
      fc.asyncProperty(anyVersion, changes, fc.option(fc.nat()), async (version, bytewise, cut) => {
        const writer = workload(version);
        const segments = writer.segments;
        for (const [which, at, value] of bytewise) {
          const { bytes } = segments[which];
          // most of them near a page's beginning, where headers are
          bytes[at % 3 === 0 ? at % bytes.length : (at % 128) * 8192 + (at % 60)] ^= value;
        }
        if (cut !== null) segments[1].bytes = segments[1].bytes.subarray(0, cut % segments[1].bytes.length);
        for (const result of [await outcome(segments), await outcomeOnNode(segments)]) {
          if (typeof result === 'string') continue;
          if (result.problems.length > 0) damaged++;
          for (const { transactions } of result.relations) {
            for (const { rows } of transactions) {
              expect(rows.inserted).toBeLessThanOrEqual(1);
              expect(rows.deleted).toBeLessThanOrEqual(1);
            }
          }
        }
      }),
      { numRuns: 60 },
    );
    expect(damaged).toBeGreaterThan(10);
  });

  it('takes records of any content whose checksum is right', async () => {
    const records = fc.array(anyRecord, { minLength: 1, maxLength: 30 });
    const kinds = fc.array(fc.tuple(fc.constantFrom(0, 1, 2, 9, 10), fc.nat(15)), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(anyVersion, records, kinds, async (version, some, turned) => {
        const writer = new WalWriter({ version });
        for (const [i, record] of some.entries()) {
          const [rmid, kind] = turned[i] ?? [record.rmid, record.info >> 4];
          // a SWITCH leaves the rest of its segment out
          writer.append({ ...record, rmid, info: rmid === 0 && kind === 4 ? 0 : kind << 4 });
        }
        const of = some.flatMap(({ blocks = [] }) => blocks)[0]?.rel.relNumber || 1;
        expect(await outcome(writer.segments, String(of))).toMatchObject({
          segments: writer.segments.length,
        });
      }),
      { numRuns: 150 },
    );
  });

  it('makes no room for what a count or a length only promises', async () => {
    for (let version = OLDEST_VERSION; version <= NEWEST_VERSION; version++) {
      const writer = new WalWriter({ version });
      for (const info of [0x80, 0xa0, 0x10, 0xb0, 0xc0]) {
        // all parts of a commit's data present, each with as many members as a number can say
        writer.append({ rmid: 1, info, xid: 700, main: new Uint8Array(200).fill(0xff) });
        writer.append({ rmid: 1, info, xid: 700, main: new Uint8Array(12).fill(0xff) });
      }
      const before = process.memoryUsage();
      const result = await outcome(writer.segments);
      const after = process.memoryUsage();
      expect(result).toMatchObject({ segments: 1 });
      expect(after.rss - before.rss).toBeLessThan(200 * 1024 * 1024);
    }
  });
});

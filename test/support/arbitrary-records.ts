import fc from 'fast-check';
import type { RelFileLocator } from '../../src/wal/record.js';
import type { BlockInput, ImageInput, RecordInput } from './wal-writer.js';

/** Records of any shape; what their resource managers make of them does not matter. */

const rel: fc.Arbitrary<RelFileLocator> = fc.record({
  spcOid: fc.constant(1663),
  dbOid: fc.constantFrom(1, 5),
  relNumber: fc.nat(0xffffffff),
});

const page: fc.Arbitrary<ImageInput> = fc
  .tuple(fc.constantFrom(0, 100, 8000), fc.boolean())
  .map(([holeLength, apply]) => ({
    bytes: new Uint8Array(8192 - holeLength).fill(0xa5),
    holeOffset: holeLength > 0 ? 24 : 0,
    holeLength,
    apply,
  }));

const compressed: fc.Arbitrary<ImageInput> = fc
  .tuple(fc.uint8Array({ minLength: 1, maxLength: 50 }), fc.constantFrom(0, 300))
  .map(([bytes, holeLength]) => ({
    bytes,
    holeOffset: holeLength > 0 ? 24 : 0,
    holeLength,
    compression: 'pglz',
  }));

const block: fc.Arbitrary<Omit<BlockInput, 'id'>> = fc.record(
  {
    rel,
    fork: fc.nat(3),
    blockNumber: fc.nat(0xffffffff),
    willInit: fc.boolean(),
    image: fc.oneof(page, compressed),
    data: fc.uint8Array({ minLength: 1, maxLength: 200 }),
  },
  { requiredKeys: ['rel', 'blockNumber'] },
);

/** Ascending ids, and relations that repeat. */
const blocks: fc.Arbitrary<BlockInput[]> = fc
  .tuple(fc.array(block, { maxLength: 4 }), fc.uniqueArray(fc.nat(32), { minLength: 4, maxLength: 4 }))
  .map(([list, ids]) => {
    const ascending = ids.sort((a, b) => a - b);
    return list.map((each, i) => ({ id: ascending[i], ...each, rel: list[i >> 1].rel }));
  });

/** Mostly small ones, and some that go over several pages. */
const main = fc.oneof(
  { weight: 8, arbitrary: fc.uint8Array({ maxLength: 300 }) },
  { weight: 1, arbitrary: fc.nat(40_000).map((length) => new Uint8Array(length).fill(0x5a)) },
);

const RM_XLOG = 0;
const XLOG_SWITCH = 0x40;

/** Anything but a SWITCH. */
export const anyRecord: fc.Arbitrary<RecordInput> = fc
  .record(
    {
      rmid: fc.nat(21),
      info: fc.nat(15).map((kind) => kind << 4),
      xid: fc.nat(0xffffffff),
      blocks,
      main,
      origin: fc.integer({ min: 1, max: 0xffff }),
    },
    { requiredKeys: ['rmid', 'info'] },
  )
  .filter(({ rmid, info }) => rmid !== RM_XLOG || info !== XLOG_SWITCH);

export const switchRecord: RecordInput = { rmid: RM_XLOG, info: XLOG_SWITCH };

import fc from 'fast-check';
import type { RelFileLocator } from '../../../src/wal/record.js';
import type { Field } from '../cstruct.js';
import { i8, struct, u16, u32 } from '../cstruct.js';
import type { BlockInput, ImageInput, RecordInput } from '../wal-writer.js';

/** A kind of record that a version knows, with any record of it. */
export interface Kind {
  rmgr: string;
  /** As `pg_waldump` prints it. */
  name: string;
  input: fc.Arbitrary<RecordInput>;
}

export const byte = fc.nat(0xff);
export const short = fc.nat(0xffff);
export const word = fc.oneof(fc.nat(0xffff), fc.nat(0xffffffff), fc.constant(0xffffffff));
export const int = fc.integer();
export const long = fc.oneof(fc.bigInt(0n, 0xffffn), fc.bigInt(0n, 0xffffffffffffffffn));
export const flag = fc.boolean();
/** A time between 1990 and 2060, as PostgreSQL's 64 bits: what lies further off is a matter of the C library. */
export const time = fc.bigInt(-300n * 10n ** 15n, 1900n * 10n ** 15n).map((us) => BigInt.asUintN(64, us));
/** Text of any bytes but control characters, and without the sign that sets block references off in a dump. */
export const text = (maxLength: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ min: 32, max: 255, maxLength }).map((bytes) => bytes.filter((byte) => byte !== 0x23));
/** The same with its final zero byte. */
export const cstring = (maxLength: number): fc.Arbitrary<Uint8Array> =>
  text(maxLength).map((bytes) => Uint8Array.from([...bytes, 0]));
export const offsets = fc.array(short, { maxLength: 8 });

export const locator: fc.Arbitrary<RelFileLocator> = fc.record({
  spcOid: word,
  dbOid: word,
  relNumber: word,
});
export const relFileLocator = ({ spcOid, dbOid, relNumber }: RelFileLocator): Field =>
  struct(u32(spcOid), u32(dbOid), u32(relNumber));

/** A `SharedInvalidationMessage`, ids that no version knows included. */
export const invalidationMessage: fc.Arbitrary<Field> = fc
  .tuple(fc.integer({ min: -8, max: 90 }), word, word, word)
  .map(([id, first, second, third]) => struct(i8(id), u32(first), u32(second), u32(third)));

/** A `BlockIdData`, as two halves. */
export const blockId = (block: number): Field => struct(u16(block >>> 16), u16(block & 0xffff));
export const itemPointer = (block: number, offset: number): Field => struct(blockId(block), u16(offset));

const REL: RelFileLocator = { spcOid: 1663, dbOid: 5, relNumber: 16384 };

export const block = (id: number, data?: Uint8Array, image?: ImageInput): BlockInput => ({
  id,
  rel: REL,
  blockNumber: 7,
  data,
  image,
});

/** Nearly all of the page is hole, which keeps the test's WAL small. */
export const image = (apply = true): ImageInput => ({
  bytes: new Uint8Array(192).fill(0x5a),
  holeOffset: 100,
  holeLength: 8000,
  apply,
});

/** What a kind's records differ in. */
export interface Content {
  main?: Uint8Array;
  blocks?: readonly BlockInput[];
  origin?: number;
}

/** Makes a resource manager's kinds, by its name and id. */
export const kindsOf =
  (rmgr: string, rmid: number) =>
  (info: number, name: string, content: fc.Arbitrary<Content>): Kind => ({
    rmgr,
    name,
    input: fc.tuple(content, word).map(([what, xid]) => ({ rmid, info, xid, ...what })),
  });

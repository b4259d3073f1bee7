import fc from 'fast-check';
import { array, bool, cstruct, type Field, i32, packed, raw, struct, u16, u32, u64 } from '../cstruct.js';
import {
  type Content,
  cstring,
  flag,
  invalidationMessage,
  type Kind,
  kindsOf,
  locator,
  long,
  relFileLocator,
  time,
  word,
} from './kind.js';

const kind = kindsOf('Transaction', 1);

/** Fields, in an arbitrary. */
type Fields = fc.Arbitrary<readonly Field[]>;

const some = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(item, { maxLength: 4 });

/** A count and that many of something. */
const counted = <T>(item: fc.Arbitrary<T>, field: (value: T) => Field): Fields =>
  some(item).map((values) => [i32(values.length), ...values.map(field)]);

const same = (field: Field): Field => field;

const origin = fc.constantFrom(undefined, 3, 65_535);

const dropped = (version: number) =>
  fc
    .tuple(fc.integer(), word, long)
    .map(([kindOfStats, db, objid]) =>
      packed(i32(kindOfStats), u32(db), version >= 18 ? u64(objid) : u32(Number(objid & 0xffffffffn))),
    )
    .map(raw);

/** Flags that stand for no part of the record: locks, feedback, the init file, a synchronous commit. */
const COMPLETION_FLAGS = [6, 29, 30, 31].map((bit) => 2 ** bit);

/** What `xinfo` announces of a commit or abort, in its order, each part with its bits. */
function parts(version: number, isCommit: boolean): [number, Fields][] {
  const all: [number, Fields][] = [];
  if (isCommit || version >= 11) all.push([0x01, fc.tuple(word, word).map((ids) => ids.map(u32))]);
  all.push([0x02, counted(word, u32)], [0x04, counted(locator, relFileLocator)]);
  if (version >= 15) all.push([0x100, counted(dropped(version), same)]);
  if (isCommit) all.push([0x08, counted(invalidationMessage, same)]);
  all.push([0x10, word.map((xid) => [u32(xid)])]);
  // with a gid, which needs the xid before it
  if (version >= 11) all.push([0x80, cstring(60).map((gid) => [raw(gid)])]);
  if (isCommit || version >= 11) all.push([0x20, fc.tuple(long, time).map((origins) => origins.map(u64))]);
  return all;
}

const completion = (version: number, isCommit: boolean): fc.Arbitrary<Content> =>
  fc
    .tuple(time, origin, fc.subarray(parts(version, isCommit)), fc.subarray(COMPLETION_FLAGS))
    .chain(([at, node, wanted, flags]) => {
      const present = wanted.filter(([bit]) => bit !== 0x80 || wanted.some(([other]) => other === 0x10));
      const xinfo = [...present.map(([bit]) => bit), ...flags].reduce((sum, bit) => sum + bit, 0);
      return fc.tuple(...present.map(([, fields]) => fields)).map((values) => ({
        main: packed(u64(at), u32(xinfo), ...values.flat()),
        origin: node,
      }));
    });

const timeOnly = time.map((at): Content => ({ main: cstruct(u64(at)) }));

/** Fields up to a multiple of 8 bytes. */
const aligned = (...fields: Field[]): Field => {
  const bytes = packed(...fields);
  return raw(packed(raw(bytes), raw(new Uint8Array(-bytes.length & 7))));
};

function prepare(version: number): fc.Arbitrary<Content> {
  // 16.4 does not show them and 16.10 does, so that 16 gets none
  const stats = version === 16 || version < 15 ? fc.constant([]) : some(dropped(version));
  return fc
    .record({
      words: fc.tuple(word, word, word, word, word),
      times: fc.tuple(time, long, time),
      node: origin,
      gid: cstring(60),
      subxacts: some(word),
      rels: fc.tuple(some(locator), some(locator)),
      stats: fc.tuple(stats, stats),
      messages: some(invalidationMessage),
      initFile: flag,
    })
    .map(
      ({ words: w, times: [at, lsn, originTime], node, gid, subxacts, rels, stats, messages, initFile }) => {
        const header = cstruct(
          ...[u32(w[0]), u32(w[1]), u32(w[2]), u32(w[3]), u64(at), u32(w[4])],
          ...[i32(subxacts.length), i32(rels[0].length), i32(rels[1].length)],
          ...(version >= 15 ? [i32(stats[0].length), i32(stats[1].length)] : []),
          ...[i32(messages.length), bool(initFile), u16(gid.length)],
          ...(version >= 11 ? [u64(lsn), u64(originTime)] : []),
        );
        return {
          main: packed(
            ...[raw(header), aligned(raw(gid)), aligned(array(subxacts, u32))],
            ...rels.map((list) => aligned(array(list, relFileLocator))),
            ...stats.map((list) => aligned(...list)),
            ...messages,
          ),
          origin: node,
        };
      },
    );
}

const assignment = fc
  .tuple(word, some(word))
  .map(
    ([top, subxacts]): Content => ({ main: cstruct(u32(top), i32(subxacts.length), ...subxacts.map(u32)) }),
  );

const invalidations = some(invalidationMessage).map(
  (messages): Content => ({ main: cstruct(i32(messages.length), struct(...messages)) }),
);

export function transactionKinds(version: number): Kind[] {
  const kinds = [
    kind(0x00, 'COMMIT', timeOnly),
    kind(0x80, 'COMMIT', completion(version, true)),
    kind(0x10, 'PREPARE', prepare(version)),
    kind(0x20, 'ABORT', timeOnly),
    kind(0xa0, 'ABORT', completion(version, false)),
    kind(0xb0, 'COMMIT_PREPARED', completion(version, true)),
    kind(0xc0, 'ABORT_PREPARED', completion(version, false)),
    kind(0x50, 'ASSIGNMENT', assignment),
  ];
  if (version >= 14) kinds.push(kind(0x60, 'INVALIDATION', invalidations));
  return kinds;
}

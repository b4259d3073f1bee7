import fc from 'fast-check';
import type { Field } from '../cstruct.js';
import { array, bool, cstruct, f64, i32, packed, u16, u32, u64 } from '../cstruct.js';
import type { Content, Kind } from './kind.js';
import {
  block,
  flag,
  image,
  int,
  kindsOf,
  locator,
  long,
  offsets,
  relFileLocator,
  short,
  word,
} from './kind.js';

const kind = kindsOf('Btree', 11);

const insert = short.map((offnum): Content => ({ main: cstruct(u16(offnum)), blocks: [block(0), block(1)] }));

const split = (version: number) =>
  fc.tuple(word, short, short, short).map(
    ([level, firstright, newitem, posting]): Content => ({
      main: cstruct(u32(level), u16(firstright), u16(newitem), ...(version >= 13 ? [u16(posting)] : [])),
      blocks: [block(0), block(1)],
    }),
  );

const dedup = short.map((count): Content => ({ main: cstruct(u16(count)), blocks: [block(0)] }));

interface Update {
  offset: number;
  tids: number[];
}

const updates: fc.Arbitrary<Update[]> = fc.array(
  fc.record({ offset: short, tids: fc.array(short, { minLength: 1, maxLength: 5 }) }),
  { maxLength: 4 },
);

/** Block 0's data of DELETE and VACUUM, or an image in its place. */
const deletions = fc.tuple(offsets, updates, fc.nat(4)).map(([deleted, updated, dice]) => ({
  counts: [u16(deleted.length), u16(updated.length)],
  blocks:
    dice === 0
      ? [block(0, undefined, image())]
      : [
          block(
            0,
            packed(
              array(deleted, u16),
              array(
                updated.map(({ offset }) => offset),
                u16,
              ),
              ...updated.map(({ tids }) => packedUpdate(tids)),
            ),
          ),
        ],
}));

const packedUpdate = (tids: number[]): Field => array([tids.length, ...tids], u16);

const vacuumUntil12 = word.map((last): Content => ({ main: cstruct(u32(last)), blocks: [block(0)] }));
const vacuum = deletions.map(({ counts, blocks }): Content => ({ main: cstruct(...counts), blocks }));

function deletion(version: number): fc.Arbitrary<Content> {
  if (version < 12) {
    return fc.tuple(locator, int).map(([node, nitems]) => ({
      main: cstruct(relFileLocator(node), i32(nitems)),
      blocks: [block(0)],
    }));
  }
  if (version < 14) {
    return fc.tuple(word, version === 12 ? int : word).map(([xid, count]) => ({
      main: cstruct(u32(xid), version === 12 ? i32(count) : u32(count)),
      blocks: [block(0)],
    }));
  }
  return fc.tuple(word, deletions, flag).map(([xid, { counts, blocks }, catalog]) => ({
    main: cstruct(u32(xid), ...counts, ...(version >= 16 ? [bool(catalog)] : [])),
    blocks,
  }));
}

const halfDead = fc.tuple(short, word, word, word, word).map(
  ([offset, ...pages]): Content => ({
    main: cstruct(u16(offset), ...pages.map(u32)),
    blocks: [block(0), block(1)],
  }),
);

const unlink = (version: number) =>
  fc.tuple(word, word, word, long, word, word, word).map(
    ([left, right, level, xid, ...leaf]): Content => ({
      main:
        version >= 14
          ? cstruct(u32(left), u32(right), u32(level), u64(xid), ...leaf.map(u32))
          : cstruct(u32(left), u32(right), ...leaf.map(u32), u32(level)),
      blocks: [block(0)],
    }),
  );

const newRoot = fc.tuple(word, word).map(
  ([root, level]): Content => ({
    main: cstruct(u32(root), u32(level)),
    blocks: [block(0)],
  }),
);

const reusePage = (version: number) =>
  fc.tuple(locator, word, word, long, flag).map(
    ([node, page, xid, fullXid, catalog]): Content => ({
      main: cstruct(
        relFileLocator(node),
        u32(page),
        version >= 14 ? u64(fullXid) : u32(xid),
        ...(version >= 16 ? [bool(catalog)] : []),
      ),
    }),
  );

const metaCleanup = (version: number) =>
  fc
    .tuple(
      fc.tuple(word, word, word, word, word),
      word,
      fc.oneof(fc.nat(1e9), fc.double({ noNaN: true, noDefaultInfinity: true })),
      flag,
    )
    .map(([[metaVersion, ...pages], xidOrPages, tuples, equalImage]): Content => {
      const head = [...(version >= 12 ? [u32(metaVersion)] : []), ...pages.map(u32), u32(xidOrPages)];
      const tail = [...(version < 14 ? [f64(tuples)] : []), ...(version >= 13 ? [bool(equalImage)] : [])];
      return { blocks: [block(0, cstruct(...head, ...tail))] };
    });

export function btreeKinds(version: number): Kind[] {
  const kinds = [
    kind(0x00, 'INSERT_LEAF', insert),
    kind(0x10, 'INSERT_UPPER', insert),
    kind(0x20, 'INSERT_META', insert),
    kind(0x30, 'SPLIT_L', split(version)),
    kind(0x40, 'SPLIT_R', split(version)),
    kind(0x70, 'DELETE', deletion(version)),
    kind(0x80, 'UNLINK_PAGE', unlink(version)),
    kind(0x90, 'UNLINK_PAGE_META', unlink(version)),
    kind(0xa0, 'NEWROOT', newRoot),
    kind(0xb0, 'MARK_PAGE_HALFDEAD', halfDead),
    kind(0xc0, 'VACUUM', version < 13 ? vacuumUntil12 : vacuum),
    kind(0xd0, 'REUSE_PAGE', reusePage(version)),
  ];
  if (version >= 13) kinds.push(kind(0x50, 'INSERT_POST', insert), kind(0x60, 'DEDUP', dedup));
  if (version < 12) {
    const word = version === 10 ? 'ROOT' : 'HIGHKEY';
    kinds.push(kind(0x50, `SPLIT_L_${word}`, split(version)), kind(0x60, `SPLIT_R_${word}`, split(version)));
  }
  if (version >= 11) kinds.push(kind(0xe0, 'META_CLEANUP', metaCleanup(version)));
  return kinds;
}

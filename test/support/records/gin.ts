import fc from 'fast-check';
import type { Field } from '../cstruct.js';
import { bool, cstruct, i32, packed, raw, struct, u8, u16, u32, u64 } from '../cstruct.js';
import type { BlockInput } from '../wal-writer.js';
import type { Content, Kind } from './kind.js';
import {
  block,
  blockId,
  byte,
  flag,
  image,
  int,
  itemPointer,
  kindsOf,
  locator,
  relFileLocator,
  short,
  word,
} from './kind.js';

const kind = kindsOf('Gin', 13);
const IS_DATA = 1;
const IS_LEAF = 2;

/** `ginxlogSegmentAction` with what follows it. */
const segmentAction = fc
  .tuple(byte, fc.constantFrom(1, 2, 3, 4), short, fc.array(byte, { maxLength: 5 }))
  .map(([segno, action, offset, bytes]): Field[] => {
    const head = [u8(segno), u8(action)];
    if (action === 1) return head;
    const items = bytes.map(() => itemPointer(offset, offset));
    if (action === 4) return [...head, u16(bytes.length), ...items];
    const padding = bytes.length % 2 === 1 ? [u8(0)] : [];
    return [...head, itemPointer(1, offset), u16(bytes.length), raw(Uint8Array.from(bytes)), ...padding];
  });

/** After an action that nobody knows nothing more is read. */
const unknownAction = fc
  .tuple(byte, fc.constantFrom(0, 5, 200))
  .map(([segno, action]): Field[] => [u8(segno), u8(action)]);

const leafData = fc
  .tuple(fc.array(segmentAction, { maxLength: 5 }), fc.option(unknownAction, { freq: 4 }))
  .map(([actions, unknown]) => {
    const all = unknown ? [...actions, unknown] : actions;
    return packed(u16(all.length), ...all.flat());
  });

const internalData = fc
  .tuple(short, word, word, short)
  .map(([offset, child, blk, off]) => packed(u16(offset), blockId(child), itemPointer(blk, off)));

const entryData = fc
  .tuple(short, flag)
  .map(([offset, isDelete]) => cstruct(u16(offset), bool(isDelete), struct(itemPointer(1, 1), u16(8))));

/** Block 0 with its data, or an image that is there for replay or only for checking. */
const changed = (data: fc.Arbitrary<Uint8Array>): fc.Arbitrary<BlockInput> =>
  fc
    .tuple(data, fc.nat(5))
    .map(([bytes, dice]) => (dice < 2 ? block(0, undefined, image(dice === 0)) : block(0, bytes)));

const insertTo = (flags: number, data: fc.Arbitrary<Uint8Array>) =>
  fc.tuple(changed(data), word, word).map(
    ([page, left, right]): Content => ({
      main: packed(u16(flags), ...(flags & IS_LEAF ? [] : [blockId(left), blockId(right)])),
      blocks: [page],
    }),
  );

const insert = fc.oneof(
  insertTo(0, entryData),
  insertTo(IS_LEAF, entryData),
  insertTo(IS_DATA, internalData),
  insertTo(IS_DATA | IS_LEAF, leafData),
);

const split = fc.tuple(locator, word, word, word, short).map(
  ([node, link, left, right, flags]): Content => ({
    main: cstruct(relFileLocator(node), u32(link), u32(left), u32(right), u16(flags)),
    blocks: [block(0), block(1)],
  }),
);

const deletePage = (version: number) =>
  fc.tuple(short, word, word).map(
    ([offset, link, xid]): Content => ({
      main: cstruct(u16(offset), u32(link), ...(version >= 12 ? [u32(xid)] : [])),
      blocks: [block(0)],
    }),
  );

/** `GinMetaPageData` */
const metaPageData = struct(
  ...[u32(1), u32(2), u32(3), u32(4), u64(5n), u32(6), u32(7), u32(8), u64(9n), i32(2)],
);

const updateMeta = fc.tuple(locator, word, word, int).map(
  ([node, tail, link, ntuples]): Content => ({
    main: cstruct(relFileLocator(node), metaPageData, u32(tail), u32(link), i32(ntuples)),
    blocks: [block(0)],
  }),
);

const insertListPage = fc.tuple(word, int).map(
  ([link, ntuples]): Content => ({
    main: cstruct(u32(link), i32(ntuples)),
    blocks: [block(0)],
  }),
);

const deleteListPage = int.map(
  (count): Content => ({ main: cstruct(metaPageData, i32(count)), blocks: [block(0)] }),
);

export function ginKinds(version: number): Kind[] {
  const kinds = [
    kind(
      0x10,
      'CREATE_PTREE',
      word.map((size) => ({ main: cstruct(u32(size)), blocks: [block(0)] })),
    ),
    kind(0x20, 'INSERT', insert),
    kind(0x30, 'SPLIT', split),
    kind(0x40, 'VACUUM_PAGE', fc.constant({ blocks: [block(0, undefined, image())] })),
    kind(0x50, 'DELETE_PAGE', deletePage(version)),
    kind(0x60, 'UPDATE_META_PAGE', updateMeta),
    kind(0x70, 'INSERT_LISTPAGE', insertListPage),
    kind(0x80, 'DELETE_LISTPAGE', deleteListPage),
    kind(
      0x90,
      'VACUUM_DATA_LEAF_PAGE',
      changed(leafData).map((page) => ({ blocks: [page] })),
    ),
  ];
  if (version < 12) kinds.push(kind(0x00, 'CREATE_INDEX', fc.constant({ blocks: [block(0)] })));
  return kinds;
}

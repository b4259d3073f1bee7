import fc from 'fast-check';
import { array, bool, cstruct, f64, i32, u8, u16, u32 } from '../cstruct.js';
import type { Content, Kind } from './kind.js';
import { block, byte, flag, int, kindsOf, locator, offsets, relFileLocator, short, word } from './kind.js';

const kind = kindsOf('Hash', 12);

/** Numbers of tuples, with those among them that `%g` has to round at exactly a half. */
const tuples = fc.oneof(
  fc.nat(2_000_000),
  fc.nat(999_999).map((count) => count * 10 + 5),
  fc.nat(99_999).map((count) => (count * 2 + 1) / 128),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

const main = (content: Uint8Array): Content => ({ main: content, blocks: [block(0)] });

const initMetaPage = fc
  .tuple(tuples, word, short)
  .map(([count, procid, fill]) => main(cstruct(f64(count), u32(procid), u16(fill))));

const addOvflPage = fc.tuple(short, flag).map(([size, found]) => main(cstruct(u16(size), bool(found))));

const splitAllocate = fc
  .tuple(word, short, short, byte)
  .map(([bucket, before, after, flags]) => main(cstruct(u32(bucket), u16(before), u16(after), u8(flags))));

const splitComplete = fc.tuple(short, short).map(([before, after]) => main(cstruct(u16(before), u16(after))));

const moveContents = fc
  .tuple(short, flag)
  .map(([count, primary]) => main(cstruct(u16(count), bool(primary))));

const squeeze = fc
  .tuple(word, word, short, flag, flag)
  .map(([before, after, count, primary, previous]) =>
    main(cstruct(u32(before), u32(after), u16(count), bool(primary), bool(previous))),
  );

const deletion = fc.tuple(flag, flag).map(([clear, primary]) => main(cstruct(bool(clear), bool(primary))));

function vacuumOnePage(version: number): fc.Arbitrary<Content> {
  if (version < 12) {
    return fc.tuple(locator, int).map(([node, count]) => main(cstruct(relFileLocator(node), i32(count))));
  }
  if (version < 16) return fc.tuple(word, int).map(([xid, count]) => main(cstruct(u32(xid), i32(count))));
  return fc
    .tuple(word, offsets, flag)
    .map(([xid, list, catalog]) =>
      main(cstruct(u32(xid), u16(list.length), bool(catalog), array(list, u16))),
    );
}

export function hashKinds(version: number): Kind[] {
  return [
    kind(0x00, 'INIT_META_PAGE', initMetaPage),
    kind(
      0x10,
      'INIT_BITMAP_PAGE',
      short.map((size) => main(cstruct(u16(size)))),
    ),
    kind(
      0x20,
      'INSERT',
      short.map((offnum) => main(cstruct(u16(offnum)))),
    ),
    kind(0x30, 'ADD_OVFL_PAGE', addOvflPage),
    kind(0x40, 'SPLIT_ALLOCATE_PAGE', splitAllocate),
    kind(0x50, 'SPLIT_PAGE', fc.constant({ blocks: [block(0)] })),
    kind(0x60, 'SPLIT_COMPLETE', splitComplete),
    kind(0x70, 'MOVE_PAGE_CONTENTS', moveContents),
    kind(0x80, 'SQUEEZE_PAGE', squeeze),
    kind(0x90, 'DELETE', deletion),
    kind(0xa0, 'SPLIT_CLEANUP', fc.constant({ blocks: [block(0)] })),
    kind(
      0xb0,
      'UPDATE_META_PAGE',
      tuples.map((count) => main(cstruct(f64(count)))),
    ),
    kind(0xc0, 'VACUUM_ONE_PAGE', vacuumOnePage(version)),
  ];
}

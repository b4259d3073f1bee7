import fc from 'fast-check';
import { array, bool, cstruct, i32, u8, u16, u32 } from '../cstruct.js';
import type { Content, Kind } from './kind.js';
import { block, byte, flag, image, invalidationMessage, kindsOf, short, word } from './kind.js';

const kind = kindsOf('Heap', 10);

/** `xl_heap_lock`, `xl_heap_lock_updated` and `xl_heap_delete` are laid out alike. */
export const xmaxChange = fc.tuple(word, short, byte, byte).map(
  ([xmax, offnum, infobits, flags]): Content => ({
    main: cstruct(u32(xmax), u16(offnum), u8(infobits), u8(flags)),
    blocks: [block(0)],
  }),
);

const insert = fc.tuple(short, byte).map(
  ([offnum, flags]): Content => ({
    main: cstruct(u16(offnum), u8(flags)),
    blocks: [block(0, new Uint8Array(20))],
  }),
);

const update = fc.tuple(word, short, byte, byte, word, short).map(
  ([oldXmax, oldOff, infobits, flags, newXmax, newOff]): Content => ({
    main: cstruct(u32(oldXmax), u16(oldOff), u8(infobits), u8(flags), u32(newXmax), u16(newOff)),
    blocks: [block(0), block(1)],
  }),
);

const truncate = fc.tuple(word, byte, fc.array(word, { minLength: 1, maxLength: 6 })).map(
  ([db, flags, relids]): Content => ({
    main: cstruct(u32(db), u32(relids.length), u8(flags), array(relids, u32)),
  }),
);

const offnumOnly = short.map(
  (offnum): Content => ({ main: cstruct(u16(offnum)), blocks: [block(0, undefined, image())] }),
);

const inplaceSince18 = fc.tuple(short, word, word, flag, fc.array(invalidationMessage, { maxLength: 9 })).map(
  ([offnum, db, ts, init, messages]): Content => ({
    main: cstruct(u16(offnum), u32(db), u32(ts), bool(init), i32(messages.length), ...messages),
    blocks: [block(0, new Uint8Array(8))],
  }),
);

export function heapKinds(version: number): Kind[] {
  const kinds = [
    kind(0x00, 'INSERT', insert),
    kind(0x80, 'INSERT+INIT', insert),
    kind(0x10, 'DELETE', xmaxChange),
    kind(0x20, 'UPDATE', update),
    kind(0xa0, 'UPDATE+INIT', update),
    kind(0x40, 'HOT_UPDATE', update),
    kind(0xc0, 'HOT_UPDATE+INIT', update),
    kind(0x50, 'HEAP_CONFIRM', offnumOnly),
    kind(0x60, 'LOCK', xmaxChange),
    kind(0x70, 'INPLACE', version >= 18 ? inplaceSince18 : offnumOnly),
  ];
  if (version >= 11) kinds.push(kind(0x30, 'TRUNCATE', truncate));
  return kinds;
}

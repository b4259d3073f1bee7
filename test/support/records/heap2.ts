import fc from 'fast-check';
import { array, bool, cstruct, packed, struct, u8, u16, u32, u64 } from '../cstruct.js';
import { xmaxChange } from './heap.js';
import type { Content, Kind } from './kind.js';
import {
  block,
  byte,
  flag,
  image,
  itemPointer,
  kindsOf,
  locator,
  offsets,
  relFileLocator,
  short,
  word,
} from './kind.js';

const kind = kindsOf('Heap2', 9);

/** The content, or an image of the page in place of block 0's data. */
const orImage = (content: fc.Arbitrary<Content>): fc.Arbitrary<Content> =>
  fc.tuple(content, fc.nat(4)).map(([{ main, blocks }, dice]) => ({
    main,
    blocks: dice === 0 ? [block(0, undefined, image())] : blocks,
  }));

const pairs = fc.array(fc.tuple(short, short), { maxLength: 6 });
const pair = ([from, to]: [number, number]) => struct(u16(from), u16(to));

const pruneUntil16 = (version: number) =>
  orImage(
    fc.tuple(word, pairs, offsets, offsets, flag).map(([horizon, redirected, dead, unused, catalog]) => ({
      main: cstruct(
        u32(horizon),
        u16(redirected.length),
        u16(dead.length),
        ...(version === 16 ? [bool(catalog)] : []),
      ),
      blocks: [block(0, packed(array(redirected, pair), array(dead, u16), array(unused, u16)))],
    })),
  );

const vacuum = orImage(
  offsets.map((unused) => ({
    main: cstruct(u16(unused.length)),
    blocks: [block(0, packed(array(unused, u16)))],
  })),
);

interface Plan {
  xmax: number;
  infomask2: number;
  infomask: number;
  flags: number;
  offsets: number[];
}

const plans: fc.Arbitrary<Plan[]> = fc.array(
  fc.record({ xmax: word, infomask2: short, infomask: short, flags: byte, offsets }),
  { maxLength: 4 },
);

/** `xl_heap_freeze_plan` */
const plan = ({ xmax, infomask2, infomask, flags, offsets }: Plan) =>
  struct(u32(xmax), u16(infomask2), u16(infomask), u8(flags), u16(offsets.length));

const freezeUntil15 = fc.tuple(word, short).map(
  ([cutoff, ntuples]): Content => ({
    main: cstruct(u32(cutoff), u16(ntuples)),
    blocks: [block(0, new Uint8Array(16))],
  }),
);

const freezeIn16 = orImage(
  fc.tuple(word, plans, flag).map(([horizon, list, catalog]) => ({
    main: cstruct(u32(horizon), u16(list.length), bool(catalog)),
    blocks: [
      block(
        0,
        packed(
          array(list, plan),
          array(
            list.flatMap((each) => each.offsets),
            u16,
          ),
        ),
      ),
    ],
  })),
);

/** The bits that say which parts follow are as the parts are; all others are any. */
const pruneFreeze = (version: number) =>
  orImage(
    fc
      .tuple(short, word, plans, pairs, offsets, offsets)
      .map(([any, horizon, list, redirected, dead, unused]) => {
        const flags =
          (any & ~0xf0 & (version >= 19 ? 0xffff : 0xff)) |
          (list.length > 0 ? 0x10 : 0) |
          (redirected.length > 0 ? 0x20 : 0) |
          (dead.length > 0 ? 0x40 : 0) |
          (unused.length > 0 ? 0x80 : 0);
        const horizonBytes = flags & 0x08 ? [u32(horizon)] : [];
        const parts = [
          ...(list.length > 0 ? [struct(u16(list.length), array(list, plan))] : []),
          ...(redirected.length > 0 ? [struct(u16(redirected.length), array(redirected, pair))] : []),
          ...(dead.length > 0 ? [struct(u16(dead.length), array(dead, u16))] : []),
          ...(unused.length > 0 ? [struct(u16(unused.length), array(unused, u16))] : []),
          array(
            list.flatMap((each) => each.offsets),
            u16,
          ),
        ];
        return {
          main: packed(...(version >= 19 ? [u16(flags)] : [u8(any >> 8), u8(flags)]), ...horizonBytes),
          blocks: [block(0, packed(...parts))],
        };
      }),
  );

const cleanupInfo = fc.tuple(locator, word).map(
  ([node, xid]): Content => ({
    main: cstruct(relFileLocator(node), u32(xid)),
  }),
);

const visible = fc.tuple(word, byte).map(
  ([cutoff, flags]): Content => ({
    main: cstruct(u32(cutoff), u8(flags)),
    blocks: [block(0), block(1)],
  }),
);

const multiInsert = orImage(
  fc.tuple(byte, offsets).map(([flags, list]) => ({
    main: cstruct(u8(flags), u16(list.length), array(list, u16)),
    blocks: [block(0, new Uint8Array(24))],
  })),
);

const multiInsertInit = fc.tuple(byte, short).map(
  ([flags, ntuples]): Content => ({
    main: cstruct(u8(flags), u16(ntuples)),
    blocks: [block(0, new Uint8Array(24))],
  }),
);

const newCid = fc.tuple(word, word, word, word, locator, word, short).map(
  ([xid, cmin, cmax, combo, rel, blk, off]): Content => ({
    main: cstruct(u32(xid), u32(cmin), u32(cmax), u32(combo), relFileLocator(rel), itemPointer(blk, off)),
  }),
);

const rewrite = fc.tuple(word, word, word, fc.bigInt(0n, 1n << 40n), word).map(
  ([xid, db, rel, offset, count]): Content => ({
    main: cstruct(u32(xid), u32(db), u32(rel), u64(offset), u32(count), u64(offset)),
  }),
);

export function heap2Kinds(version: number): Kind[] {
  const kinds = [
    kind(0x00, 'REWRITE', rewrite),
    kind(0x50, 'MULTI_INSERT', multiInsert),
    kind(0xd0, 'MULTI_INSERT+INIT', multiInsertInit),
    kind(0x60, 'LOCK_UPDATED', xmaxChange),
    kind(0x70, 'NEW_CID', newCid),
    ...vacuumKinds(version),
  ];
  if (version < 19) kinds.push(kind(0x40, 'VISIBLE', visible));
  return kinds;
}

function vacuumKinds(version: number): Kind[] {
  if (version >= 17) {
    return [
      kind(0x10, 'PRUNE_ON_ACCESS', pruneFreeze(version)),
      kind(0x20, 'PRUNE_VACUUM_SCAN', pruneFreeze(version)),
      kind(0x30, 'PRUNE_VACUUM_CLEANUP', pruneFreeze(version)),
    ];
  }
  const freeze = version === 16 ? freezeIn16 : freezeUntil15;
  if (version >= 14) {
    return [
      kind(0x10, 'PRUNE', pruneUntil16(version)),
      kind(0x20, 'VACUUM', vacuum),
      kind(0x30, 'FREEZE_PAGE', freeze),
    ];
  }
  return [
    kind(0x10, 'CLEAN', pruneUntil16(version)),
    kind(0x20, 'FREEZE_PAGE', freeze),
    kind(0x30, 'CLEANUP_INFO', cleanupInfo),
  ];
}

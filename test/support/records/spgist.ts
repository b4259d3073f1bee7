import fc from 'fast-check';
import { array, bool, cstruct, i8, struct, u16, u32 } from '../cstruct.js';
import type { Content, Kind } from './kind.js';
import { block, flag, kindsOf, offsets, short, word } from './kind.js';

const kind = kindsOf('SPGist', 16);

/** `spgxlogState` */
const state = fc.tuple(word, flag).map(([xid, isBuild]) => struct(u32(xid), bool(isBuild)));

const main = (content: Uint8Array): Content => ({ main: content, blocks: [block(0)] });

const addLeaf = fc
  .tuple(flag, flag, short, short, short, short)
  .map(([newPage, nulls, ...numbers]) => main(cstruct(bool(newPage), bool(nulls), ...numbers.map(u16))));

const moveLeafs = fc
  .tuple(short, flag, flag, flag, short, short, state)
  .map(([count, newPage, dead, nulls, parent, node, source]) =>
    main(cstruct(u16(count), bool(newPage), bool(dead), bool(nulls), u16(parent), u16(node), source)),
  );

const addNode = fc
  .tuple(short, short, flag, fc.integer({ min: -128, max: 127 }), short, short, state)
  .map(([offset, added, newPage, parentBlk, parent, node, source]) =>
    main(cstruct(u16(offset), u16(added), bool(newPage), i8(parentBlk), u16(parent), u16(node), source)),
  );

const splitTuple = fc
  .tuple(short, short, flag, flag)
  .map(([prefix, postfix, newPage, same]) =>
    main(cstruct(u16(prefix), u16(postfix), bool(newPage), bool(same))),
  );

const pickSplit = fc
  .tuple(fc.tuple(flag, flag, flag), short, short, short, fc.tuple(flag, flag, flag), short, short, state)
  .map(
    ([
      [root, initSrc, initDest],
      deleted,
      inserted,
      inner,
      [initInner, nulls, isParent],
      parent,
      node,
      source,
    ]) =>
      main(
        cstruct(
          ...[bool(root), u16(deleted), u16(inserted), bool(initSrc), bool(initDest), u16(inner)],
          ...[bool(initInner), bool(nulls), bool(isParent), u16(parent), u16(node), source],
        ),
      ),
  );

const vacuumLeaf = fc
  .tuple(short, short, short, short, state)
  .map(([dead, placeholders, moved, chained, source]) =>
    main(cstruct(u16(dead), u16(placeholders), u16(moved), u16(chained), source)),
  );

const vacuumRoot = fc
  .tuple(offsets, state)
  .map(([list, source]) => main(cstruct(u16(list.length), source, array(list, u16))));

const vacuumRedirect = (version: number) =>
  fc
    .tuple(short, short, word, flag)
    .map(([count, first, xid, catalog]) =>
      main(cstruct(u16(count), u16(first), u32(xid), ...(version >= 16 ? [bool(catalog)] : []))),
    );

export function spgistKinds(version: number): Kind[] {
  const kinds = [
    kind(0x10, 'ADD_LEAF', addLeaf),
    kind(0x20, 'MOVE_LEAFS', moveLeafs),
    kind(0x30, 'ADD_NODE', addNode),
    kind(0x40, 'SPLIT_TUPLE', splitTuple),
    kind(0x50, 'PICKSPLIT', pickSplit),
    kind(0x60, 'VACUUM_LEAF', vacuumLeaf),
    kind(0x70, 'VACUUM_ROOT', vacuumRoot),
    kind(0x80, 'VACUUM_REDIRECT', vacuumRedirect(version)),
  ];
  if (version < 12) kinds.push(kind(0x00, 'CREATE_INDEX', fc.constant({ blocks: [block(0)] })));
  return kinds;
}

import fc from 'fast-check';
import { array, bool, cstruct, u16, u32, u64 } from '../cstruct.js';
import type { Content, Kind } from './kind.js';
import { block, flag, kindsOf, locator, long, offsets, relFileLocator, short, word } from './kind.js';

const kind = kindsOf('Gist', 14);

const pageUpdate = fc.tuple(short, short).map(
  ([deleted, inserted]): Content => ({
    main: cstruct(u16(deleted), u16(inserted)),
    blocks: [block(0)],
  }),
);

const deletion = (version: number) =>
  fc.tuple(word, offsets, flag).map(
    ([xid, list, catalog]): Content => ({
      main: cstruct(u32(xid), u16(list.length), ...(version >= 16 ? [bool(catalog), array(list, u16)] : [])),
      blocks: [block(0)],
    }),
  );

const pageReuse = (version: number) =>
  fc.tuple(locator, word, long, flag).map(
    ([node, page, xid, catalog]): Content => ({
      main: cstruct(
        relFileLocator(node),
        u32(page),
        version >= 13 ? u64(xid) : u32(Number(xid & 0xffffffffn)),
        ...(version >= 16 ? [bool(catalog)] : []),
      ),
    }),
  );

const pageSplit = fc.tuple(word, long, flag, short, flag).map(
  ([link, nsn, leaf, pages, follow]): Content => ({
    main: cstruct(u32(link), u64(nsn), bool(leaf), u16(pages), bool(follow)),
    blocks: [block(0)],
  }),
);

const pageDelete = (version: number) =>
  fc.tuple(long, short).map(
    ([xid, downlink]): Content => ({
      main: cstruct(version >= 13 ? u64(xid) : u32(Number(xid & 0xffffffffn)), u16(downlink)),
      blocks: [block(0)],
    }),
  );

export function gistKinds(version: number): Kind[] {
  const kinds = [kind(0x00, 'PAGE_UPDATE', pageUpdate), kind(0x30, 'PAGE_SPLIT', pageSplit)];
  if (version < 12) {
    kinds.push(kind(0x50, 'CREATE_INDEX', fc.constant({ blocks: [block(0)] })));
  } else {
    kinds.push(
      kind(0x10, 'DELETE', deletion(version)),
      kind(0x20, 'PAGE_REUSE', pageReuse(version)),
      kind(0x60, 'PAGE_DELETE', pageDelete(version)),
    );
  }
  if (version >= 13 && version < 19) {
    kinds.push(kind(0x70, 'ASSIGN_LSN', fc.constant({ main: new Uint8Array(4) })));
  }
  return kinds;
}

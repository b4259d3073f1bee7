import fc from 'fast-check';
import { cstruct, struct, u16, u32 } from '../cstruct.js';
import type { Content, Kind } from './kind.js';
import { block, kindsOf, short, word } from './kind.js';

const kind = kindsOf('BRIN', 17);

const main = (content: Uint8Array): Content => ({ main: content, blocks: [block(0)] });

/** `xl_brin_insert` */
const summary = fc
  .tuple(word, word, short)
  .map(([blk, range, offnum]) => struct(u32(blk), u32(range), u16(offnum)));

const createIndex = fc.tuple(word, short).map(([range, version]) => main(cstruct(u32(range), u16(version))));
const insert = summary.map((fields) => main(cstruct(fields)));
const update = fc.tuple(short, summary).map(([old, fields]) => main(cstruct(u16(old), fields)));
const desummarize = fc
  .tuple(word, word, short)
  .map(([range, blk, offset]) => main(cstruct(u32(range), u32(blk), u16(offset))));

export function brinKinds(): Kind[] {
  return [
    kind(0x00, 'CREATE_INDEX', createIndex),
    kind(0x10, 'INSERT', insert),
    kind(0x90, 'INSERT+INIT', insert),
    kind(0x20, 'UPDATE', update),
    kind(0xa0, 'UPDATE+INIT', update),
    kind(
      0x30,
      'SAMEPAGE_UPDATE',
      short.map((offnum) => main(cstruct(u16(offnum)))),
    ),
    kind(
      0x40,
      'REVMAP_EXTEND',
      word.map((target) => main(cstruct(u32(target)))),
    ),
    kind(0x50, 'DESUMMARIZE', desummarize),
  ];
}

import fc from 'fast-check';
import { bool, cstruct, raw, u8, u32, u64 } from '../cstruct.js';
import type { BlockInput } from '../wal-writer.js';
import { block, type Content, flag, image, type Kind, kindsOf, long, text, time, word } from './kind.js';

const kind = kindsOf('XLOG', 0);

const main = (content: Uint8Array): Content => ({ main: content });

const checkpoint = (version: number) =>
  fc
    .record({
      words: fc.array(word, { minLength: 12, maxLength: 12 }),
      longs: fc.array(long, { minLength: 4, maxLength: 4 }),
      flags: fc.tuple(flag, flag),
      walLevel: fc.nat(3),
    })
    .map(({ words: w, longs, flags: [fullPageWrites, logicalDecoding], walLevel }) =>
      main(
        cstruct(
          ...[u64(longs[0]), u32(w[0]), u32(w[1]), bool(fullPageWrites)],
          ...(version >= 17 ? [u32(walLevel)] : []),
          ...(version >= 19 ? [bool(logicalDecoding)] : []),
          // the next xid: one 64-bit number since 12
          ...(version >= 12 ? [u64(longs[1])] : [u32(w[2]), u32(w[3])]),
          ...[u32(w[4]), u32(w[5]), version >= 19 ? u64(longs[2]) : u32(w[6])],
          ...[u32(w[7]), u32(w[8]), u32(w[9]), u32(w[10]), u64(longs[3])],
          ...[u32(w[2]), u32(w[3]), u32(w[11]), u32(0)],
        ),
      ),
    );

const parameterChange = (version: number) =>
  fc
    .tuple(fc.array(word, { minLength: 5, maxLength: 5 }), fc.nat(3), flag, flag)
    .map(([w, level, hints, track]) =>
      main(
        cstruct(
          ...[u32(w[0]), u32(w[1])],
          ...(version >= 12 ? [u32(w[4])] : []),
          ...[u32(w[2]), u32(w[3]), u32(level), bool(hints), bool(track)],
        ),
      ),
    );

const restorePoint = fc
  .tuple(time, text(63))
  .map(([at, name]) => main(cstruct(u64(at), raw(name), raw(new Uint8Array(64 - name.length)))));

const endOfRecovery = (version: number) =>
  fc
    .tuple(time, word, word, fc.nat(3))
    .map(([at, timeline, previous, level]) =>
      main(cstruct(u64(at), u32(timeline), u32(previous), ...(version >= 17 ? [u32(level)] : []))),
    );

const overwriteContrecord = fc.tuple(long, time).map(([lsn, at]) => main(cstruct(u64(lsn), u64(at))));

const number = word.map((value) => main(cstruct(u32(value))));
const lsn = long.map((value) => main(cstruct(u64(value))));
const truth = flag.map((value) => main(cstruct(bool(value))));
const nothing = fc.constant<Content>({});

/** Full-page images, for replay or for checking. */
const images: fc.Arbitrary<Content> = fc
  .array(flag, { minLength: 1, maxLength: 3 })
  .map((applies) => ({ blocks: applies.map((apply, id): BlockInput => block(id, undefined, image(apply))) }));

export function xlogKinds(version: number): Kind[] {
  const kinds = [
    kind(0x00, 'CHECKPOINT_SHUTDOWN', checkpoint(version)),
    kind(0x10, 'CHECKPOINT_ONLINE', checkpoint(version)),
    kind(0x20, 'NOOP', nothing),
    kind(0x30, 'NEXTOID', number),
    kind(0x40, 'SWITCH', nothing),
    kind(0x50, 'BACKUP_END', lsn),
    kind(0x60, 'PARAMETER_CHANGE', parameterChange(version)),
    kind(0x70, 'RESTORE_POINT', restorePoint),
    kind(0x80, 'FPW_CHANGE', truth),
    kind(0x90, 'END_OF_RECOVERY', endOfRecovery(version)),
    kind(0xa0, 'FPI_FOR_HINT', images),
    kind(0xb0, 'FPI', images),
  ];
  // 10 … 12 know it since their minor releases of November 2021 only
  if (version >= 13) kinds.push(kind(0xd0, 'OVERWRITE_CONTRECORD', overwriteContrecord));
  if (version >= 17) {
    const level = fc.nat(3).map((walLevel) => main(cstruct(u32(walLevel))));
    kinds.push(kind(0xe0, 'CHECKPOINT_REDO', level));
  }
  if (version >= 19) {
    kinds.push(
      kind(0xc0, 'ASSIGN_LSN', fc.constant(main(cstruct(u8(0))))),
      kind(0xf0, 'LOGICAL_DECODING_STATUS_CHANGE', truth),
    );
  }
  return kinds;
}

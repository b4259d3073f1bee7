import fc from 'fast-check';
import { array, bool, cstruct, type Field, i32, packed, raw, struct, u16, u32, u64 } from '../cstruct.js';
import {
  block,
  type Content,
  cstring,
  flag,
  invalidationMessage,
  type Kind,
  kindsOf,
  locator,
  long,
  relFileLocator,
  short,
  time,
  word,
} from './kind.js';

const main = (content: Uint8Array): Content => ({ main: content });

const words = (count: number): fc.Arbitrary<Content> =>
  fc.array(word, { minLength: count, maxLength: count }).map((list) => main(cstruct(array(list, u32))));

const some = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(item, { maxLength: 5 });

/** A relation in one of the built-in tablespaces or another one. */
const relation = fc.tuple(fc.constantFrom(1663, 1664, 16_400), locator).map(([spcOid, rest]) => ({
  ...rest,
  spcOid,
}));

const storage = kindsOf('Storage', 2);

function storageKinds(): Kind[] {
  const create = fc
    .tuple(relation, fc.nat(3))
    .map(([rel, fork]) => main(cstruct(relFileLocator(rel), u32(fork))));
  const truncate = fc
    .tuple(word, relation, fc.integer())
    .map(([blocks, rel, flags]) => main(cstruct(u32(blocks), relFileLocator(rel), i32(flags))));
  return [storage(0x10, 'CREATE', create), storage(0x20, 'TRUNCATE', truncate)];
}

/** 64 bits since 17. */
const pageNumber = (version: number): fc.Arbitrary<Field> => (version >= 17 ? long.map(u64) : word.map(u32));
const page = (version: number) => pageNumber(version).map((number) => main(cstruct(number)));

const clog = kindsOf('CLOG', 3);

function clogKinds(version: number): Kind[] {
  const truncate = fc
    .tuple(pageNumber(version), word, word)
    .map(([number, xid, db]) => main(cstruct(number, u32(xid), u32(db))));
  return [clog(0x00, 'ZEROPAGE', page(version)), clog(0x10, 'TRUNCATE', truncate)];
}

const database = kindsOf('Database', 4);

function databaseKinds(version: number): Kind[] {
  const drop =
    version >= 13
      ? fc
          .tuple(word, some(word))
          .map(([db, ids]) => main(cstruct(u32(db), i32(ids.length), array(ids, u32))))
      : words(2);
  if (version < 15) return [database(0x00, 'CREATE', words(4)), database(0x10, 'DROP', drop)];
  return [
    database(0x00, 'CREATE_FILE_COPY', words(4)),
    database(0x10, 'CREATE_WAL_LOG', words(2)),
    database(0x20, 'DROP', drop),
  ];
}

const tablespace = kindsOf('Tablespace', 5);

function tablespaceKinds(): Kind[] {
  const create = fc.tuple(word, cstring(60)).map(([oid, path]) => main(cstruct(u32(oid), raw(path))));
  return [tablespace(0x00, 'CREATE', create), tablespace(0x10, 'DROP', words(1))];
}

const multixact = kindsOf('MultiXact', 6);

function multixactKinds(version: number): Kind[] {
  const member = fc.tuple(word, fc.nat(7)).map(([xid, status]) => struct(u32(xid), u32(status)));
  const create = fc
    .tuple(word, long, some(member))
    .map(([mid, offset, members]) =>
      main(
        cstruct(
          ...[u32(mid), version >= 19 ? u64(offset) : u32(Number(offset & 0xffffffffn))],
          ...[i32(members.length), ...members],
        ),
      ),
    );
  const truncate =
    version >= 19
      ? fc
          .tuple(word, word, long)
          .map(([db, multi, offset]) => main(cstruct(u32(db), u32(multi), u64(offset))))
      : words(5);
  return [
    multixact(0x00, 'ZERO_OFF_PAGE', page(version)),
    multixact(0x10, 'ZERO_MEM_PAGE', page(version)),
    multixact(0x20, 'CREATE_ID', create),
    multixact(0x30, 'TRUNCATE_ID', truncate),
  ];
}

const relmap = kindsOf('RelMap', 7);

function relmapKinds(): Kind[] {
  const update = fc
    .tuple(word, word, fc.uint8Array({ maxLength: 524 }))
    .map(([db, tablespace, map]) => main(cstruct(u32(db), u32(tablespace), i32(map.length), raw(map))));
  return [relmap(0x00, 'UPDATE', update)];
}

const standby = kindsOf('Standby', 8);

function standbyKinds(): Kind[] {
  const lock = some(fc.tuple(word, word, word)).map((locks) =>
    main(cstruct(i32(locks.length), array(locks.flat(), u32))),
  );
  const runningXacts = fc
    .tuple(some(word), some(word), flag, fc.tuple(word, word, word))
    .map(([xids, subxids, overflow, others]) =>
      main(
        cstruct(
          ...[i32(xids.length), i32(subxids.length), bool(overflow)],
          array([...others, ...xids, ...subxids], u32),
        ),
      ),
    );
  const invalidations = fc
    .tuple(word, word, flag, some(invalidationMessage))
    .map(([db, tablespace, initFile, messages]) =>
      main(cstruct(u32(db), u32(tablespace), bool(initFile), i32(messages.length), ...messages)),
    );
  return [
    standby(0x00, 'LOCK', lock),
    standby(0x10, 'RUNNING_XACTS', runningXacts),
    standby(0x20, 'INVALIDATIONS', invalidations),
  ];
}

const sequence = kindsOf('Sequence', 15);

function sequenceKinds(): Kind[] {
  const log = locator.map((rel) => main(cstruct(relFileLocator(rel), raw(new Uint8Array(40)))));
  return [sequence(0x00, 'LOG', log)];
}

const commitTs = kindsOf('CommitTs', 18);

function commitTsKinds(version: number): Kind[] {
  const truncate = fc
    .tuple(pageNumber(version), word)
    .map(([number, xid]) => main(cstruct(number, u32(xid))));
  const kinds = [commitTs(0x00, 'ZEROPAGE', page(version)), commitTs(0x10, 'TRUNCATE', truncate)];
  if (version <= 13) {
    const set = fc
      .tuple(time, short, word, some(word))
      .map(([at, node, xid, subxids]) => main(cstruct(u64(at), u16(node), u32(xid), array(subxids, u32))));
    kinds.push(commitTs(0x20, 'SETTS', set));
  }
  return kinds;
}

const replicationOrigin = kindsOf('ReplicationOrigin', 19);

function replicationOriginKinds(): Kind[] {
  const set = fc
    .tuple(long, short, flag)
    .map(([lsn, node, force]) => main(cstruct(struct(u64(lsn), u16(node), bool(force)))));
  const drop = short.map((node) => main(cstruct(u16(node))));
  return [replicationOrigin(0x00, 'SET', set), replicationOrigin(0x10, 'DROP', drop)];
}

const generic = kindsOf('Generic', 20);

function genericKinds(): Kind[] {
  const regions = some(fc.tuple(short, fc.uint8Array({ maxLength: 30 }))).map((list) =>
    packed(...list.flatMap(([offset, bytes]) => [u16(offset), u16(bytes.length), raw(bytes)])),
  );
  const record = fc
    .tuple(regions, regions)
    .map(([delta, described]): Content => ({ main: described, blocks: [block(0, delta)] }));
  return [generic(0x00, 'Generic', record)];
}

const logicalMessage = kindsOf('LogicalMessage', 21);

function logicalMessageKinds(): Kind[] {
  const message = fc
    .tuple(word, flag, cstring(20), fc.uint8Array({ maxLength: 300 }))
    .map(([db, transactional, prefix, content]) =>
      main(
        cstruct(
          ...[u32(db), bool(transactional), u64(BigInt(prefix.length)), u64(BigInt(content.length))],
          ...[raw(prefix), raw(content)],
        ),
      ),
    );
  return [logicalMessage(0x00, 'MESSAGE', message)];
}

/** The kinds of the resource managers that keep the server's own state, and of those for extensions. */
export function serverKinds(version: number): Kind[] {
  return [
    ...storageKinds(),
    ...clogKinds(version),
    ...databaseKinds(version),
    ...tablespaceKinds(),
    ...multixactKinds(version),
    ...relmapKinds(),
    ...standbyKinds(),
    ...sequenceKinds(),
    ...commitTsKinds(version),
    ...replicationOriginKinds(),
    ...genericKinds(),
    ...logicalMessageKinds(),
  ];
}

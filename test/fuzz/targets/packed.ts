import { brotliCompressSync, gzipSync } from 'node:zlib';
import { NODE_READING } from '../../../src/node/reading.js';
import { archiveJson } from '../../../src/questions/archive/json.js';
import { planJson } from '../../../src/questions/plan/json.js';
import { examineArchive, planRecovery } from '../../../src/questions/portable.js';
import { decompressed } from '../../../src/sources/decompress.js';
import { memorySource } from '../../../src/sources/memory-source.js';
import { PORTABLE_READING, type Reading } from '../../../src/sources/reading.js';
import { tarMembers } from '../../../src/sources/tar.js';
import { WalError } from '../../../src/wal/error.js';
import { lz4BlockDecompress } from '../../../src/wal/lz4.js';
import { pglzDecompress } from '../../../src/wal/pglz.js';
import { zstdDecompress } from '../../../src/wal/zstd.js';
import { readTestdata } from '../../support/testdata.js';
import type { Input } from '../input.js';
import { check, OracleFailed, type Target } from '../target.js';
import { kindsOf, walOf } from '../wal.js';

/** Far more than any seed has: what unpacks to more is not read on. */
const ENOUGH = 8 * 1024 * 1024;

/** What comes of a file, and whether it was all. */
async function unpack(
  bytes: Uint8Array,
  reading: Reading,
  name = 'file',
): Promise<{ pieces: Uint8Array[]; isWhole: boolean }> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const piece of decompressed(memorySource(name, bytes), reading)) {
      pieces.push(piece.slice());
      size += piece.length;
      if (size > ENOUGH) return { pieces, isWhole: false };
    }
    return { pieces, isWhole: true };
  } catch (error) {
    if (!(error instanceof WalError)) throw error;
    return { pieces, isWhole: false };
  }
}

/** A codec, portable and the machine's own: whoever comes to the end, both have the same. */
const codec = (name: string, seeds: () => Input[]): Target => ({
  name,
  seeds,
  async run([bytes = new Uint8Array(0)]) {
    const portable = await unpack(bytes, PORTABLE_READING);
    const native = await unpack(bytes, NODE_READING);
    if (!portable.isWhole || !native.isWhole) return;
    check(
      Buffer.concat(portable.pieces).equals(Buffer.concat(native.pieces)),
      'unpacked in two ways, it differs',
    );
  },
});

const PLAIN = 'walscan reads the write-ahead log. '.repeat(40);

const small = (suffix: keyof typeof SMALL): Input => [new Uint8Array(Buffer.from(SMALL[suffix], 'base64'))];

/** `printf 'walscan %s\n' $(seq 40)`, compressed by the program of that name. */
const SMALL = {
  zst: 'KLUv/WSvAMUDAHQDd2Fsc2NhbiAxCjIzNDU2Nzg5MTAxMTExMTE2Nzg5MjAxMjM0NTY3ODkzMDEyMzQ1Njc4OTQwCicgoNPSAUX23WzLvptt2Xez3Yrct9mW+zbbct9muy2yDzezd2uzhWXfus3UbknZ11uwsCLKFVZkucKgiBIfCTd/oAk=',
  lz4: 'BCJNGGRAp6sAAACkd2Fsc2NhbiAxCgoAFTIKABUzCgAVNAoAFTUKABU2CgAVNwoAFTgKABU5CgAmMTALAAZmABYxZwAWMWgAFjFpABYxagAWMWsAFjFsABYxbQAWMW4AFjJuABYybgAWMm4AFjJuABYybgAWMm4AFjJuABYybgAWMm4AFjJuABYzbgAWM24AFjNuABYzbgAWM24AFjNuABYzbgAWM24AFjNuABQzbgBQbiA0MAoAAAAAkRw1tg==',
  bz2: 'QlpoOTFBWSZTWUVKg3EAAMPZgAAQQAB/4CgFCIAgAGhFGjeqP/VU0AElT3qoA0HqWxnrebbuMbFgEGgF0kk8qqyq4rC0QWnIgqyCqKqqqqorYEPQIWBD4AhYELAh+LuSKcKEgipUG4g=',
  lzma: 'XQAAgAD//////////wA7mEncGoAVzbLTK1rY2OqVUJTwZoL8QG0+hWuFk6Z9F6+a3vMP4Ja7Qml44FufZznsJ/Fy4/j4PQ2DZ/DPT7pZgW7Cwq1+ToV1WdZxVFteaOOhDf/8myAA',
  xz: '/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4AGuAFNdADuYSdwagBXNstMrWtjY6pVQlPBmgvxAbT6Fa4WTpn0Xr5re8w/glrtCaXjgW59nOewn8XLj+Pg9DYNn8M9PulmBbsLCrX5OhXVZ1nFUW15ehY0AAACyTDVU84P6nwABb68DAAAA+8412rHEZ/sCAAAAAARZWg==',
};

const gzip = codec('gzip', () => [
  [gzipSync(PLAIN)],
  [Buffer.concat([gzipSync('one'), gzipSync('two')])],
  [gzipSync(PLAIN, { level: 0 })],
  [gzipSync(Buffer.alloc(100_000))],
]);
const zstd = codec('zstd', () => [small('zst')]);
const lz4 = codec('lz4', () => [small('lz4')]);
const bzip2 = codec('bzip2', () => [small('bz2')]);
const xz = codec('xz', () => [small('xz')]);

/** Nothing but Node unpacks it. */
const brotli: Target = {
  name: 'brotli',
  seeds: () => [[brotliCompressSync(PLAIN)], [brotliCompressSync(Buffer.alloc(100_000))]],
  async run([bytes = new Uint8Array(0)]) {
    await unpack(bytes, NODE_READING, 'file.br');
  },
};

/** Nothing else unpacks it here. */
const lzma: Target = {
  name: 'lzma',
  seeds: () => [small('lzma')],
  async run([bytes = new Uint8Array(0)]) {
    await unpack(bytes, PORTABLE_READING, 'file.lzma');
  },
};

/** What full-page images and TOAST values are compressed with: how, how much it is to come to, and the bytes. */
const blocks: Target = {
  name: 'blocks',
  seeds: () => [
    [Uint8Array.of(0, 200, 0, 0), Uint8Array.of(0b10, 0x20, 0x0f, 0x01, 199 - 18)],
    [Uint8Array.of(1, 20, 0, 0), Uint8Array.of(0x1f, 0x61, 0x01, 0x00, 0x00, 0x10, 0x62)],
    [Uint8Array.of(2, 0x88, 0x02, 0), ...small('zst')],
    [Uint8Array.of(3, 200, 0, 0), Uint8Array.of(0b10, 0x20, 0x0f, 0x01, 199 - 18)],
  ],
  run([[how = 0, a = 0, b = 0, c = 0] = new Uint8Array(0), bytes = new Uint8Array(0)]) {
    const size = a | (b << 8) | ((c & 0x0f) << 16);
    const unpacked = [
      () => pglzDecompress(bytes, size),
      () => lz4BlockDecompress(bytes, size),
      () => zstdDecompress(bytes, size),
      () => pglzDecompress(bytes, size, false),
    ][how & 3]();
    check(
      how % 4 === 3 ? unpacked.length <= size : unpacked.length === size,
      `${unpacked.length} bytes for ${size}`,
    );
  },
};

const HEADER_SIZE = 512;

/** A tar file: members as parts, a header and what follows; that the headers' sums are right is seen to. */
export function tarOf(parts: Input): Uint8Array {
  return Buffer.concat([...parts.map(sealed), Buffer.alloc(2 * HEADER_SIZE)]);
}

function sealed(member: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(Math.max(HEADER_SIZE, Math.ceil(member.length / HEADER_SIZE) * HEADER_SIZE));
  bytes.set(member);
  bytes.write('ustar', 257);
  bytes.fill(' ', 148, 156);
  const sum = bytes.subarray(0, HEADER_SIZE).reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return bytes;
}

/** A member with a right header. */
export function memberOf(name: string, body: Uint8Array, type = '0'): Uint8Array {
  const header = Buffer.alloc(HEADER_SIZE);
  header.write(name);
  header.write('0000644\0', 100);
  header.write(`${body.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write(type, 156);
  header.write('ustar\0', 257);
  return Buffer.concat([header, body]);
}

const tar: Target = {
  name: 'tar',
  words: [
    'path=',
    'size=',
    '12 ',
    '27 size=18446744073709551616\n',
    './',
    '../',
    'pax_global_header',
    'x',
    'L',
    'K',
    'g',
  ],
  seeds: () => [
    [
      memberOf('a', Buffer.from('one')),
      memberOf('b/c', Buffer.alloc(600)),
      memberOf('d/', Buffer.alloc(0), '5'),
    ],
    [
      memberOf('x', Buffer.from('16 path=some/name\n10 size=3\n'), 'x'),
      memberOf('short', Buffer.from('abc')),
    ],
    [memberOf('././@LongLink', Buffer.from(`${'n'.repeat(150)}\0`), 'L'), memberOf('n', Buffer.from('abc'))],
  ],
  async run(parts) {
    const whole = tarOf(parts);
    let size = 0;
    for await (const member of tarMembers(memorySource('tar', whole), PORTABLE_READING)) {
      for await (const piece of member.body) size += piece.length;
      if (size > whole.length) throw new OracleFailed(`members of ${size} bytes in ${whole.length}`);
    }
  },
};

const LABEL = Buffer.from(
  'START WAL LOCATION: 0/2000028 (file 000000010000000000000002)\nSTART TIMELINE: 1\n',
);

/** A tar file given as an archive, and as a base backup. */
const tarInputs: Target = {
  name: 'tar-input',
  words: tar.words ?? [],
  seeds: () => {
    const { segments } = walOf([Uint8Array.of(7), ...kindsOf(17).slice(0, 4)], false);
    const members = segments.map(({ name, bytes }) => memberOf(name, bytes));
    const small = [memberOf('backup_label', LABEL), memberOf('postgresql.conf', Buffer.from('a = 1\n'))];
    const control = readTestdata('testdata/lab/17/pg_control').subarray(0, 512);
    return [
      members,
      [...members, memberOf('00000002.history', Buffer.from('1\t0/100100\tx\n')), ...members],
      [...small, memberOf('PG_VERSION', Buffer.from('17\n')), memberOf('global/pg_control', control)],
      [memberOf('base/5/1259', Buffer.alloc(8192)), ...small],
    ];
  },
  async run(parts) {
    const file = { name: 'base.tar', bytes: tarOf(parts) };
    const report = await settled(examineArchive(file));
    if (report) JSON.stringify(archiveJson(report));
    const planned = await settled(planRecovery(file, { backup: file, target: { kind: 'latest' } }));
    if (planned) JSON.stringify(planJson(planned));
  },
};

/** Undefined where the answer is a WalError, so that the next question can be asked. */
async function settled<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof WalError)) throw error;
    return undefined;
  }
}

export const packedTargets: readonly Target[] = [
  gzip,
  zstd,
  lz4,
  bzip2,
  xz,
  brotli,
  lzma,
  blocks,
  tar,
  tarInputs,
];

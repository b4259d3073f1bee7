import { expect, it } from 'vitest';
import { findCommit } from '../../src/questions/portable.js';
import { WalError } from '../../src/wal/error.js';
import { parseLongPageHeader } from '../../src/wal/page-header.js';
import { segmentsOf } from '../support/folder.js';

const SEGMENT_SIZE = 64 * 1024 * 1024;

/** The first page header of a segment, in either order of bytes. */
function header(magic: number, littleEndian = true): Uint8Array {
  const bytes = new Uint8Array(8192);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, magic, littleEndian);
  view.setUint16(2, 3, littleEndian);
  view.setUint32(4, 1, littleEndian);
  view.setBigUint64(8, 0x400_0000n, littleEndian);
  view.setUint32(32, SEGMENT_SIZE, littleEndian);
  view.setUint32(36, 8192, littleEndian);
  return bytes;
}

/** A layer file's summary begins with its magic and a format version, high byte first. */
function layer(magic: number): Uint8Array {
  const bytes = new Uint8Array(8192);
  new DataView(bytes.buffer).setUint32(0, magic * 65_536 + 3);
  return bytes;
}

function errorOf(bytes: Uint8Array): WalError {
  try {
    parseLongPageHeader(bytes, 'the file');
  } catch (error) {
    if (error instanceof WalError) return error;
  }
  throw new Error('it was read');
}

const CASES: [string, Uint8Array, WalError['code'], RegExp][] = [
  [
    'PostgreSQL 8.4',
    header(0xd063),
    'unknown-version',
    /WAL of PostgreSQL 8\.4 \(page magic D063\): walscan/,
  ],
  [
    'PostgreSQL 9.6',
    header(0xd093),
    'unknown-version',
    /WAL of PostgreSQL 9\.6 .* reads PostgreSQL 10 to 19$/,
  ],
  ['Greenplum 6', header(0xd07e), 'unknown-version', /PostgreSQL 9\.4 or Greenplum 6/],
  ['openGauss', header(0xd074), 'unknown-version', /openGauss/],
  ['another one before 10', header(0xd066), 'unknown-version', /before 10 \(page magic D066\)/],
  ['one to come', header(0xd199), 'unknown-version', /D199.*a newer walscan may read it/],
  ['a big-endian machine', header(0xd116, false), 'byte-order', /PostgreSQL 17 on a machine .*big-endian/],
  ['an old one', header(0xd093, false), 'byte-order', /PostgreSQL 9\.6 .*big-endian/],
  ["Neon's pageserver, images", layer(0x5a60), 'not-wal', /an image layer of Neon's pageserver/],
  ["Neon's pageserver, deltas", layer(0x5a61), 'not-wal', /a delta layer of Neon's pageserver/],
  ['nothing', new Uint8Array(8192).fill(0x5a), 'not-wal', /does not begin with a WAL page \(magic 5A5A\)/],
];

it.each(CASES)('the first page of %s is named for what it is', (_, bytes, code, message) => {
  expect(errorOf(bytes)).toMatchObject({ code, file: 'the file', message: expect.stringMatching(message) });
});

it.each(CASES.slice(0, -1))('the file of %s is named, whatever its name', async (_, bytes, code, message) => {
  const others = segmentsOf(2);
  for (const name of ['000000010000000000000009', 'something.dat']) {
    const { problems } = await findCommit([...others, { name, bytes }], { relation: '16384' });
    expect(problems).toContainEqual(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  }
});

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { NODE_READING } from '../../src/node/reading.js';
import { openBackup } from '../../src/sources/backup.js';
import type { Backup } from '../../src/sources/backup-parts.js';
import { combineBackups } from '../../src/sources/combined-backup.js';
import { WalError } from '../../src/wal/error.js';
import { Message } from '../../src/wal/message.js';
import { folderOf } from '../support/folder.js';

const BLCKSZ = 8192;
const TABLE = 'base/5/16400';
const PART = 'base/5/INCREMENTAL.16400';

const page = (fill: number): Buffer => Buffer.alloc(BLCKSZ, fill);
const pages = (...fills: number[]): Buffer => Buffer.concat(fills.map(page));

/** An incremental file as the server writes it (`sendFile`, src/backend/backup/basebackup.c, 17). */
function incremental(truncatedTo: number, blocks: Record<number, number>, magic = 0xd3ae1f0d): Buffer {
  const numbers = Object.keys(blocks).map(Number);
  const header = Buffer.from(Uint32Array.from([magic, numbers.length, truncatedTo, ...numbers]).buffer);
  const padded = numbers.length === 0 ? header.length : Math.ceil(header.length / BLCKSZ) * BLCKSZ;
  return Buffer.concat([header, Buffer.alloc(padded - header.length), pages(...Object.values(blocks))]);
}

interface Made {
  start: string;
  from?: string;
  /** Whose pg_control it has. */
  version?: 17 | 18;
  files: Record<string, Buffer | string>;
}

const label = ({ start, from }: Made): string =>
  [
    `START WAL LOCATION: ${start} (file 000000010000000000000002)`,
    'CHECKPOINT LOCATION: 0/2000060',
    'BACKUP METHOD: streamed',
    'BACKUP FROM: primary',
    'START TIME: 2026-11-26 11:10:16 UTC',
    'LABEL: of a test',
    'START TIMELINE: 1',
    ...(from === undefined ? [] : [`INCREMENTAL FROM LSN: ${from}`, 'INCREMENTAL FROM TLI: 1']),
    '',
  ].join('\n');

const FULL: Made = { start: '0/2000028', files: { [TABLE]: pages(1, 2, 3, 4) } };
const FIRST: Made = {
  start: '0/4000028',
  from: '0/2000028',
  files: { [PART]: incremental(4, { 1: 12, 2: 13 }) },
};
const SECOND: Made = {
  start: '0/6000028',
  from: '0/4000028',
  files: { [PART]: incremental(4, { 2: 23, 5: 26 }) },
};

/** Manifests say no more than the size of files here. */
function manifest(files: Record<string, Buffer | string>): string {
  const lines = Object.entries(files).map(([path, content]) =>
    JSON.stringify({
      Path: path,
      Size: content.length,
      'Last-Modified': '2026-11-26 11:10:16 GMT',
      'Checksum-Algorithm': 'SHA256',
      Checksum: createHash('sha256').update(content).digest('hex'),
    }),
  );
  const ranges = '{ "Timeline": 1, "Start-LSN": "0/2000028", "End-LSN": "0/2000128" }';
  const text = `{ "PostgreSQL-Backup-Manifest-Version": 1,\n"Files": [\n${lines.join(',\n')}\n],\n"WAL-Ranges": [\n${ranges}\n],\n`;
  const checksum = createHash('sha256').update(text).digest('hex');
  return `${text}"Manifest-Checksum": "${checksum}"}\n`;
}

/** @param damage bytes instead of those that the manifest was made of; none for a file that is gone */
async function open(made: Made, damage: Record<string, Buffer | undefined> = {}): Promise<Backup> {
  const { version = 17 } = made;
  const files: Record<string, Buffer | string> = {
    PG_VERSION: `${version}\n`,
    backup_label: label(made),
    'global/pg_control': readFileSync(`testdata/lab/${version}/pg_control`),
    ...made.files,
  };
  const written = { ...files, backup_manifest: manifest(files), ...damage };
  const there = Object.entries(written).flatMap(([path, content]) => (content ? [[path, content]] : []));
  return openBackup(folderOf(Object.fromEntries(there)), NODE_READING);
}

const combine = async (...parts: Promise<Backup>[]): Promise<Backup> =>
  combineBackups(await Promise.all(parts), NODE_READING);

/** The first byte of each block of the table, as it comes to. */
async function blocksOf(backup: Backup): Promise<number[]> {
  const pieces: Uint8Array[] = [];
  await backup.visit(
    (path) => path === TABLE,
    async (_, body) => {
      for await (const piece of body) pieces.push(piece);
    },
  );
  const bytes = Buffer.concat(pieces);
  expect(bytes.length % BLCKSZ).toBe(0);
  return Array.from({ length: bytes.length / BLCKSZ }, (_, i) => bytes[i * BLCKSZ]);
}

describe('a chain of incremental backups', () => {
  it('comes to the newest version of each block, in whatever order it is given', async () => {
    // block 3 is in the full backup, 4 was never written to
    expect(await blocksOf(await combine(open(SECOND), open(FULL), open(FIRST)))).toEqual([
      1, 12, 23, 4, 0, 26,
    ]);
    expect(await blocksOf(await combine(open(FIRST), open(FULL)))).toEqual([1, 12, 13, 4]);
  });

  it('lacks what any of them lacks', async () => {
    const lack = (what: string): WalError[] => [new WalError('missing-backup', new Message(what, []))];
    const [full, first] = [await open(FULL), await open(FIRST)];
    const combined = await combineBackups(
      [
        { ...full, passedOver: lack('of the full one') },
        { ...first, passedOver: lack('of the first') },
      ],
      NODE_READING,
    );
    expect(combined.passedOver?.map(({ message }) => message)).toEqual(['of the full one', 'of the first']);
  });

  it('does not bring back what was truncated', async () => {
    const truncated = { ...SECOND, files: { [PART]: incremental(2, {}) } };
    expect(await blocksOf(await combine(open(FULL), open(FIRST), open(truncated)))).toEqual([1, 12]);
    const grown = { ...FIRST, files: { [PART]: incremental(6, { 0: 11 }) } };
    expect(await blocksOf(await combine(open(FULL), open(grown)))).toEqual([11, 2, 3, 4, 0, 0]);
  });

  it('has the files that an incremental backup has whole, and of none but the last', async () => {
    const rewritten = { ...FIRST, files: { [TABLE]: pages(31, 32) } };
    const last = { ...SECOND, files: { [PART]: incremental(2, { 0: 41 }) } };
    expect(await blocksOf(await combine(open(FULL), open(rewritten), open(last)))).toEqual([41, 32]);
    expect(await blocksOf(await combine(open(FULL), open({ ...FIRST, files: {} })))).toEqual([]);
  });

  it('has a label from which a server starts', async () => {
    const backup = await combine(open(FULL), open(FIRST));
    const text = Buffer.from((await backup.label())!.bytes).toString();
    expect(text).toBe(label({ ...FIRST, from: undefined }));
    const file = await backup.files!.file('backup_label');
    for await (const bytes of file!.open()) expect(Buffer.from(bytes).toString()).toBe(text);
  });

  it('keeps what its manifest says of files that are as they were', async () => {
    const backup = await combine(open(FULL), open(FIRST));
    const { files } = (await backup.manifest())!;
    expect(files.map(({ path }) => path)).toEqual(['PG_VERSION', 'global/pg_control']);
  });
});

describe('a chain that is none', () => {
  it('lacks a backup', async () => {
    await expect(combine(open(FULL), open(SECOND))).rejects.toMatchObject({
      code: 'missing-backup',
      message: expect.stringMatching(
        /builds on the backup that starts at 0\/04000028 on timeline 1, which is not/,
      ),
    });
    await expect(combine(open(FIRST), open(SECOND))).rejects.toMatchObject({ code: 'missing-backup' });
  });

  it('has two full ones', async () => {
    const other = { ...FULL, start: '0/3000028' };
    await expect(combine(open(FULL), open(other))).rejects.toMatchObject({ code: 'usage' });
  });

  it('is of two clusters', async () => {
    const other: Made = { ...FIRST, version: 18 };
    await expect(combine(open(FULL), open(other))).rejects.toMatchObject({ code: 'foreign-cluster' });
  });

  it('is in tar files', async () => {
    const tar = openBackup(folderOf({ 'base.tar': Buffer.alloc(1024) }), NODE_READING);
    await expect(combine(open(FULL), tar)).rejects.toMatchObject({
      code: 'incremental-backup',
      message: expect.stringMatching(/unpack base\.tar/),
    });
  });

  it('has a label that is not as it was', async () => {
    const changed = open(FIRST, { backup_label: Buffer.from(label({ ...FIRST, start: '0/5000028' })) });
    await expect(combine(open(FULL), changed)).rejects.toMatchObject({
      code: 'damaged-backup',
      file: expect.stringMatching(/backup_label$/),
    });
  });
});

describe('damage in a chain', () => {
  const read = async (...parts: Promise<Backup>[]): Promise<number[]> => blocksOf(await combine(...parts));
  const damaged = (file: string, message = /./) => ({
    code: 'damaged-backup',
    file: expect.stringContaining(file),
    message: expect.stringMatching(message),
  });
  const flipped = (bytes: Buffer | string, at: number): Buffer => {
    const copy = Buffer.from(bytes);
    copy[at] ^= 1;
    return copy;
  };

  it('is named with the file that it is in, by that backup of its own', async () => {
    const inFull = open(FULL, { [TABLE]: flipped(FULL.files[TABLE], 3 * BLCKSZ) });
    await expect(read(inFull, open(FIRST))).rejects.toMatchObject(damaged(TABLE, /another checksum/));
    const inFirst = open(FIRST, { [PART]: flipped(FIRST.files[PART], 2 * BLCKSZ) });
    await expect(read(open(FULL), inFirst, open(SECOND))).rejects.toMatchObject(damaged(PART));
  });

  it('is a file that is gone', async () => {
    await expect(read(open(FULL, { [TABLE]: undefined }), open(FIRST))).rejects.toMatchObject(damaged(TABLE));
    await expect(read(open(FULL), open(FIRST, { [PART]: undefined }))).rejects.toMatchObject(damaged(PART));
  });

  it('is an incremental file in a full backup, or one beside a whole file', async () => {
    const files = { [PART]: incremental(4, {}) };
    await expect(read(open({ ...FULL, files }), open(FIRST))).rejects.toMatchObject(damaged(PART));
    const both = { ...FIRST, files: { ...FIRST.files, [TABLE]: pages(1) } };
    await expect(read(open(FULL), open(both))).rejects.toMatchObject(damaged(PART, /beside a whole file/));
  });

  it.each([
    ['another magic', incremental(4, { 1: 1 }, 0xd3ae1f0e)],
    ['too many blocks', Buffer.from(Uint32Array.of(0xd3ae1f0d, 0xffffffff, 0).buffer)],
    ['too long a file', incremental(131_073, {})],
    ['a block too far', incremental(4, { 131072: 1 })],
    ['blocks out of order', Buffer.from(Uint32Array.of(0xd3ae1f0d, 2, 4, 2, 1).buffer)],
    ['a header that is cut', incremental(4, { 1: 1 }).subarray(0, 14)],
    ['no header', Buffer.alloc(0)],
    ['blocks that are cut', incremental(4, { 1: 1, 2: 2 }).subarray(0, -1)],
  ])('is %s', async (_, content) => {
    const made = { ...FIRST, files: { [PART]: content } };
    await expect(read(open(FULL), open(made))).rejects.toMatchObject(damaged(PART));
  });
});

it('a file that is called so elsewhere is one of a user', async () => {
  const path = 'INCREMENTAL.conf';
  const backup = await combine(open(FULL), open({ ...FIRST, files: { [path]: 'mine' } }));
  const paths: string[] = [];
  for await (const one of backup.files!.paths()) paths.push(one);
  expect(paths).toContain(path);
});

import { gzipSync } from 'node:zlib';
import tar from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { NODE_READING } from '../../src/node/reading.js';
import { backupOfLayers } from '../../src/repos/wal-g/backup.js';
import { parseFilesMetadata } from '../../src/repos/wal-g/sentinel.js';
import { TarPartitions } from '../../src/repos/wal-g/tar-partitions.js';
import type { ByteSource, SourceFolder } from '../../src/sources/byte-source.js';

const PAGE = 8192;
const pages = (letters: string): Buffer =>
  Buffer.concat([...letters].map((letter) => Buffer.alloc(PAGE, letter)));

/** An increment of a file that has two blocks: its second one. */
function increment(letter: string): Buffer {
  const header = Buffer.alloc(20);
  header.write('wi1U');
  header.writeUInt32LE(2 * PAGE, 4);
  header.writeUInt32LE(1, 12);
  header.writeUInt32LE(1, 16);
  return Buffer.concat([header, pages(letter)]);
}

async function tarOf(files: Record<string, Buffer>): Promise<Buffer> {
  const stream = tar.pack();
  for (const [name, bytes] of Object.entries(files)) stream.entry({ name }, bytes);
  stream.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return gzipSync(Buffer.concat(pieces));
}

const FILES = ['1', '2', '3', '4', '5'].map((node) => `/base/5/${node}`);

/** Which tar files were opened. */
type Opened = string[];

function folderWith(name: string, stored: Record<string, Buffer>, opened: Opened): SourceFolder {
  return {
    name,
    async *list() {
      for (const [part, bytes] of Object.entries(stored)) {
        const open: ByteSource['open'] = async function* () {
          opened.push(`${name} ${part}`);
          yield bytes;
        };
        yield { kind: 'file', name: part, source: { name: `${name}/${part}`, open } };
      }
    },
  };
}

/** A backup with two files each in its tar files. */
async function layer(name: string, files: Record<string, Buffer>, state: object, opened: Opened) {
  const tars: Record<string, string[]> = {};
  const stored: Record<string, Buffer> = {};
  const all = Object.keys(files);
  for (let i = 0; i < all.length; i += 2) {
    const part = `part_00${1 + i / 2}.tar.gz`;
    tars[part] = all.slice(i, i + 2);
    stored[part] = await tarOf(Object.fromEntries(tars[part].map((path) => [path, files[path]])));
  }
  const metadata = { Files: Object.fromEntries(FILES.map((path) => [path, state])), TarFileSets: tars };
  const folder = folderWith(name, stored, opened);
  const parsed = parseFilesMetadata(Buffer.from(JSON.stringify(metadata)), 'x');
  return { name, tars: await TarPartitions.open(folder, parsed, NODE_READING) };
}

async function chain(opened: Opened, lost?: string) {
  const of = (bytes: Buffer): Record<string, Buffer> =>
    Object.fromEntries(FILES.filter((path) => path !== lost).map((path) => [path, bytes]));
  return [
    await layer('newest', of(increment('n')), { IsIncremented: true }, opened),
    await layer('middle', {}, { IsSkipped: true }, opened),
    await layer('older', of(increment('o')), { IsIncremented: true }, opened),
    await layer('full', Object.fromEntries(FILES.map((path) => [path, pages('ab')])), {}, opened),
  ];
}

describe('a delta backup of WAL-G', () => {
  it.each([
    ['all at once', undefined],
    ['as many as may be kept', 5 * PAGE],
    ['one by one', 1],
  ])('has its files put together, %s', async (_, mostKept) => {
    const backup = backupOfLayers(await chain([]), NODE_READING, mostKept);
    const given: string[] = [];
    await backup.visit(
      () => true,
      async (path, body) => {
        let text = '';
        for await (const page of body) text += String.fromCharCode(page[0]);
        expect(text).toBe('an');
        given.push(`/${path}`);
      },
    );
    expect(given.sort()).toEqual(FILES);
  });

  it('is read about once, however few increments may be kept', async () => {
    const opened: Opened = [];
    const [newest, , , full] = await chain(opened);
    const backup = backupOfLayers([newest, full], NODE_READING, 1);
    let count = 0;
    await backup.visit(
      () => true,
      async (_, body) => {
        count++;
        for await (const __ of body);
      },
    );
    expect(count).toBe(FILES.length);
    // for each file from its tar file to that of the next one
    const parts = opened.flatMap((one) => (one.startsWith('newest ') ? [one.slice(-8, -7)] : []));
    expect(parts.join('')).toBe('1122233');
  });

  it('is read no further than what is wanted', async () => {
    const opened: Opened = [];
    const backup = backupOfLayers(await chain(opened), NODE_READING);
    const wanted = (path: string): boolean => path === 'base/5/3';
    await backup.visit(wanted, async (_, body) => {
      for await (const __ of body);
    });
    expect(opened).toEqual(['newest part_002.tar.gz', 'older part_002.tar.gz', 'full part_002.tar.gz']);
    await backup.visit(
      () => false,
      async () => {},
    );
    expect(opened.length).toBe(3);
  });

  it('has its label and pg_control from tar files of their own', async () => {
    const opened: Opened = [];
    const stored = {
      'part_001.tar.gz': await tarOf({
        '/backup_label': Buffer.from('old'),
        '/global/pg_control': Buffer.of(1),
      }),
      'backup_label.tar.gz': await tarOf({ backup_label: Buffer.from('new'), tablespace_map: Buffer.of() }),
      'pg_control.tar.gz': await tarOf({ '/global/pg_control': Buffer.of(2) }),
    };
    const tars = await TarPartitions.open(folderWith('one', stored, opened), undefined, NODE_READING);
    const backup = backupOfLayers([{ name: 'one', tars }], NODE_READING);
    expect(Buffer.from((await backup.label())!.bytes).toString()).toBe('new');
    expect((await backup.control())?.bytes[0]).toBe(2);
    expect(opened).toEqual(['one backup_label.tar.gz', 'one pg_control.tar.gz']);
    const given: string[] = [];
    await backup.visit(
      () => true,
      async (path, body) => {
        for await (const piece of body) given.push(`${path} ${piece.length}`);
      },
    );
    expect(given.sort()).toEqual(['backup_label 3', 'global/pg_control 1']);
  });

  it('without an increment that it lists is damaged', async () => {
    const backup = backupOfLayers(await chain([], '/base/5/4'), NODE_READING);
    await expect(
      backup.visit(
        (path) => path === 'base/5/4',
        async () => {},
      ),
    ).rejects.toMatchObject({ code: 'damaged-backup', file: 'newest/base/5/4' });
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type Headers, pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { timelineChain } from '../../src/cluster/chain.js';
import { fileSource } from '../../src/node/files.js';
import { readSegments, takeInventory } from '../../src/node/questions.js';
import { NODE_READING } from '../../src/node/reading.js';
import type { ByteSource } from '../../src/sources/byte-source.js';
import { memorySource } from '../../src/sources/memory-source.js';
import { readWhole } from '../../src/sources/read.js';
import type { Reading } from '../../src/sources/reading.js';
import { TarFile, tarMembers } from '../../src/sources/tar.js';
import { folderOf, MiB, segmentsOf } from '../support/folder.js';

async function tarOf(
  members: [name: string, content: Uint8Array | string, header?: Partial<Headers>][],
): Promise<Buffer> {
  const tar = pack();
  for (const [name, content, header] of members) tar.entry({ name, ...header }, Buffer.from(content));
  tar.finalize();
  const pieces: Uint8Array[] = [];
  for await (const piece of tar) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** The header of a member `x`, with its size field as it is given. */
function headerOf(type: string, size: string | Uint8Array): Buffer {
  const header = Buffer.alloc(512);
  header.write('x', 0, 'latin1');
  header.set(Buffer.from(size), 124);
  header.write(type, 156, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

const octal = (size: number): string => size.toString(8).padStart(11, '0');

/** What follows on a header, filled up to whole blocks. */
function blocksOf(content: string): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 511)]);
}

async function membersOf(...parts: Uint8Array[]): Promise<[name: string, content: string][]> {
  const seen: [string, string][] = [];
  for await (const { name, body } of tarMembers(memorySource('t', Buffer.concat(parts)), NODE_READING)) {
    let content = '';
    for await (const piece of body) content += Buffer.from(piece).toString();
    seen.push([name, content]);
  }
  return seen;
}

/** Counts how often it is read from the beginning. */
function counted(name: string, bytes: Uint8Array): ByteSource & { reads: number } {
  return {
    name,
    reads: 0,
    async *open() {
      this.reads++;
      for (let at = 0; at < bytes.length; at += 50_000) yield bytes.subarray(at, at + 50_000);
    },
  };
}

const segments = segmentsOf(4);

describe('a tar file', () => {
  it('gives its plain files in order, read or not', async () => {
    const tar = await tarOf([
      ['a', 'one'],
      ['folder/', '', { type: 'directory' }],
      ['b', 'x'.repeat(100_000)],
      ['link', '', { type: 'symlink', linkname: 'a' }],
      ['empty', ''],
      [`${'long/'.repeat(60)}c`, 'three'],
    ]);
    const seen: [string, number, string | undefined][] = [];
    for await (const { name, size, body } of tarMembers(memorySource('t', tar), NODE_READING)) {
      let first: string | undefined;
      if (name !== 'a') {
        for await (const piece of body) {
          first = Buffer.from(piece).toString('latin1', 0, 2);
          break; // the rest is left
        }
      }
      seen.push([name, size, first]);
    }
    expect(seen).toEqual([
      ['a', 3, undefined],
      ['b', 100_000, 'xx'],
      ['empty', 0, undefined],
      [`${'long/'.repeat(60)}c`, 5, 'th'],
    ]);
  });

  it('is streamed once when its members are asked for in order, and again when not', async () => {
    const tar = counted(
      't.tar.gz',
      gzipSync(
        await tarOf([
          ['a', 'A'],
          ['b', 'B'],
          ['c', 'C'],
        ]),
      ),
    );
    const file = new TarFile(tar, NODE_READING);
    const [a, b, c] = ['a', 'b', 'c'].map((name, i) => file.member(i, { name, offset: 0, size: 1 }));
    const text = async (source: ByteSource): Promise<string> =>
      Buffer.from(await readWhole(source, 10, NODE_READING)).toString();
    expect(await Promise.all([text(a), text(b), text(c)])).toEqual(['A', 'B', 'C']);
    expect(tar.reads).toBe(1);
    expect([await text(c), await text(a), await text(b)]).toEqual(['C', 'A', 'B']);
    expect(tar.reads).toBe(3);
    expect(b.name).toBe('t.tar.gz/b');
  });

  it('is opened where it is named, its compressed members unpacked', async () => {
    const tar = await tarOf([
      ['backup_label', 'x'],
      ['./pg_wal/', '', { type: 'directory' }],
      ...segments.map(({ name, bytes }, i): [string, Uint8Array] =>
        i === 1 ? [`./pg_wal/${name}.gz`, gzipSync(bytes)] : [`./pg_wal/${name}`, bytes],
      ),
      ['pg_wal/00000002.history.gz', gzipSync('1\t0/300000\treason\n')],
    ]);
    const source = counted('backup/base.tar.gz', gzipSync(tar));
    const inventory = await takeInventory([source]);
    expect(inventory).toMatchObject({ problems: [], conflicts: [] });
    expect(inventory.histories).toMatchObject([{ timeline: 2, switches: [{ switchLsn: 0x300000n }] }]);
    expect(inventory.backups).toMatchObject([{ source: { name: 'backup/base.tar.gz/backup_label' } }]);
    const lookedThrough = source.reads;
    let at = 0;
    for await (const { segment, problem } of readSegments(
      timelineChain(inventory, 1).segments,
      inventory.format!,
    )) {
      expect(problem).toBeUndefined();
      expect(Buffer.from(segment.bytes).equals(segments[at++].bytes)).toBe(true);
    }
    expect(at).toBe(4);
    expect(source.reads).toBe(lookedThrough + 1);
  });

  it('is not looked at where WAL-G has fetched in advance', async () => {
    const [{ name, bytes }] = segments;
    const tar = await tarOf([
      [`pg_wal/${name}`, bytes],
      [`pg_wal/.wal-g/prefetch/running/${name}`, bytes.slice(0, 10_000).fill(7, 5000)],
    ]);
    const inventory = await takeInventory([memorySource('x.tar', tar)]);
    expect(inventory).toMatchObject({ conflicts: [], segments: [{ copies: [] }] });
  });

  it('that holds a segment twice is compared with itself', async () => {
    const [{ name, bytes }] = segments;
    const tar = await tarOf([
      [`a/${name}`, bytes],
      [`b/${name}.partial`, bytes.slice().fill(0, 100_000)],
    ]);
    const inventory = await takeInventory([memorySource('x.tar', tar)]);
    expect(inventory.conflicts).toEqual([]);
    expect(inventory.segments).toMatchObject([{ copies: [{ name: `x.tar/b/${name}.partial` }] }]);
  });

  it.each([
    ['link', 'a hard link'],
    ['symlink', 'a symbolic link'],
    ['character-device', 'a device'],
    ['fifo', 'a FIFO'],
    ['contiguous-file', undefined],
  ] as const)('names a segment that is a %s', async (type, what) => {
    const [first, second] = segments;
    const tar = await tarOf([
      [first.name, first.bytes],
      [second.name, type === 'contiguous-file' ? second.bytes : '', { type, linkname: 'a' }],
      ['other', '', { type: 'link', linkname: 'a' }],
      [`.wal-g/prefetch/${first.name}`, '', { type: 'link', linkname: 'a' }],
    ]);
    const { problems, segments: found } = await takeInventory([memorySource('x.tar', tar)]);
    const file = `x.tar/${second.name}`;
    const message = expect.stringContaining(`${file} is ${what}, without the bytes`);
    expect(problems).toMatchObject(what === undefined ? [] : [{ code: 'unreadable', file, message }]);
    expect(found.length).toBe(what === undefined ? 2 : 1);
  });

  it('is passed over where a folder search meets it', async () => {
    const folder = folderOf({ 'pg_wal.tar': await tarOf([[segments[0].name, segments[0].bytes]]) });
    expect((await takeInventory([folder])).segments).toEqual([]);
    expect((await takeInventory([join(folder, 'pg_wal.tar')])).segments.length).toBe(1);
  });

  it('of pg_basebackup is read', async () => {
    const { segments: found, problems } = await takeInventory(['testdata/lab/17/pg_wal.tar.gz']);
    expect(problems).toEqual([]);
    const bytes = await readWhole(found[0].source, 16 * MiB, NODE_READING);
    const archived = gunzipSync(readFileSync('testdata/lab/17/000000010000000000000002.gz'));
    expect(Buffer.from(bytes).equals(archived)).toBe(true);
  });

  it('that is cut off gives the members before the cut, and a problem', async () => {
    const tar = await tarOf(segments.map(({ name, bytes }) => [name, bytes]));
    for (const bytes of [tar.subarray(0, 2.5 * MiB), gzipSync(tar).subarray(0, 10_000)]) {
      const { problems, segments: found } = await takeInventory([memorySource('cut.tar', bytes)]);
      expect(problems.length).toBeGreaterThan(0);
      expect(problems[0]).toMatchObject({ file: 'cut.tar' });
      expect(found.length).toBeGreaterThan(0);
    }
  });

  it('may hold a segment that cannot be unpacked to its end', async () => {
    const damaged = gzipSync(segments[1].bytes, { level: 0 });
    damaged.fill(0xff, 500_000);
    const tar = await tarOf([
      [segments[0].name, segments[0].bytes],
      [`${segments[1].name}.gz`, damaged],
      [segments[2].name, segments[2].bytes],
    ]);
    const inventory = await takeInventory([memorySource('x.tar', tar)]);
    const seen: [number, string | undefined][] = [];
    for await (const { segment, problem } of readSegments(
      timelineChain(inventory, 1).segments,
      inventory.format!,
    )) {
      seen.push([Math.round(segment.bytes.length / 100_000), problem?.code]);
    }
    expect(seen).toEqual([
      [10, undefined],
      [5, 'corrupt-compression'],
      [10, undefined],
    ]);
  });

  it('with a damaged header is a problem', async () => {
    const tar = await tarOf(segments.map(({ name, bytes }) => [name, bytes]));
    tar.fill(0xff, 512 + MiB, 512 + MiB + 200);
    const { problems, segments: found } = await takeInventory([memorySource('bad.tar', tar)]);
    expect(problems).toMatchObject([{ code: 'corrupt-tar', file: 'bad.tar' }]);
    expect(found.length).toBe(1);
  });

  it('is given up where the attributes of a member do not end', async () => {
    const header = headerOf('x', '77777777777'); // pax attributes of 8 GiB
    let given = 0;
    const source: ByteSource = {
      name: 'bomb.tar',
      async *open() {
        const member = await tarOf([[segments[0].name, segments[0].bytes]]);
        yield member.subarray(0, 512 + MiB);
        yield header;
        for (const room = new Uint8Array(MiB).fill(0x20); ; given++) yield room;
      },
    };
    const { problems, segments: found } = await takeInventory([source]);
    expect(problems).toMatchObject([{ code: 'corrupt-tar', file: 'bomb.tar' }]);
    expect(problems[0].message).toContain('between two members');
    expect(found.length).toBe(1);
    expect(given).toBeLessThan(8);
  });

  it('may tell names and sizes in all the ways there are', async () => {
    const long = `${'folder/'.repeat(40)}file`;
    const gnu = [headerOf('L', octal(long.length + 1)), blocksOf(`${long}\0`)];
    const pax = [headerOf('x', octal(23)), blocksOf('13 path=paxy\n10 size=3\n')];
    const binary = Uint8Array.of(0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3);
    const content = blocksOf('abc');
    expect(await membersOf(...gnu, headerOf('0', octal(3)), content)).toEqual([[long, 'abc']]);
    expect(await membersOf(...pax, headerOf('0', octal(0)), content)).toEqual([['paxy', 'abc']]);
    expect(await membersOf(headerOf('0', binary), content)).toEqual([['x', 'abc']]);
    expect(await membersOf(headerOf('\0', octal(3)), content)).toEqual([['x', 'abc']]);
  });

  it('goes on after the end of another one', async () => {
    const member = [headerOf('0', octal(3)), blocksOf('abc'), Buffer.alloc(1024)];
    expect(await membersOf(...member, ...member)).toEqual([
      ['x', 'abc'],
      ['x', 'abc'],
    ]);
  });

  it.each([
    ['no number', 'what size is'],
    ['a negative number', new Uint8Array(12).fill(0xff)],
    ['a negative number in digits', '-0000000012'],
    ['octal up to some place', '00000001289'],
    ['hexadecimal', '0x200'],
    ['too great a number', Uint8Array.of(0x80, 0, 0, 0, 0xff, 0, 0, 0, 0, 0, 0, 0)],
  ])('is corrupt where a size is %s', async (_, size) => {
    const message = 't cannot be read as a tar file: the size of its member x is no number that can be right';
    const expected = { code: 'corrupt-tar', file: 't', message };
    await expect(membersOf(headerOf('0', size), blocksOf('abc'))).rejects.toMatchObject(expected);
  });

  it('reads attributes in time, whatever is in them', async () => {
    // each a record of two bytes, with the blank that ends its length at the very end
    const records = `${'2\n'.repeat(1024 * 1024 - 1)}2 `;
    const before = performance.now();
    const parts = [headerOf('x', octal(records.length)), blocksOf(records)];
    await expect(membersOf(...parts, headerOf('0', octal(3)), blocksOf('abc'))).rejects.toMatchObject({
      code: 'corrupt-tar',
    });
    expect(performance.now() - before).toBeLessThan(2000);
  });

  it.each([
    ['a size that is negative', '11 size=-5\n', 'the size of a member'],
    ['a size in hexadecimal', '12 size=0x5\n', 'the size of a member'],
    ['a size that no file has', '30 size=9999999999999999999999\n', 'the size of a member'],
    ['a length of nothing', '0 size=3\n', 'the attributes of a member are damaged'],
    ['a length beyond the end', '99 size=3\n', 'the attributes of a member are damaged'],
  ])('is corrupt where attributes have %s', async (_, records, message) => {
    const parts = [headerOf('x', octal(records.length)), blocksOf(records)];
    const members = membersOf(...parts, headerOf('0', octal(3)), blocksOf('abc'));
    await expect(members).rejects.toMatchObject({
      code: 'corrupt-tar',
      message: expect.stringContaining(message),
    });
  });

  it("takes the header's size where that of the attributes is empty", async () => {
    const parts = [headerOf('x', octal(8)), blocksOf('8 size=\n'), headerOf('0', octal(3)), blocksOf('abc')];
    expect(await membersOf(...parts)).toEqual([['x', 'abc']]);
  });

  // What is stored is not the file, and to pass over it would be WAL that is missing and not told.
  it('says which member is stored without its holes', async () => {
    const records = '22 GNU.sparse.major=1\n26 GNU.sparse.name=0/0001\n';
    const attributes = [headerOf('x', octal(records.length)), blocksOf(records)];
    await expect(membersOf(...attributes, headerOf('0', octal(3)), blocksOf('abc'))).rejects.toThrow(
      'its member 0/0001 is stored without its holes (tar --sparse)',
    );
    await expect(membersOf(headerOf('S', octal(3)), blocksOf('abc'))).rejects.toThrow(
      'its member x is stored',
    );
  });

  it('lets go of its source, and passes on what that throws', async () => {
    const failure = new Error('out of reach');
    let closed = 0;
    const source = (failing: boolean): ByteSource => ({
      name: 't',
      async *open() {
        try {
          yield Buffer.concat([headerOf('0', octal(600)), Buffer.alloc(512)]);
          if (failing) throw failure;
          yield Buffer.alloc(512);
        } finally {
          closed++;
        }
      },
    });
    for await (const _ of tarMembers(source(false), NODE_READING)) break;
    expect(closed).toBe(1);

    const failed = async (reading: Reading): Promise<void> => {
      for await (const { body } of tarMembers(source(true), reading)) for await (const _ of body);
    };
    await expect(failed(NODE_READING)).rejects.toMatchObject({ code: 'source-failed', cause: failure });
    const reason = new Error('enough');
    await expect(failed({ ...NODE_READING, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('that is a file can be read many times', async () => {
    const folder = folderOf({ 'x.tar': await tarOf(segments.map(({ name, bytes }) => [name, bytes])) });
    const { segments: found } = await takeInventory([fileSource(join(folder, 'x.tar'))]);
    for (const { source } of [...found, ...found.reverse()]) {
      expect((await readWhole(source, MiB, NODE_READING)).length).toBe(MiB);
    }
  });
});

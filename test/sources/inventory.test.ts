import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timelineChain } from '../../src/cluster/chain.js';
import { takeInventory } from '../../src/node/questions.js';
import type { ByteSource } from '../../src/sources/byte-source.js';
import type { Inventory } from '../../src/sources/inventory.js';
import { memorySource } from '../../src/sources/memory-source.js';
import { formatLsn } from '../../src/wal/lsn.js';
import { branchOf, filesOf, folderOf, MiB, segmentsOf } from '../support/folder.js';

const [s1, s2, s3] = segmentsOf(3);
const names = (inventory: Inventory): string[] => inventory.segments.map(({ name }) => name);
const codes = (errors: { code: string }[]): string[] => errors.map(({ code }) => code);

/** The file with everything after a point made zero, as a `.partial` file has it. */
function partialOf(bytes: Uint8Array, written: number): Uint8Array {
  return bytes.slice().fill(0, written);
}

/** A recycled file, of which the beginning has been written anew. */
function overwritten(old: Uint8Array, written: Uint8Array, size: number): Uint8Array {
  const bytes = old.slice();
  bytes.set(written.subarray(0, size));
  return bytes;
}

describe('takeInventory of a folder in which a tool fetches in advance', () => {
  it.each(['.wal-g', '.wal-e'])('passes over %s', async (tool) => {
    const scratch = `pg_wal/${tool}/prefetch`;
    const folder = folderOf({
      [`pg_wal/${s1.name}`]: s1.bytes,
      [`${scratch}/${s2.name}`]: s2.bytes,
      [`${scratch}/running/${s1.name}`]: new Uint8Array(),
      [`${scratch}/running/${s3.name}`]: s3.bytes.subarray(0, 300_000),
    });
    const inventory = await takeInventory([folder]);
    expect(inventory).toMatchObject({ problems: [], conflicts: [], segments: [{ copies: [] }] });
    expect(names(inventory)).toEqual([s1.name]);
  });
});

describe('takeInventory of a real archive', () => {
  it.each([13, 14, 15, 16, 17, 18, 19])('finds all of lab/%i', async (version) => {
    const folder = `testdata/lab/${version}`;
    const inventory = await takeInventory([folder]);
    expect(inventory).toMatchObject({ problems: [], conflicts: [], unused: [] });
    expect(inventory.format).toMatchObject({ version, segmentSize: 16 * MiB, blockSize: 8192 });
    const files = readdirSync(folder).filter((name) => /^[0-9A-F]{24}\.gz$/.test(name));
    expect(files.length).toBeGreaterThan(4);
    expect(names(inventory)).toEqual(files.map((name) => name.slice(0, 24)));
    expect(inventory.histories.map(({ timeline, switches }) => [timeline, switches.length])).toEqual([
      [2, 1],
    ]);
    expect(inventory.backups.map(({ kind }) => kind)).toContain('backup-history');
  });

  it('takes the timeline from the name where a segment begins as a copy of the parent’s', async () => {
    const { segments } = await takeInventory(['testdata/lab/17']);
    expect(segments.at(-1)).toMatchObject({
      name: '000000020000000000000004',
      timeline: 2,
      start: 0x4000000n,
    });
  });

  it('finds in pg_wal.tar.gz what the archive has as well', async () => {
    const inventory = await takeInventory(['testdata/lab/17/pg_wal.tar.gz', 'testdata/lab/17']);
    expect(inventory).toMatchObject({ problems: [], conflicts: [] });
    expect(inventory.segments[0].name).toBe('000000010000000000000002');
    expect([inventory.segments[0].source, ...inventory.segments[0].copies].map(({ name }) => name)).toEqual([
      'testdata/lab/17/pg_wal.tar.gz/000000010000000000000002',
      'testdata/lab/17/000000010000000000000002.gz',
    ]);
  });
});

describe('takeInventory of the pg_wal of a promoted server', () => {
  const history = `1\t${formatLsn(2n * BigInt(MiB) + 8192n)}\tno recovery target specified\n`;
  const own = branchOf(s2, 2, 8192, segmentsOf(3, { timeline: 2 })[1].bytes);
  const underNewName = { ...s3, name: s3.name.replace(/^00000001/, '00000002') };

  it('passes over the parent’s WAL from after the switch', async () => {
    const files = filesOf([s1, s2, s3, own, underNewName]);
    const inventory = await takeInventory([folderOf({ ...files, '00000002.history': history })]);
    expect(names(inventory)).toEqual([s1.name, s2.name, s3.name, own.name]);
    expect(inventory.unused).toMatchObject([{ name: underNewName.name, reason: 'recycled' }]);
  });

  it('keeps the new timeline’s own WAL', async () => {
    const next = segmentsOf(3, { timeline: 2 })[2];
    const inventory = await takeInventory([
      folderOf({ ...filesOf([s1, s2, own, next]), '00000002.history': history }),
    ]);
    expect(names(inventory)).toEqual([s1.name, s2.name, own.name, next.name]);
    expect(inventory.unused).toEqual([]);
  });
});

describe('takeInventory of damaged input', () => {
  const fault = (name: string): Promise<Inventory> => takeInventory([`testdata/faults/18/${name}`]);

  it.each([
    ['bad-segment-size', 'bad-segment-size'],
    ['empty-file', 'short-file'],
    ['short-header', 'short-file'],
    ['garbage', 'not-wal'],
  ])('names the file of %s', async (name, code) => {
    const inventory = await fault(name);
    const file = `testdata/faults/18/${name}/000000010000000000000010.gz`;
    expect(inventory.problems).toMatchObject([{ code, file, message: expect.stringContaining(file) }]);
    expect(inventory.segments).toEqual([]);
    expect(inventory.format).toBeUndefined();
  });

  it.each([
    ['recycled-next', 'recycled'],
    ['zero-next', 'zeroed'],
  ])('passes over the file without WAL of %s', async (name, reason) => {
    const files = readdirSync(`testdata/faults/18/${name}`).filter((file) => file.endsWith('.gz'));
    const bytes = (file: string): Buffer => gunzipSync(readFileSync(`testdata/faults/18/${name}/${file}`));
    const inventory = await takeInventory([
      folderOf(Object.fromEntries(files.map((file) => [file.slice(0, -3), bytes(file)]))),
    ]);
    expect(inventory).toMatchObject({ problems: [], conflicts: [] });
    expect(names(inventory)).toEqual(['000000010000000000000010']);
    expect(inventory.unused).toMatchObject([{ name: '000000010000000000000011', reason }]);
  });

  it.each([
    ['cluster', { systemIdentifier: 1n }],
    ['version', { version: 16 }],
  ])('names a file of another %s, whose name promises a later segment', async (_, options) => {
    const [foreign] = segmentsOf(1, options);
    const folder = folderOf({ ...filesOf([s1, s2]), [s3.name]: foreign.bytes });
    const inventory = await takeInventory([folder]);
    expect(names(inventory)).toEqual([s1.name, s2.name]);
    expect(inventory).toMatchObject({
      problems: [{ code: 'foreign-cluster', file: join(folder, s3.name) }],
      unused: [],
      conflicts: [],
    });
  });

  it('keeps a segment of which only the first page header is damaged', async () => {
    const damaged = s2.bytes.slice().fill(0xff, 0, 40);
    const inventory = await takeInventory([folderOf({ ...filesOf([s1, s3]), [s2.name]: damaged })]);
    expect(names(inventory)).toEqual([s1.name, s2.name, s3.name]);
    expect(codes(inventory.problems)).toEqual(['not-wal']);
  });

  it('keeps a segment of which only the first page address is damaged', async () => {
    const damaged = s2.bytes.slice().fill(0x77, 8, 16);
    const inventory = await takeInventory([folderOf({ ...filesOf([s1, s3]), [s2.name]: damaged })]);
    expect(names(inventory)).toEqual([s1.name, s2.name, s3.name]);
    expect(inventory.problems).toMatchObject([{ code: 'name-mismatch', message: /second page does not/ }]);
  });

  it('takes the undamaged one of two', async () => {
    const damaged = s2.bytes.slice().fill(0xff, 0, 40);
    const inventory = await takeInventory([folderOf({ ...filesOf([s1, s2]), [`old/${s2.name}`]: damaged })]);
    expect(inventory.segments[1].source.name).not.toContain('old');
    expect(codes(inventory.problems)).toEqual(['not-wal']);
    expect(inventory.conflicts).toEqual([]);
  });

  it('goes on past a file that cannot be unpacked', async () => {
    const folder = folderOf({ [s1.name]: s1.bytes, [`${s2.name}.gz`]: Uint8Array.of(0x1f, 0x8b, 9, 9, 9) });
    const inventory = await takeInventory([folder]);
    expect(names(inventory)).toEqual([s1.name]);
    expect(inventory.problems).toMatchObject([
      { code: 'corrupt-compression', file: join(folder, `${s2.name}.gz`) },
    ]);
  });

  it('never fails on any bytes under any of the names', async () => {
    const name = fc.constantFrom(
      s1.name,
      `${s2.name}.gz`,
      '00000002.history',
      `${s1.name}.00000028.backup`,
      'x.tar',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(name, fc.uint8Array({ maxLength: 2000 }))), async (files) => {
        const sources = files.map(([file, bytes]) => memorySource(file, bytes));
        expect((await takeInventory(sources)).segments).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  it('never fails on changed first pages', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(63), fc.nat(255), async (at, byte) => {
        const changed = s2.bytes.slice();
        changed[at] = byte;
        const inventory = await takeInventory([
          memorySource(s1.name, s1.bytes),
          memorySource(s2.name, changed),
        ]);
        expect(inventory.segments.length).toBeGreaterThan(0);
      }),
      { numRuns: 50 },
    );
  });
});

describe('takeInventory of what is there more than once', () => {
  it('counts identical content once, however it is stored', async () => {
    const folder = folderOf({
      [`2025-01-01/${s1.name}`]: s1.bytes,
      [`2025-01-02/${s1.name}.gz`]: gzipSync(s1.bytes),
      [`2025-01-02/${s2.name}.gz`]: gzipSync(s2.bytes),
    });
    const inventory = await takeInventory([folder]);
    expect(inventory).toMatchObject({ problems: [], conflicts: [] });
    expect(names(inventory)).toEqual([s1.name, s2.name]);
    expect(inventory.segments[0].copies.map(({ name }) => name)).toEqual([
      join(folder, '2025-01-02', `${s1.name}.gz`),
    ]);
  });

  it('does not count a file twice that is named twice', async () => {
    const folder = folderOf(filesOf([s1, s2]));
    symlinkSync(folder, join(folder, 'loop'));
    const inventory = await takeInventory([folder, join(folder, s1.name), `${folder}/.`, folder]);
    expect(inventory.segments.map(({ copies }) => copies)).toEqual([[], []]);
  });

  it.each([
    ['zeroes after it', partialOf(s1.bytes, 500_000)],
    ['a page half written', partialOf(s1.bytes, 100_001)],
    ['nothing after it', s1.bytes.slice(0, 300_000)],
    ['old pages of a recycled segment after it', overwritten(s3.bytes, s1.bytes, 50 * 8192)],
    ['a half page and old pages after it', overwritten(s3.bytes, partialOf(s1.bytes, 402_000), 50 * 8192)],
  ])('lets a partial file with %s give way to the whole one', async (_, partial) => {
    for (const files of [
      { [s1.name]: s1.bytes, [`${s1.name}.partial`]: partial },
      { [`a/${s1.name}`]: partial, [`b/${s1.name}`]: s1.bytes },
    ]) {
      const inventory = await takeInventory([folderOf(files)]);
      expect(inventory).toMatchObject({ problems: [], conflicts: [] });
      const [{ source, copies, partial: isPartial }] = inventory.segments;
      expect(isPartial).toBe(false);
      expect(source.name).toMatch(/(b\/|walscan-\w+\/)0{7}1[0-9A-F]{16}$/);
      expect(copies.length).toBe(1);
    }
  });

  it.each(['.partial', '.partial.gz', '.gz.partial'])(
    'uses a %s file where there is no other',
    async (suffix) => {
      const bytes = partialOf(s2.bytes, 200_000);
      const folder = folderOf({
        [s1.name]: s1.bytes,
        [s2.name + suffix]: suffix.includes('gz') ? gzipSync(bytes) : bytes,
      });
      const { segments } = await takeInventory([folder]);
      expect(segments.map(({ name, partial }) => [name, partial])).toEqual([
        [s1.name, false],
        [s2.name, true],
      ]);
    },
  );

  it('says where two files of one segment differ, and names both', async () => {
    const other = s1.bytes.slice();
    other[300_000] ^= 1;
    const folder = folderOf({ [`a/${s1.name}`]: s1.bytes, [`b/${s1.name}.gz`]: gzipSync(other) });
    const { conflicts } = await takeInventory([folder]);
    expect(conflicts).toMatchObject([{ code: 'different-content', lsn: 0x100000n + 300_000n }]);
    expect(conflicts[0].message).toContain(join(folder, 'a', s1.name));
    expect(conflicts[0].message).toContain(join(folder, 'b', `${s1.name}.gz`));
    expect((await takeInventory([folder], { headersOnly: true })).conflicts).toEqual([]);
  });

  it('says that two histories of one timeline differ', async () => {
    const folder = folderOf({
      'a/00000002.history': '1\t0/4000290\tno recovery target specified\n',
      'b/00000002.history': '1\t0/4000298\tno recovery target specified\n',
      'c/00000002.history': '1\t0/4000290\tanother reason\n',
    });
    const { histories, conflicts } = await takeInventory([folder]);
    expect(histories.length).toBe(1);
    expect(conflicts).toMatchObject([
      { code: 'different-content', file: join(folder, 'b/00000002.history') },
    ]);
  });
});

describe('takeInventory of mixed input', () => {
  it('names the segments of another cluster', async () => {
    const [foreign] = segmentsOf(1, { systemIdentifier: 42n, firstSegment: 9n });
    const inventory = await takeInventory([folderOf(filesOf([s1, s2, foreign]))]);
    expect(names(inventory)).toEqual([s1.name, s2.name]);
    expect(inventory.conflicts).toMatchObject([{ code: 'foreign-cluster' }]);
    expect(inventory.conflicts[0].message).toContain(`${foreign.name} of 42`);
    expect(inventory.conflicts[0].message).toContain('7000000000000000001');
  });

  it('names the segments of another version', async () => {
    const [other] = segmentsOf(1, { version: 15, firstSegment: 9n });
    const { conflicts } = await takeInventory([folderOf(filesOf([s1, s2, other]))]);
    expect(conflicts).toMatchObject([{ code: 'mixed-formats', message: /PostgreSQL 17 .*PostgreSQL 15 / }]);
  });

  it('takes a misnamed segment for what it holds', async () => {
    const folder = folderOf({ [s1.name]: s1.bytes, '000000010000000000000000': s2.bytes });
    const inventory = await takeInventory([folder]);
    expect(names(inventory)).toEqual([s1.name, s2.name]);
    expect(inventory.problems).toMatchObject([{ code: 'name-mismatch' }]);
    expect(inventory.problems[0].message).toMatch(
      /000000010000000000000000 holds segment 000000010000000000000002, not 000000010000000000000000/,
    );
  });

  it.each([
    ['of a segment to come', s3.name, undefined],
    ['of a timeline that has left this one behind', s2.name.replace(/^00000001/, '00000002'), 8192n],
  ])('takes a compressed segment under the name %s for what it holds', async (_, name, begin) => {
    const history: Record<string, string> =
      begin === undefined ? {} : { '00000002.history': `1\t${formatLsn(BigInt(MiB) + begin)}\tnone\n` };
    const folder = (suffix: string, bytes: Uint8Array): string =>
      folderOf({ [s1.name]: s1.bytes, [name + suffix]: bytes, ...history });
    const compressed = folder('.gz', gzipSync(s2.bytes));
    const inventory = await takeInventory([compressed]);
    expect(inventory.unused).toEqual([]);
    expect(inventory.problems).toMatchObject([
      { code: 'name-mismatch', file: join(compressed, `${name}.gz`) },
    ]);
    expect(names(inventory)).toEqual([s1.name, s2.name]);
    // as it is, it is what the server keeps
    expect((await takeInventory([folder('', s2.bytes)])).unused).toMatchObject([
      { name, reason: 'recycled' },
    ]);
  });

  it('knows a segment under any name when it is given itself, but not within a folder', async () => {
    const [copied] = segmentsOf(1, { timeline: 3 });
    copied.bytes.set(s1.bytes.subarray(0, 8192)); // begins on timeline 1
    const folder = folderOf({ 'saved.bin': copied.bytes, 'other.bin': 'text' });
    expect(names(await takeInventory([join(folder, 'saved.bin'), join(folder, 'other.bin')]))).toEqual([
      copied.name,
    ]);
    expect(names(await takeInventory([folder]))).toEqual([]);
  });

  it('reads the small files beside the WAL', async () => {
    const folder = folderOf({
      [`pg_wal/${s1.name}`]: s1.bytes,
      [`pg_wal/archive_status/${s1.name}.ready`]: '',
      'pg_wal/archive_status/00000002.history.done': '',
      'pg_wal/00000003.history': 'nonsense',
      backup_label: 'x',
      'base/1/1234': 'x',
    });
    const inventory = await takeInventory([folder]);
    expect(inventory.archiveStatus).toEqual([
      { file: s1.name, status: 'ready' },
      { file: '00000002.history', status: 'done' },
    ]);
    expect(inventory.backups).toMatchObject([
      { kind: 'backup-label', source: { name: join(folder, 'backup_label') } },
    ]);
    expect(inventory.problems).toMatchObject([
      { code: 'bad-history', file: join(folder, 'pg_wal/00000003.history') },
    ]);
  });

  it('tells of segments in a form that it cannot read', async () => {
    const folder = folderOf({
      [`${s1.name}.lzo`]: 'x',
      [`${s2.name}-${'0a'.repeat(20)}.gpg`]: 'x',
      'x.lzo': 'x',
    });
    const inFolder = await takeInventory([folder]);
    expect(codes(inFolder.problems)).toEqual(['unsupported-compression', 'unsupported-compression']);
    const named = await takeInventory([join(folder, `${s1.name}.lzo`)]);
    expect(named.problems).toMatchObject([
      { code: 'unsupported-compression', file: join(folder, `${s1.name}.lzo`) },
    ]);
  });

  it('refuses a path that is not there', async () => {
    await expect(takeInventory(['/no/such/folder'])).rejects.toMatchObject({
      code: 'unreadable',
      message: 'cannot read /no/such/folder: no such file or folder; check the path',
    });
  });

  it('tells of a dead link that should be WAL', async () => {
    const folder = folderOf({ [s1.name]: s1.bytes });
    symlinkSync(join(folder, 'gone'), join(folder, s2.name));
    symlinkSync(join(folder, 'gone'), join(folder, 'something'));
    const { problems } = await takeInventory([folder]);
    expect(problems).toMatchObject([{ code: 'unreadable', file: join(folder, s2.name) }]);
  });

  it('takes sources of one’s own', async () => {
    const packed = readFileSync('testdata/formats/000000010000000000000024.zst');
    const source: ByteSource = {
      name: 's3://bucket/wal/000000010000000000000024.zst',
      async *open() {
        yield packed;
      },
    };
    const inventory = await takeInventory([source]);
    expect(inventory.segments).toMatchObject([
      { name: '000000010000000000000024', start: 0x2400000n, source },
    ]);
  });

  it('takes an empty folder for what it is', async () => {
    const folder = folderOf({});
    mkdirSync(join(folder, 'deeper'));
    expect(await takeInventory([folder])).toMatchObject({ segments: [], problems: [], format: undefined });
  });

  it('reads no more than the first page of segments that are there once', async () => {
    const taken: (number | undefined)[] = [];
    const sources = [s1, s2, s3].map(
      ({ name, bytes }): ByteSource => ({
        name,
        async *open({ wanted } = {}) {
          taken.push(wanted);
          for (let at = 0; at < bytes.length; at += 4096) {
            if (at > 8192) throw new Error('read on');
            yield bytes.subarray(at, at + 4096);
          }
        },
      }),
    );
    const inventory = await takeInventory(sources);
    expect(inventory.problems).toEqual([]);
    expect(names(inventory)).toEqual([s1.name, s2.name, s3.name]);
    expect(taken.every((wanted) => wanted !== undefined && wanted <= 65_536)).toBe(true);
  });
});

describe('a history file', () => {
  it('that is longer than any history can be is a problem', async () => {
    const lines = Array.from({ length: 30_000 }, (_, i) => `${i + 1}\t0/${(i + 1).toString(16)}\tx\n`);
    const history = (count: number): ByteSource =>
      memorySource('7FFFFFFF.history', Buffer.from(lines.slice(0, count).join('')));
    const wal = memorySource(s1.name, s1.bytes);
    const long = await takeInventory([wal, history(30_000)]);
    expect(codes(long.problems)).toEqual(['file-too-large']);
    expect(long.histories).toEqual([]);
    const started = performance.now();
    const allowed = await takeInventory([wal, history(15_000)]);
    expect(allowed.problems).toEqual([]);
    expect(timelineChain(allowed, 0x7fffffff).history).toHaveLength(15_001);
    expect(performance.now() - started).toBeLessThan(3000);
  });
});

describe('a file of zeroes', () => {
  it('is looked at for no longer than a segment can be', async () => {
    const zeroes = new Uint8Array(64 * MiB);
    let given = 0;
    const endless: ByteSource = {
      name: s2.name,
      async *open() {
        for (; ; given++) yield zeroes;
      },
    };
    const { unused } = await takeInventory([memorySource(s1.name, s1.bytes), endless]);
    expect(unused).toMatchObject([{ name: s2.name, reason: 'zeroed' }]);
    expect(given).toBeLessThan(20);
  });
});

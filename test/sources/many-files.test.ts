import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TimelineSwitch } from '../../src/cluster/history.js';
import { fileSource } from '../../src/node/files.js';
import { takeInventory } from '../../src/node/questions.js';
import type { ByteSource } from '../../src/sources/byte-source.js';
import { disagreements, type HistoryFile } from '../../src/sources/histories.js';
import { memorySource } from '../../src/sources/memory-source.js';
import { readWhole } from '../../src/sources/read.js';
import { readSegments } from '../../src/sources/read-segments.js';
import { PORTABLE_READING } from '../../src/sources/reading.js';
import { folderOf, MiB, segmentsOf } from '../support/folder.js';

/** A tar file of members, each with its header and filled up to whole blocks. */
function tarOf(members: Iterable<[name: string, content: Uint8Array]>): Buffer {
  const blocks: Buffer[] = [];
  for (const [name, content] of members) {
    const header = Buffer.alloc(512);
    header.write(name, 0, 'latin1');
    header.write(content.length.toString(8).padStart(11, '0'), 124, 'latin1');
    header.write('0', 156, 'latin1');
    header.write('ustar\x0000', 257, 'latin1');
    header.fill(' ', 148, 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    blocks.push(header, Buffer.from(content), Buffer.alloc(-content.length & 511));
  }
  return Buffer.concat(blocks);
}

const EMPTY = new Uint8Array(0);

function* named(count: number, nameOf: (hex: string) => string): Generator<[string, Uint8Array]> {
  for (let i = 1; i <= count; i++) yield [nameOf(i.toString(16).toUpperCase().padStart(8, '0')), EMPTY];
}

describe('an archive of more files than there can be', () => {
  it.each([
    ['segments', (hex: string) => `0000000100000000${hex}`],
    ['history files', (hex: string) => `${hex}.history`],
  ])('is told of by so many %s, and the number of the rest', async (_, nameOf) => {
    const { problems } = await takeInventory([memorySource('x.tar', tarOf(named(3000, nameOf)))]);
    expect(problems).toHaveLength(1001);
    expect(problems.at(-1)?.message).toMatch(/^(1999|2000) more files have a problem of this kind/);
  });

  it('takes little memory: 100,000 members of a tar file', () => {
    const folder = folderOf({});
    const tar = join(folder, 'x.tar');
    writeFileSync(tar, tarOf(named(100_000, (hex) => `0000000100000000${hex}`)));
    const args = ['--max-old-space-size=48', 'dist/cli.js', 'archive', tar];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(stderr).toMatch(/^walscan: .*000000010000000000000001/);
    expect(status).toBe(2);
  });

  it('takes little memory: 40,000 files of a folder', () => {
    const folder = folderOf({});
    for (const [name] of named(40_000, (hex) => `0000000100000000${hex}`))
      writeFileSync(join(folder, name), '');
    const args = ['--max-old-space-size=24', 'dist/cli.js', 'archive', folder];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(stderr).toMatch(/^walscan: .*000000010000000000000001/);
    expect(status).toBe(2);
  });

  it('may have names in a tar file that no file system has', async () => {
    const long = `${'x/'.repeat(2100)}`;
    const header = tarOf([['pax', Buffer.from(`${long.length + 11} path=${long}\n`)]]);
    header.write('x', 156, 'latin1');
    header.fill(' ', 148, 156);
    const sum = header.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    const tar = Buffer.concat([header, tarOf([['00000002.history', EMPTY]])]);
    const { problems } = await takeInventory([memorySource('x.tar', tar)]);
    expect(problems).toMatchObject([{ code: 'corrupt-tar', file: 'x.tar' }]);
  });
});

describe('a plain tar file', () => {
  it('is read where its members lie, in whatever order they are asked for', async () => {
    const folder = folderOf({ 'x.tar': tarOf(segmentsOf(12).map(({ name, bytes }) => [name, bytes])) });
    const file = fileSource(join(folder, 'x.tar'));
    let opened = 0;
    let given = 0;
    const counted: ByteSource = {
      name: 'x.tar',
      open: (options) => {
        opened++;
        return file.open(options);
      },
      read: async (from, to) => {
        const bytes = await file.read!(from, to);
        given += bytes.length;
        return bytes;
      },
    };
    const { segments } = await takeInventory([counted]);
    expect(segments).toHaveLength(12);
    const before = opened;
    given = 0;
    for (const { source } of segments.reverse()) {
      expect((await readWhole(source, MiB, PORTABLE_READING)).length).toBe(MiB);
    }
    expect(opened).toBe(before);
    expect(given).toBe(12 * MiB);
  });
});

describe('history files', () => {
  it('are compared in time as they have lines', () => {
    let looked = 0;
    const switchFrom = (timeline: number): TimelineSwitch => ({
      timeline,
      get switchLsn() {
        looked++;
        return BigInt(timeline);
      },
      reason: '',
    });
    const histories = Array.from({ length: 300 }, (_, i): HistoryFile => {
      const switches = Array.from({ length: i + 1 }, (_, j) => switchFrom(j + 1));
      const source = memorySource(`${i + 2}.history`, EMPTY);
      return { timeline: i + 2, source, switches, problem: undefined, isEmpty: false };
    });
    expect([...disagreements(histories)]).toEqual([]);
    expect(looked).toBe((300 * 301) / 2);
    histories[0].switches[0] = { timeline: 1, switchLsn: 77n, reason: '' };
    expect([...disagreements(histories)]).toHaveLength(299);
  });
});

describe('reading ahead', () => {
  it.each([
    [1, 3],
    [32, 2],
    [64, 1],
  ])('takes no more memory for segments of %i MiB', async (size, ahead) => {
    let opened = 0;
    const source: ByteSource = {
      name: 'x',
      async *open() {
        opened++;
        yield EMPTY;
      },
    };
    const format = { systemIdentifier: 1n, version: 15, segmentSize: size * MiB, blockSize: 8192 };
    const segments = [1, 2, 3, 4, 5].map((i) => {
      const start = BigInt(i * format.segmentSize);
      return { file: { source, timeline: 1, start }, end: start + BigInt(format.segmentSize) };
    });
    for await (const _ of readSegments(segments, format, PORTABLE_READING)) break;
    expect(opened).toBe(ahead);
  });
});

import { appendFileSync, existsSync, renameSync, rmSync, truncateSync } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { examineArchive } from '../../src/node/questions.js';
import { NODE_READING } from '../../src/node/reading.js';
import { readSegmentBytes } from '../../src/sources/read.js';
import { WalError } from '../../src/wal/error.js';
import { plain, problemsIn } from '../support/faults-told.js';
import { filesOf, folderOf, MiB, segmentsOf } from '../support/folder.js';

const { open } = fs;

/** What the file system does from now on, instead or in addition. */
interface Hooks {
  onOpen?(path: string): void;
  /** @returns how many bytes to read at most */
  onRead?(path: string, count: number): number | undefined;
  onClose?(path: string): void;
}

function fileSystemThat({ onOpen, onRead, onClose }: Hooks): { opened: number; mostOpen: number } {
  const seen = { opened: 0, mostOpen: 0 };
  let count = 0;
  setOpen(async (path: string, ...rest: never[]) => {
    onOpen?.(path);
    const file: FileHandle = await open(path, ...rest);
    seen.mostOpen = Math.max(seen.mostOpen, ++seen.opened);
    const readOf = file.read.bind(file) as (...args: unknown[]) => Promise<unknown>;
    const { close } = file;
    return Object.assign(file, {
      read: async (buffer: Uint8Array, offset: number, length: number, position: number) =>
        readOf(buffer, offset, Math.min(length, onRead?.(path, count++) ?? length), position),
      close: async () => {
        if (file.fd >= 0) seen.opened--;
        await close.call(file);
        onClose?.(path);
      },
    });
  });
  return seen;
}

function setOpen(replacement: unknown): void {
  Object.assign(fs, { open: replacement });
  syncBuiltinESMExports();
}

afterEach(() => setOpen(open));

const failing = (code: string): never => {
  throw Object.assign(new Error(`${code}: it does not work`), { code, errno: -5, syscall: 'read' });
};

/** Every other segment compressed. */
function archive(): string {
  const files = Object.entries(filesOf(segmentsOf(4)));
  return folderOf(
    Object.fromEntries(
      files.map(([name, bytes], i) => (i % 2 === 0 ? [name, bytes] : [`${name}.gz`, gzipSync(bytes)])),
    ),
  );
}

async function examined(folder: string): Promise<unknown> {
  const answer = JSON.stringify(plain(await examineArchive([folder])));
  return JSON.parse(answer.replaceAll(folder, 'folder'));
}

describe('a file system', () => {
  it.each([1, 100, 8191])('of which a read gives %i bytes too few has all of them', async (less) => {
    const folder = archive();
    const clean = await examined(folder);
    fileSystemThat({ onRead: (_, count) => (count % 3 === 0 ? 16_384 - less : undefined) });
    expect(await examined(folder)).toEqual(clean);
  });

  it.each(['EIO', 'ESTALE', 'EACCES', 'EMFILE'])('that fails with %s is told', async (code) => {
    const folder = archive();
    const clean = await examined(folder);
    let told = 0;
    for (const step of ['onOpen', 'onRead', 'onClose'] as const) {
      for (let at = 0; at < 8; at++) {
        let count = 0;
        const strike = (): undefined => (count++ === at ? failing(code) : undefined);
        const seen = fileSystemThat({ [step]: strike });
        const answer = await examined(folder).catch((error: unknown) => {
          if (!(error instanceof WalError)) throw error;
          return { problems: [error.toJSON()] };
        });
        // what was read ahead, and not wanted any more, may fail
        if (problemsIn(answer).length === 0) expect(answer).toEqual(clean);
        else
          expect(problemsIn(answer)).toContainEqual(
            expect.stringMatching(/^unreadable: cannot read \S+0{7}1\w{16}/),
          );
        told += problemsIn(answer).length;
        expect(seen.opened).toBe(0);
      }
    }
    expect(told).toBeGreaterThan(10);
  });

  it('has a few files open at a time, however many there are', async () => {
    const folder = folderOf(filesOf(segmentsOf(40)));
    const seen = fileSystemThat({});
    await examined(folder);
    expect(seen.mostOpen).toBeLessThan(10);
  });

  it.each<[string, (path: string) => void]>([
    ['vanishes', (path) => rmSync(path, { force: true })],
    ['shrinks', (path) => truncateSync(path, 100_000)],
    ['is emptied', (path) => truncateSync(path, 0)],
    ['grows', (path) => appendFileSync(path, new Uint8Array(100_000))],
    [
      'is replaced by another',
      (path) => existsSync(`${path.slice(0, -1)}1`) && renameSync(`${path.slice(0, -1)}1`, path),
    ],
  ])('in which a segment %s between two readings tells that', async (_, change) => {
    const folder = archive();
    let openings = 0;
    fileSystemThat({
      onOpen: (path) => {
        if (path.endsWith('3') && ++openings === 2) change(path);
      },
    });
    expect(problemsIn(await examined(folder))).toContainEqual(expect.stringMatching(/folder\/0{7}1\w{15}3/));
    expect(openings).toBeGreaterThan(1);
  });

  it('in which a file grows faster than it is read ends all the same', async () => {
    const folder = folderOf({ segment: new Uint8Array(1000) });
    let size = 1000;
    fileSystemThat({
      onRead: (path) => {
        appendFileSync(path, new Uint8Array(4 * MiB));
        size += 4 * MiB;
        return 4 * MiB;
      },
    });
    const opened = await NODE_READING.open(`${folder}/segment`);
    if ('list' in opened) throw new Error('a folder');
    const { problem } = await readSegmentBytes(opened, 64 * MiB, NODE_READING);
    expect(problem?.code).toBe('oversized-segment');
    expect(size).toBeLessThan(200 * MiB);
  });
});

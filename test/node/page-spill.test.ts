import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import * as system from 'node:fs';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { build } from 'esbuild';
import fc from 'fast-check';
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { PageSpill } from '../../src/node/page-spill.js';
import { NODE } from '../../src/node/platform.js';
import { type FileSystem, TemporaryFile } from '../../src/node/temporary-file.js';
import { recoverRows } from '../../src/questions/rows/ask.js';
import { MemoryBlockStore } from '../../src/replay/block-store.js';
import { UTC } from '../../src/text/timezone.js';
import { BLCKSZ } from '../../src/wal/record.js';

const store = fc.nat(2);
const block = fc.nat(9);
const step = fc.oneof(
  fc.record({ kind: fc.constant('write' as const), store, block, byte: fc.nat(255) }),
  fc.record({ kind: fc.constant('change' as const), store, block, byte: fc.nat(255) }),
  fc.record({ kind: fc.constant('truncate' as const), store, block }),
  fc.record({ kind: fc.constant('read' as const), store, block }),
);

const pageOf = (byte: number): Uint8Array => new Uint8Array(BLCKSZ).fill(byte);

/** A folder for temporary files, until the test is over. */
function temporaryFolder(folder = mkdtempSync(join(tmpdir(), 'walscan-test-'))): string {
  vi.stubEnv('TMPDIR', folder);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** With one page in memory. */
function spill(fs?: Partial<FileSystem>): PageSpill {
  const pages = new PageSpill(1, { ...system, ...fs });
  onTestFinished(() => pages.close());
  return pages;
}

it('a page that was read stays as it was, whatever is opened after it', () => {
  const blocks = spill().newStore();
  for (let number = 0; number < 200; number++) blocks.write(number, pageOf(number));
  for (let number = 100; number < 200; number++) expect(blocks.open(number)).toEqual(pageOf(number));
  const read = blocks.read(0);
  const last = Array.from({ length: 33 }, (_, number) => blocks.open(number + 1));
  expect(last.map((page) => page?.[0])).toEqual(Array.from({ length: 33 }, (_, number) => number + 1));
  for (let number = 100; number < 200; number++) expect(blocks.open(number)?.[9]).toBe(number);
  expect(read).toEqual(pageOf(0));
});

it('pages are the same, be they in memory or in a file', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 60 }), (limit, steps) => {
      const pages = new PageSpill(limit);
      try {
        const actual = [0, 1, 2].map(() => pages.newStore());
        const expected = [0, 1, 2].map(() => new MemoryBlockStore());
        for (const one of steps) {
          for (const { [one.store]: blocks } of [actual, expected]) {
            if (one.kind === 'write') blocks.write(one.block, pageOf(one.byte));
            const open = one.kind === 'change' ? blocks.open(one.block) : undefined;
            if (one.kind === 'change' && open) blocks.write(one.block, open.fill(one.byte));
            if (one.kind === 'truncate') blocks.truncate(one.block);
          }
          expect(actual[one.store].has(one.block)).toBe(expected[one.store].has(one.block));
          expect(actual[one.store].read(one.block)).toEqual(expected[one.store].read(one.block));
        }
        const all = (stores: typeof actual) =>
          stores.map((blocks) => blocks.blocks().map((number) => [number, blocks.read(number)?.[0]]));
        expect(all(actual)).toEqual(all(expected));
      } finally {
        pages.close();
      }
    }),
    { numRuns: 50 },
  );
});

it('a page comes back whole, however few bytes the system takes and gives at a time', () => {
  const few = 1000;
  const pages = spill({
    writeSync: (file: number, bytes: NodeJS.ArrayBufferView, at, length, position) =>
      system.writeSync(file, bytes, at, Math.min(length ?? 0, few), position),
    readSync: (file: number, bytes: NodeJS.ArrayBufferView, at, length, position) =>
      system.readSync(file, bytes, at, Math.min(length ?? 0, few), position),
  } as Partial<FileSystem>);
  const blocks = pages.newStore();
  for (let block = 0; block < 5; block++) blocks.write(block, pageOf(block + 1));
  for (let block = 0; block < 5; block++) expect(blocks.read(block)).toEqual(pageOf(block + 1));
});

it('the file does not grow where relations are truncated and written again', () => {
  let end = 0;
  const pages = spill({
    writeSync: (file: number, bytes: NodeJS.ArrayBufferView, at, length, position) => {
      end = Math.max(end, Number(position) + Number(length));
      return system.writeSync(file, bytes, at, length, position);
    },
  } as Partial<FileSystem>);
  const [one, other] = [pages.newStore(), pages.newStore()];
  for (let round = 0; round < 20; round++) {
    for (let block = 0; block < 3; block++) {
      one.write(block, pageOf(round));
      other.write(block, pageOf(round));
    }
    expect([one.read(0), other.read(2)]).toEqual([pageOf(round), pageOf(round)]);
    one.truncate(1);
    other.truncate(0);
  }
  expect(end).toBeLessThanOrEqual(6 * BLCKSZ);
});

it('a block that comes again after a truncation has a page of its own', () => {
  const pages = new PageSpill();
  const [one, other] = [pages.newStore(), pages.newStore()];
  one.write(0, pageOf(1));
  one.truncate(0);
  other.write(0, pageOf(2));
  one.write(0, pageOf(3));
  expect([one.read(0), other.read(0)]).toEqual([pageOf(3), pageOf(2)]);
});

it('pages that leave do not stay in memory where others come that are new', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');
  const LIMIT = 4096;
  const pages = new PageSpill(LIMIT);
  onTestFinished(() => pages.close());
  const blocks = pages.newStore();
  const write = (from: number): void => {
    for (let block = from; block < from + LIMIT; block++) blocks.write(block, pageOf(1));
  };
  write(0);
  write(LIMIT);
  collectGarbage();
  const full = process.memoryUsage().arrayBuffers;
  for (let block = 0; block < LIMIT; block++) blocks.open(block);
  write(2 * LIMIT);
  // what is collected is freed a little later
  await vi.waitFor(() => {
    collectGarbage();
    const most = process.memoryUsage().arrayBuffers;
    expect(most - full).toBeLessThan((LIMIT / 4) * BLCKSZ);
  });
});

it('truncating again and again takes no longer than writing the blocks', () => {
  const blocks = new PageSpill().newStore();
  const page = pageOf(0);
  const COUNT = 30_000;
  for (let block = 0; block < COUNT; block++) blocks.write((block * 7919) % COUNT, page);
  // 900 million steps if each looked at all blocks
  for (let from = COUNT - 1; from >= 0; from--) {
    blocks.write(2 ** 32 - 2, page);
    blocks.truncate(from);
  }
  expect(blocks.blocks()).toEqual([]);
});

describe.skipIf(process.platform === 'win32')('a temporary file', () => {
  it('has no name that could be left behind', () => {
    const folder = temporaryFolder();
    const blocks = spill().newStore();
    for (let block = 0; block < 3; block++) blocks.write(block, pageOf(block));
    expect(readdirSync(folder)).toEqual([]);
    expect(blocks.read(0)).toEqual(pageOf(0));
  });

  describe('that has to keep its name', () => {
    it('is for its owner alone', () => {
      const folder = temporaryFolder();
      const file = new TemporaryFile(withNames());
      const [name] = readdirSync(folder);
      expect(statSync(join(folder, name)).mode & 0o777).toBe(0o700);
      expect(statSync(join(folder, name, 'pages')).mode & 0o777).toBe(0o600);
      file.close();
      expect(readdirSync(folder)).toEqual([]);
    });

    it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('is gone after %s', async (signal) => {
      const folder = temporaryFolder();
      const child = await startHolder('');
      expect(readdirSync(folder)).toHaveLength(1);
      child.kill(signal);
      expect(await once(child, 'exit')).toEqual([null, signal]);
      expect(readdirSync(folder)).toEqual([]);
    });

    it('lets its process do as it likes with signals, and is gone when that exits', async () => {
      const folder = temporaryFolder();
      const child = await startHolder(
        "process.once('SIGTERM', () => setTimeout(() => process.exit(7), 50));",
      );
      child.kill('SIGTERM');
      expect(await once(child, 'exit')).toEqual([7, null]);
      expect(readdirSync(folder)).toEqual([]);
    });
  });

  it('cannot be read where nothing was written', () => {
    const folder = temporaryFolder();
    const file = new TemporaryFile();
    onTestFinished(() => file.close());
    file.write(pageOf(1).subarray(0, 100), 0);
    expect(() => file.read(pageOf(0), 0)).toThrow(
      `a temporary file in ${folder} cannot be read: it ends at byte 100; name another folder in TMPDIR`,
    );
  });

  it.each([
    ['ENOSPC', 'No space left on device', 'make room there, or name another folder in TMPDIR'],
    ['EDQUOT', 'Disk quota exceeded', 'make room there, or name another folder in TMPDIR'],
    ['EIO', 'Input/output error', 'name another folder in TMPDIR'],
    ['EROFS', 'Read-only file system', 'name a folder in TMPDIR that is there and can be written to'],
    ['EACCES', 'Permission denied', 'name a folder in TMPDIR that is there and can be written to'],
    ['EMFILE', 'Too many open files', 'allow more open files'],
  ])('that fails with %s is told with its folder, and what to do', (code, reason, next) => {
    const folder = temporaryFolder();
    const fails = (): never => {
      throw Object.assign(new Error('failed'), { code, errno: -1, syscall: 'write' });
    };
    const message = (done: string): string =>
      `a temporary file in ${folder} cannot be ${done}: ${reason}; ${next}`;
    for (const [done, faulty] of [
      ['made', { mkdtempSync: fails }],
      ['made', { openSync: fails }],
      ['written', { writeSync: fails }],
      ['read', { readSync: fails }],
    ] as const) {
      const blocks = spill(faulty as unknown as Partial<FileSystem>).newStore();
      const work = (): void => {
        for (let block = 0; block < 3; block++) blocks.write(block, pageOf(block));
        blocks.read(0);
      };
      expect(work).toThrow(
        expect.objectContaining({ code: 'temporary-file', message: message(done), file: folder }),
      );
      expect(readdirSync(folder)).toEqual([]);
    }
  });
});

/** A system that does not let go of the name of what is open. */
function withNames(): FileSystem {
  let attempts = 0;
  return {
    ...system,
    rmSync: (path, options) => {
      if (attempts++ === 0) throw Object.assign(new Error('busy'), { code: 'EBUSY' });
      system.rmSync(path, options);
    },
  };
}

/** Starts a process that has such a file open. */
async function startHolder(script: string): Promise<ChildProcess> {
  const { outputFiles } = await build({
    stdin: {
      contents: `import * as system from 'node:fs';
        import { TemporaryFile } from './src/node/temporary-file.ts';
        let attempts = 0;
        const rmSync = (...given) => {
          if (attempts++ === 0) throw Object.assign(new Error('busy'), { code: 'EBUSY' });
          system.rmSync(...given);
        };
        new TemporaryFile({ ...system, rmSync });
        ${script}
        setInterval(() => {}, 1000);
        console.log('ready');`,
      resolveDir: '.',
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    write: false,
  });
  const child = spawn(process.execPath, ['-e', outputFiles[0].text]);
  onTestFinished(() => void child.kill('SIGKILL'));
  child.stderr.pipe(process.stderr);
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  return child;
}

/** Ends the question, and does not stand for something that is wrong with backup or WAL. */
const rowsThroughTemporaryFile = async (): Promise<unknown> =>
  recoverRows(
    ['testdata/rows/18'],
    {
      backup: 'testdata/rows/18/base.tar.gz',
      table: 'ventas.inventarios',
      database: 'ventas_db',
      question: { kind: 'history' },
      timezone: UTC,
    },
    { ...NODE, newPages: () => new PageSpill(1) },
  );

it('a folder for temporary files that is not there ends the question', async () => {
  const folder = join(temporaryFolder(), 'none');
  vi.stubEnv('TMPDIR', folder);
  await expect(rowsThroughTemporaryFile()).rejects.toMatchObject({
    code: 'temporary-file',
    message: `a temporary file in ${folder} cannot be made: No such file or directory; name a folder in TMPDIR that is there and can be written to`,
  });
});

describe('a full disk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'walscan-small-'));
  const mayMount = mount();
  if (mayMount) unmount();
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Two pages and a half. */
  function mount(): boolean {
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=20k', 'tmpfs', folder]);
    return status === 0;
  }

  function unmount(): void {
    execFileSync('umount', [folder]);
  }

  it.skipIf(!mayMount)('ends the question (takes leave to mount)', async () => {
    mount();
    onTestFinished(unmount);
    vi.stubEnv('TMPDIR', folder);
    onTestFinished(() => void vi.unstubAllEnvs());
    await expect(rowsThroughTemporaryFile()).rejects.toMatchObject({
      code: 'temporary-file',
      message: `a temporary file in ${folder} cannot be written: No space left on device; make room there, or name another folder in TMPDIR`,
    });
    expect(readdirSync(folder)).toEqual([]);
  });
});

it('a block that was cut off and comes back shares its place with no other', () => {
  const pages = new PageSpill(1);
  try {
    const [one, other] = [pages.newStore(), pages.newStore()];
    const page = (byte: number): Uint8Array => new Uint8Array(BLCKSZ).fill(byte);
    one.write(0, page(1));
    one.truncate(0);
    other.write(0, page(2));
    one.write(0, page(3));
    expect(other.read(0)).toEqual(page(2));
    expect(one.read(0)).toEqual(page(3));
  } finally {
    pages.close();
  }
});

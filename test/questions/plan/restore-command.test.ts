import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { takeInventory } from '../../../src/node/questions.js';
import { NODE_READING } from '../../../src/node/reading.js';
import { restoreCommand } from '../../../src/questions/plan/restore-command.js';
import { folderOf, segmentsOf } from '../../support/folder.js';
import type { WrittenSegment } from '../../support/wal-writer.js';

const segments = segmentsOf(3);
const [first, second, third] = segments;

const has = (program: string): boolean =>
  spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;

/** The command for what is in these paths, and what the server gets by it. */
async function restoring(
  paths: string[],
  ownWal?: string,
): Promise<{ command: string; misnamed: string[]; restored: (name: string) => Buffer | undefined }> {
  const inventory = await takeInventory(paths);
  const broken = inventory.brokenCopies.map(({ file }) => file);
  const needed = inventory.segments.map(({ name, source, copies }) => ({
    name,
    sources: [source, ...copies],
    broken: copies.filter((copy) => broken.includes(copy.name)),
  }));
  const { command, misnamed } = await restoreCommand(needed, NODE_READING, {
    isInPlace: ({ folder }) => ownWal !== undefined && folder?.path === ownWal,
  });
  const target = join(folderOf({}), 'RECOVERYXLOG');
  return {
    command,
    misnamed: misnamed.map(({ name }) => name),
    restored(name) {
      rmSync(target, { force: true });
      // as the server does it (BuildRestoreCommand)
      const line = command.replace(
        /%([fp%])/g,
        (_, what) => ({ f: name, p: target, '%': '%' })[what as string]!,
      );
      const { status } = spawnSync('sh', ['-c', line], { stdio: 'ignore' });
      return status === 0 && existsSync(target) ? readFileSync(target) : undefined;
    },
  };
}

function expectAll(
  restored: (name: string) => Buffer | undefined,
  wanted: WrittenSegment[] = segments,
): void {
  for (const { name, bytes } of wanted) expect(restored(name)?.equals(bytes), name).toBe(true);
  expect(restored('000000010000000000000009')).toBeUndefined();
}

function packed(program: string, bytes: Uint8Array): Buffer {
  return execFileSync(program, ['-c'], { input: bytes, maxBuffer: 1 << 26 });
}

describe('restore_command', () => {
  it('is told by the files that are left where the first is gone', async () => {
    const folder = folderOf(
      Object.fromEntries(segments.map(({ name, bytes }) => [`${name}.gz`, gzipSync(bytes)])),
    );
    const { segments: found } = await takeInventory([folder]);
    const needed = found.map(({ name, source }) => ({ name, sources: [source] }));
    rmSync(join(folder, `${first.name}.gz`));
    expect((await restoreCommand(needed, NODE_READING)).command).toMatch(/gzip|gunzip|zcat/);
    for (const { name } of [second, third]) rmSync(join(folder, `${name}.gz`));
    await expect(restoreCommand(needed, NODE_READING)).rejects.toMatchObject({ code: 'unreadable' });
  });

  it('copies files as they are', async () => {
    const folder = folderOf(Object.fromEntries(segments.map(({ name, bytes }) => [name, bytes])));
    const { command, restored } = await restoring([folder]);
    expect(command).toBe(`cp ${folder}/%f %p`);
    expectAll(restored);
  });

  it.for([
    ['gz', 'gzip', 'gunzip'],
    ['bz2', 'bzip2', 'bunzip2'],
    ['xz', 'xz', 'xz -dc'],
    ['lz4', 'lz4', 'lz4 -dc'],
    ['zst', 'zstd', 'zstd -dc'],
    ['br', 'brotli', 'brotli -dc'],
    ['lzma', 'lzma', 'xz --format=lzma -dc'],
  ])('unpacks .%s', async ([ending, program, unpack], { skip }) => {
    skip(!has(program), `${program} is not installed`);
    const files = segments.map(({ name, bytes }) => [`${name}.${ending}`, packed(program, bytes)]);
    const folder = folderOf(Object.fromEntries(files));
    const { command, restored } = await restoring([folder]);
    expect(command).toBe(`${unpack} < ${folder}/%f.${ending} > %p`);
    expectAll(restored);
  });

  it('finds files in dated folders', async () => {
    const root = folderOf({
      [`2026-11-01/${first.name}.gz`]: gzipSync(first.bytes),
      [`2026-11-02/${second.name}.gz`]: gzipSync(second.bytes),
      [`2026-11-02/${third.name}.gz`]: gzipSync(third.bytes),
    });
    const { restored, misnamed } = await restoring([root]);
    expect(misnamed).toEqual([]);
    expectAll(restored);
  });

  it('looks in the folders given alone, not beside them', async () => {
    const [foreign] = segmentsOf(1, { systemIdentifier: 1n });
    const root = folderOf({
      [`a/${third.name}`]: foreign.bytes,
      [`b/old/${third.name}`]: foreign.bytes,
      [`b/${first.name}`]: first.bytes,
      [`c/${second.name}`]: second.bytes,
      [`d/${third.name}`]: third.bytes,
    });
    const { restored } = await restoring([
      join(root, 'b', first.name),
      ...['c', 'd'].map((name) => join(root, name)),
    ]);
    expectAll(restored);
  });

  it('does not restore an empty file where a tar file has none', async ({ skip }) => {
    skip(!has('lz4'), 'lz4 is not installed');
    const files = segments.map(({ name, bytes }) => [`in/${name}.lz4`, packed('lz4', bytes)]);
    const folder = folderOf(Object.fromEntries(files));
    execFileSync('tar', ['-cf', join(folder, 'a.tar'), '-C', join(folder, 'in'), '.']);
    const { restored } = await restoring([join(folder, 'a.tar')]);
    expectAll(restored);
  });

  it('passes over folders with broken copies, and takes as few as have all', async () => {
    const root = folderOf({
      [`a/${first.name}.gz`]: gzipSync(first.bytes),
      [`a/${second.name}.gz`]: gzipSync(second.bytes).subarray(0, 5000),
      [`b/${third.name}`]: third.bytes.subarray(0, 9000),
      [`b/${first.name}`]: first.bytes,
      ...Object.fromEntries(segments.map(({ name, bytes }) => [`c/${name}.gz`, gzipSync(bytes)])),
      [`d/${third.name}`]: third.bytes,
    });
    const { command, restored } = await restoring([root]);
    expect(command).toBe(`gunzip < ${root}/c/%f.gz > %p`);
    expectAll(restored);
    rmSync(join(root, 'c', `${third.name}.gz`));
    expectAll((await restoring([root])).restored);
  });

  it('finds pgBackRest’s files', async () => {
    const named = segments.map(({ name, bytes }) => {
      const sha1 = createHash('sha1').update(bytes).digest('hex');
      return [`${name.slice(0, 16)}/${name}-${sha1}.gz`, gzipSync(bytes)];
    });
    const { restored } = await restoring([folderOf(Object.fromEntries(named))]);
    expectAll(restored);
  });

  it('takes files out of a tar file', async () => {
    const folder = folderOf(Object.fromEntries(segments.map(({ name, bytes }) => [`in/${name}`, bytes])));
    const names = segments.map(({ name }) => name);
    const tar = join(folder, 'pg_wal.tar.gz');
    execFileSync('tar', ['-czf', tar, '-C', join(folder, 'in'), ...names]);
    const { restored } = await restoring([tar]);
    expectAll(restored);
  });

  it('tries one form after the other', async () => {
    const folder = folderOf({
      [first.name]: first.bytes,
      [`${second.name}.gz`]: gzipSync(second.bytes),
      [`late/${third.name}.partial`]: third.bytes,
    });
    const { restored } = await restoring([folder]);
    expectAll(restored);
  });

  it('is right with names that mean something to the shell or to the server', async () => {
    const root = folderOf({ [`it's 100% "safe" $HOME/${first.name}.gz`]: gzipSync(first.bytes) });
    const { restored } = await restoring([root]);
    expectAll(restored, [first]);
  });

  it.for([
    '.bak$(touch PWNED)',
    '.bak`touch PWNED`',
    "'; touch PWNED; '",
    ' (1).gz',
    '.bak*[a]?',
    '.two\nlines',
    '.100%f',
  ])('takes what follows the name for nothing but a name: %j', async (ending) => {
    const plain = folderOf({ [first.name + ending]: first.bytes });
    const dated = folderOf({
      [`1/${first.name}${ending}`]: first.bytes,
      [`2/${second.name}${ending}`]: second.bytes,
    });
    const one = await restoring([join(plain, first.name + ending)]);
    const files = [`1/${first.name}`, `2/${second.name}`].map((name) => join(dated, name + ending));
    const several = await restoring(files);
    expectAll(one.restored, [first]);
    expectAll(several.restored, [first, second]);
    expect(existsSync('PWNED')).toBe(false);
  });

  it('names members of a tar file by what cannot be an option, and the tar file from anywhere', async () => {
    const member = `--to-command=touch PWNED/$(touch PWNED)/${first.name}`;
    const folder = folderOf({ [member]: first.bytes });
    execFileSync('tar', ['-cf', join(folder, 'a.tar'), '-C', folder, '--', member]);
    const { restored, command } = await restoring([relative('.', join(folder, 'a.tar'))]);
    expect(command).toContain(`tar -xOf ${folder}/a.tar -- `);
    expectAll(restored, [first]);
    expect(existsSync('PWNED')).toBe(false);
  });

  it('takes pgBackRest’s files out of a tar file', async () => {
    const sha1 = createHash('sha1').update(first.bytes).digest('hex');
    const folder = folderOf({ [`[a]*/${first.name}-${sha1}.gz`]: gzipSync(first.bytes) });
    execFileSync('tar', ['-cf', join(folder, 'a.tar'), '-C', folder, '[a]*']);
    const { restored } = await restoring([join(folder, 'a.tar')]);
    expectAll(restored, [first]);
  });

  it('leaves out what the backup brings along, and tells of files with other names', async () => {
    const root = folderOf({ [`pg_wal/${first.name}`]: first.bytes, 'a-file': second.bytes });
    const own = await restoring([join(root, 'pg_wal')], join(root, 'pg_wal'));
    expect([own.command, own.misnamed]).toEqual(['false', []]);
    const odd = await restoring([join(root, 'a-file')]);
    expect([odd.command, odd.misnamed]).toEqual(['false', [second.name]]);
  });
});

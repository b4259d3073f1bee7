import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli } from '../support/cli.js';
import type { Environment } from '../support/environment.js';
import { describeServers } from '../support/postgres.js';

let output = '';
let errors = '';

async function run(args: string[], env?: Environment): Promise<number | null> {
  const { stdout, stderr, code } = await runCli(args, env);
  [output, errors] = [stdout, stderr];
  return code;
}

const folder = mkdtempSync(join(tmpdir(), 'walscan-control-'));
afterAll(() => rmSync(folder, { recursive: true }));

const LAB = 'testdata/lab/17';
const LAB_FILE = `${LAB}/pg_control`;
const controlFile = readFileSync(LAB_FILE);
const expected = readFileSync(`${LAB}/pg_controldata.txt`, 'utf8');

async function tarOf(files: Record<string, Buffer>): Promise<Buffer> {
  const tar = pack();
  for (const [name, data] of Object.entries(files)) tar.entry({ name }, data);
  tar.finalize();
  const parts: Buffer[] = [];
  for await (const part of tar) parts.push(part);
  return Buffer.concat(parts);
}

describe('walscan control', () => {
  it('prints pg_control as pg_controldata does', async () => {
    expect(await run(['control', `${LAB}/pg_control`])).toBe(0);
    expect(output).toBe(expected);
    expect(errors).toBe('');
  });

  it.skipIf(process.platform === 'win32')('prints what comes through a pipe', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const [code] = await Promise.all([run(['control', pipe]), writeFile(pipe, controlFile)]);
    expect([code, output, errors]).toEqual([0, expected, '']);
  });

  it('prints times in the zone of TZ', async () => {
    await run(['control', `${LAB}/pg_control`], { TZ: 'MST7' });
    expect(output).toMatch(/^Time of latest checkpoint: {12}Sun Nov 22 03:/m);
  });

  it('finds it in a data folder', async () => {
    mkdirSync(join(folder, 'data', 'global'), { recursive: true });
    writeFileSync(join(folder, 'data', 'global', 'pg_control'), controlFile);
    expect(await run(['control', join(folder, 'data')])).toBe(0);
    expect(output).toBe(expected);
  });

  it.each(['', './', 'data/'])(
    'finds it in a tar file of a base backup, as %sglobal/pg_control',
    async (prefix) => {
      const tar = await tarOf({
        backup_label: Buffer.from('START'),
        [`${prefix}global/1262`]: Buffer.alloc(20_000, 1),
        [`${prefix}global/pg_control`]: controlFile,
        'base/1/1259': Buffer.alloc(20_000, 2),
      });
      const path = join(folder, 'base.tar.gz');
      writeFileSync(path, gzipSync(tar));
      expect(await run(['control', path])).toBe(0);
      expect(output).toBe(expected);
    },
  );

  it('prints JSON', async () => {
    expect(await run(['control', '--json', `${LAB}/pg_control`])).toBe(0);
    const value = (label: string) => new RegExp(`^${label}: *(.*)$`, 'm').exec(expected)?.[1];
    const time = new Date(`${value('pg_control last modified')} UTC`)
      .toISOString()
      .replace('000Z', '000000Z');
    expect(JSON.parse(output)).toMatchObject({
      postgres: 17,
      systemIdentifier: value('Database system identifier'),
      state: 'in production',
      lastModified: time,
      checkPoint: '0/05000080',
      checkPointCopy: {
        redo: '0/05000028',
        timeline: 1,
        nextXid: value("Latest checkpoint's NextXID")?.slice(2),
      },
      walLevel: 'replica',
      walSegmentSize: 16777216,
      mockAuthenticationNonce: value('Mock authentication nonce'),
      crcValid: true,
    });
  });

  it('prints a damaged file as JSON with a problem, and ends with 3', async () => {
    const path = join(folder, 'damaged');
    writeFileSync(path, Uint8Array.from(controlFile).fill(7, 200, 204));
    expect(await run(['control', '--json', path])).toBe(3);
    expect(JSON.parse(output)).toMatchObject({ crcValid: false, problems: [{ code: 'control-checksum' }] });
    expect(errors).toBe(
      `walscan: ${path}: the checksum does not fit: the file is damaged, and nothing in it can be trusted\n`,
    );
  });

  it.each([
    [
      'nothing there',
      join(folder, 'nowhere'),
      /^walscan: cannot read .*nowhere: no such file or folder; check the path\n$/,
    ],
    ['a folder of something else', LAB, /^walscan: .*lab.17.global.pg_control.*\n$/],
    [
      'another file',
      `${LAB}/pg_controldata.txt`,
      /^walscan: .*pg_controldata\.txt: this is no pg_control.*\n$/,
    ],
  ])('says what is wrong with %s', async (_, path, message) => {
    expect(await run(['control', path])).toBe(2);
    expect(output).toBe('');
    expect(errors).toMatch(message);
  });

  it('says that a tar file is none of a data folder', async () => {
    const path = join(folder, 'other.tar');
    writeFileSync(path, await tarOf({ 'pg_wal/x': Buffer.from('x') }));
    expect(await run(['control', path])).toBe(2);
    expect(errors).toBe(
      `walscan: ${path} has no global/pg_control: it is not the tar file of a data folder\n`,
    );
  });

  it('needs a file, by an argument, --pgdata or PGDATA, and one alone', async () => {
    expect(await run(['control'])).toBe(2);
    expect(errors).toBe('walscan: give a pg_control or a data folder, or set PGDATA\n');
    for (const args of [['-D', LAB_FILE], ['--pgdata', LAB_FILE], [`--pgdata=${LAB_FILE}`]]) {
      expect([await run(['control', ...args]), output]).toEqual([0, expected]);
    }
    expect([await run(['control'], { PGDATA: LAB_FILE }), output]).toEqual([0, expected]);
    expect(await run(['control', '-D', LAB_FILE, LAB_FILE])).toBe(2);
    expect(await run(['control', LAB_FILE, LAB_FILE])).toBe(2);
    expect(errors).toContain('too many arguments');
  });

  it.each(['--version', '-V'])('says with %s which versions it stands for', async (option) => {
    expect(await run(['control', option])).toBe(0);
    expect(output).toMatch(/^walscan control \d+\.\d+\.\d+ \(pg_controldata of PostgreSQL 10 to 19\)\n$/);
    expect(errors).toBe('');
  });
});

/** src/bin/pg_controldata/t/001_pg_controldata.pl and pg_controldata.c of each version. */
describe.each([10, 11, 12, 13, 14, 15, 16, 17, 18, 19])('a zeroed pg_control of PostgreSQL %i', (version) => {
  const data = join(folder, `zeroed-${version}`);
  const zeroed = (kept: number): void => {
    const real = readFileSync(
      version < 13 ? `testdata/control/${version}/pg_control` : `testdata/lab/${version}/pg_control`,
    );
    mkdirSync(join(data, 'global'), { recursive: true });
    writeFileSync(join(data, 'PG_VERSION'), `${version}\n`);
    writeFileSync(join(data, 'global', 'pg_control'), real.fill(0, kept));
  };

  it.each([0, 16])('prints with its warnings when %i bytes are left', async (kept) => {
    zeroed(kept);
    expect(await run(['control', data])).toBe(0);
    expect(output).toMatch(/^Latest checkpoint's NextOID: {10}0$/m);
    if (version >= 17) {
      const which =
        version >= 19 && kept === 0
          ? /^pg_controldata: warning: control file version \(0\) does not match .* \(1905\)$/m
          : /^pg_controldata: warning: calculated CRC checksum does not match value stored in control file$/m;
      expect(errors).toMatch(which);
      expect(errors).toContain(
        'pg_controldata: warning: invalid WAL segment size in control file (0 bytes)\n',
      );
      expect(output).not.toContain('WARNING');
    } else {
      expect(errors).toBe('');
      expect(output).toMatch(
        /^WARNING: Calculated CRC checksum does not match value stored in file\.\n(?:[^\n]+\n){2}\n/,
      );
      expect(output.includes('WARNING: invalid WAL segment size\n')).toBe(version >= 11);
    }
  });

  it('is not read where nothing tells its version', async () => {
    zeroed(0);
    expect(await run(['control', join(data, 'global', 'pg_control')])).toBe(2);
    expect(output).toBe('');
    expect(errors).toMatch(/it says 0, known are 1002, .*; in a data folder, PG_VERSION may tell\n$/);
  });
});

describeServers('a damaged pg_control prints as by pg_controldata of', ({ version, bin }) => {
  const program = join(bin, 'pg_controldata');

  it.skipIf(!existsSync(program))('with any bit changed, or all', async () => {
    const data = join(folder, 'flipped');
    const real = readFileSync(`testdata/lab/${version}/pg_control`);
    mkdirSync(join(data, 'global'), { recursive: true });
    writeFileSync(join(data, 'PG_VERSION'), `${version}\n`);
    // 0x55 in all bytes: a version that is none, and a time that C can split
    const changed = Array.from({ length: 48 }, (_, i) =>
      Buffer.from(real).fill(real[i * 6] ^ (1 << (i % 8)), i * 6, i * 6 + 1),
    );
    for (const bytes of [real, Buffer.alloc(8192), Buffer.alloc(8192, 0x55), ...changed]) {
      writeFileSync(join(data, 'global', 'pg_control'), bytes);
      const { stdout, stderr, status } = spawnSync(program, [data], {
        encoding: 'utf8',
        env: { LC_ALL: 'C', TZ: 'UTC' },
      });
      expect([await run(['control', data]), output, errors]).toEqual([status, stdout, stderr]);
    }
  });
});

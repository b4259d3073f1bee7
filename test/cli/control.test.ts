import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterAll, describe, expect, it } from 'vitest';
import { type Environment, runCli } from '../support/cli.js';

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
const controlFile = readFileSync(`${LAB}/pg_control`);
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

  it('prints a damaged file with a warning', async () => {
    const path = join(folder, 'damaged');
    writeFileSync(path, Uint8Array.from(controlFile).fill(7, 200, 204));
    expect(await run(['control', path])).toBe(3);
    expect(output.split('\n').length).toBe(expected.split('\n').length);
    expect(errors).toBe(
      `walscan: ${path}: the checksum does not fit: the file is damaged, and nothing in it can be trusted\n`,
    );
  });

  it.each([
    ['nothing there', join(folder, 'nowhere'), /^walscan: cannot read .*nowhere: no such file or folder\n$/],
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

  it('needs a file', async () => {
    expect(await run(['control'])).toBe(2);
    expect(errors).toContain("missing required argument 'file'");
  });
});

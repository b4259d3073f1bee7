import { existsSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findIncidents, recoverRows } from '../../src/node/questions.js';
import { formatRows } from '../../src/questions/rows/format.js';
import { UTC } from '../../src/text/timezone.js';
import { SMALL_SEGMENTS } from '../support/pitr-lab.js';
import { Cluster, copyFiles, describeServers, runAsServer, serverFolder } from '../support/postgres.js';

/** In the one row of a table: what is changed behind the server's back. */
const BEFORE = 'as it was before';
const AFTER = 'as it was Before';

/** As it is, in blocks of 64 KiB (RFC 8878, section 3.1.1). */
function inZstdFrame(bytes: Buffer): Buffer {
  const SIZE = 65_536;
  const parts: Buffer[] = [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x38])];
  for (let at = 0; at < bytes.length; at += SIZE) {
    const block = bytes.subarray(at, at + SIZE);
    const header = Buffer.alloc(3);
    header.writeUIntLE(block.length * 8 + (at + SIZE >= bytes.length ? 1 : 0), 0, 3);
    parts.push(header, block);
  }
  return Buffer.concat(parts);
}

describeServers('a backup that is not as its manifest says,', (postgres) => {
  const program = join(postgres.bin, 'pg_basebackup');
  if (!existsSync(program)) {
    it.skip('is told: there is no pg_basebackup');
    return;
  }
  let root: string;
  let cluster: Cluster;
  let wal: string;
  let file: string;
  let copies = 0;

  /** Takes a backup of the server. @returns its folder */
  function backup(...options: string[]): string {
    const folder = join(root, `backup-${++copies}`);
    const connection = ['-h', cluster.folder, '-p', String(cluster.port), '-U', 'postgres', '-c', 'fast'];
    runAsServer(program, ['-D', folder, ...connection, ...options]);
    return folder;
  }

  beforeAll(async () => {
    root = serverFolder();
    // without checksums of pages, which tell more
    const none = postgres.version >= 18 ? ['--no-data-checksums'] : [];
    const settings = [
      "wal_keep_size = '1GB'",
      'autovacuum = off',
      'max_wal_senders = 4',
      'wal_level = replica',
    ];
    cluster = Cluster.create(postgres, join(root, 'data'), settings, [...SMALL_SEGMENTS, ...none]);
    cluster.start();
    wal = join(cluster.data, 'pg_wal');
    await cluster.query(`create table t as select '${BEFORE}' as note`);
    await cluster.query('vacuum (freeze)');
    [file] = await cluster.query("select pg_relation_filepath('t')");
  });

  afterAll(() => {
    cluster?.stop('immediate');
    rmSync(root, { recursive: true, force: true });
  });

  async function answer(from: string, paths = [wal]) {
    const question = { kind: 'as-of', target: { kind: 'latest' } } as const;
    const rows = await recoverRows(paths, {
      ...{ backup: from, table: 't', database: 'postgres', question, timezone: UTC },
    });
    try {
      const text = [...formatRows(rows, 'copy', false)].join('');
      return { text, problems: rows.problems.map(({ code, message }) => ({ code, message })) };
    } finally {
      rows.close();
    }
  }

  /** Changes one letter of the row, wherever it is. */
  const change = (bytes: Buffer): Buffer => {
    const at = bytes.indexOf(BEFORE);
    expect(at).toBeGreaterThan(0);
    const changed = Buffer.from(bytes);
    changed.write(AFTER, at, 'latin1');
    return changed;
  };

  const changeFile = (path: string): void => writeFileSync(path, change(readFileSync(path)));

  it.each(['CRC32C', 'SHA224', 'SHA256', 'SHA384', 'SHA512'])('by %s, is told', async (algorithm) => {
    const folder = backup(`--manifest-checksums=${algorithm}`);
    expect(await answer(folder)).toEqual({ text: `${BEFORE}\n`, problems: [] });
    changeFile(join(folder, file));
    const message = expect.stringMatching(`${file} has another checksum .*${algorithm}.* may be wrong`);
    const problems = [{ code: 'damaged-backup', message }];
    expect(await answer(folder)).toEqual({ text: `${AFTER}\n`, problems });
  });

  it('cannot be told without checksums', async () => {
    for (const option of ['--no-manifest', '--manifest-checksums=NONE']) {
      const folder = backup(option);
      changeFile(join(folder, file));
      expect(await answer(folder)).toEqual({ text: `${AFTER}\n`, problems: [] });
    }
  });

  it.each([
    {
      how: 'plain tar',
      options: ['-Ft'],
      name: 'base.tar',
      zip: (bytes: Buffer) => bytes,
      unzip: (bytes: Buffer) => bytes,
    },
    { how: 'a gzipped tar', options: ['-Ft', '-z'], name: 'base.tar.gz', zip: gzipSync, unzip: gunzipSync },
  ])('in $how, is told', async ({ options, name, zip, unzip }) => {
    const folder = backup(...options);
    expect(await answer(folder)).toEqual({ text: `${BEFORE}\n`, problems: [] });
    const path = join(folder, name);
    writeFileSync(path, zip(change(unzip(readFileSync(path)))));
    const problems = [{ code: 'damaged-backup', message: expect.stringMatching(`${file} has another`) }];
    expect(await answer(folder)).toEqual({ text: `${AFTER}\n`, problems });
    expect(await answer(path)).toEqual({ text: `${AFTER}\n`, problems });
  });

  it.each([
    { name: 'piped.tar', zip: (bytes: Buffer) => bytes },
    { name: 'piped.tar.zst', zip: inZstdFrame },
  ])('in $name that went through a pipe, with the manifest in it, is told', async ({ name, zip }) => {
    const path = join(root, 'piped.tar');
    const { folder, port } = cluster;
    const command = `${program} -D - -Ft -X none -c fast -h ${folder} -p ${port} -U postgres > ${path}`;
    runAsServer('/bin/sh', ['-c', command]);
    const bytes = readFileSync(path);
    const packed = join(root, name);
    writeFileSync(packed, zip(bytes));
    expect(await answer(packed)).toEqual({ text: `${BEFORE}\n`, problems: [] });
    writeFileSync(packed, zip(change(bytes)));
    const problems = [{ code: 'damaged-backup', message: expect.stringMatching(`${file} has another`) }];
    expect(await answer(packed)).toEqual({ text: `${AFTER}\n`, problems });
  });

  it.each(['pg_inherits', 'pg_namespace'])('without its %s, is told', async (catalog) => {
    const folder = backup();
    const [path] = await cluster.query(`select pg_relation_filepath('${catalog}')`);
    rmSync(join(folder, path));
    const { text, problems } = await answer(folder);
    expect(text).toBe(`${BEFORE}\n`);
    expect(problems).toContainEqual({
      code: 'damaged-backup',
      message: expect.stringContaining(`has no file ${path}`),
    });
  });

  it.each(['--no-manifest', '--manifest-checksums=NONE'])(
    'without the first file of a table, %s',
    async (option) => {
      const folder = backup(option);
      renameSync(join(folder, file), join(folder, `${file}.1`));
      const { problems } = await answer(folder);
      const message = option === '--no-manifest' ? `has no file ${file},` : `${file} is not in it`;
      expect(problems).toEqual([{ code: 'damaged-backup', message: expect.stringContaining(message) }]);
    },
  );

  it('of another size, or not there, is told', async () => {
    const folder = backup();
    truncateSync(join(folder, file));
    const short = expect.stringMatching(`${file} has 0 bytes, and by its backup_manifest 8192`);
    expect(await answer(folder)).toEqual({
      text: '',
      problems: [{ code: 'damaged-backup', message: short }],
    });
    rmSync(join(folder, file));
    const missing = expect.stringMatching(`has no file ${file}`);
    expect(await answer(folder)).toEqual({
      text: '',
      problems: [{ code: 'damaged-backup', message: missing }],
    });
  });

  it("without a database's map, is told, and not that there is no such database", async () => {
    const folder = backup();
    const map = join(dirname(file), 'pg_filenode.map');
    rmSync(join(folder, map));
    const problem = `${map} is not in it, but in its backup_manifest`;
    await expect(answer(folder)).rejects.toThrow(problem);
    const incidents = (): ReturnType<typeof findIncidents> =>
      findIncidents([wal], { backup: folder, minRows: 1 });
    expect((await incidents()).problems).toMatchObject([{ message: expect.stringContaining(problem) }]);
    // a backup can be of some databases only
    rmSync(join(folder, dirname(file)), { recursive: true });
    expect((await incidents()).problems).toEqual([]);
  });

  it('in what tells who committed, is told', async () => {
    const folder = backup();
    const path = join(folder, 'pg_xact/0000');
    const bytes = readFileSync(path);
    bytes[8000] ^= 1;
    writeFileSync(path, bytes);
    const message = expect.stringMatching('pg_xact/0000 has another checksum');
    expect(await answer(folder)).toEqual({
      text: `${BEFORE}\n`,
      problems: [{ code: 'damaged-backup', message }],
    });
    const { problems } = await findIncidents([wal], { backup: folder, minRows: 1 });
    expect(problems).toMatchObject([{ code: 'incomplete-names', message }]);
  });

  it('is told of a manifest that was changed, which says nothing then', async () => {
    const folder = backup();
    const path = join(folder, 'backup_manifest');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"Size": 8192', '"Size": 8193'));
    const { text, problems } = await answer(folder);
    expect(text).toBe(`${BEFORE}\n`);
    expect(problems.map(({ code }) => code)).toEqual(['manifest-checksum']);
  });

  it('may be one that a server has worked with since', async () => {
    const folder = backup();
    const restored = join(root, 'restored');
    copyFiles(folder, restored);
    const other = new Cluster(postgres, restored);
    other.start();
    await other.query("update t set note = 'changed since'");
    other.stop();
    expect(existsSync(join(restored, 'backup_manifest'))).toBe(true);
    const found = await answer(restored, [join(restored, 'pg_wal')]);
    expect(found).toEqual({ text: 'changed since\n', problems: [] });
  });
});

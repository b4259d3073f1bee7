import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findCommit, findIncidents, recoverRows } from '../../../src/node/questions.js';
import { formatRows } from '../../../src/questions/rows/format.js';
import { UTC } from '../../../src/text/timezone.js';
import type { WalError } from '../../../src/wal/error.js';
import { runCli } from '../../support/cli.js';
import { SMALL_SEGMENTS } from '../../support/pitr-lab.js';
import { describeServers } from '../../support/postgres.js';
import { TestServer } from '../../support/server.js';

const BLOCK = 8192;

/** A file of relations, of which a test damages single bytes. */
class Pages {
  readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor(private readonly path: string) {
    this.bytes = new Uint8Array(readFileSync(path));
    this.view = new DataView(this.bytes.buffer);
  }

  /** Line pointers of normal items, by where they are in the file. */
  *items(): Generator<{ block: number; item: number; at: number; tuple: number; length: number }> {
    for (let block = 0; block * BLOCK < this.bytes.length; block++) {
      const page = block * BLOCK;
      const count = (this.view.getUint16(page + 12, true) - 24) / 4;
      for (let item = 1; item <= count; item++) {
        const at = page + 20 + item * 4;
        const word = this.view.getUint32(at, true);
        if (((word >>> 15) & 3) !== 1) continue;
        yield { block, item, at, tuple: page + (word & 0x7fff), length: word >>> 17 };
      }
    }
  }

  /** The first item whose tuple has these bytes. */
  withBytes(text: string): { block: number; item: number; at: number; tuple: number; length: number } {
    const wanted = Buffer.from(text, 'latin1');
    for (const one of this.items()) {
      if (Buffer.from(this.bytes.subarray(one.tuple, one.tuple + one.length)).includes(wanted)) return one;
    }
    throw new Error(`no item has ${text}`);
  }

  setWord(at: number, value: number): void {
    this.view.setUint32(at, value >>> 0, true);
  }

  save(): void {
    writeFileSync(this.path, this.bytes);
  }
}

describeServers('of a damaged backup, on', (postgres) => {
  let server: TestServer;
  let whole: string;
  let wal: string;
  const files = new Map<string, string>();
  const fileOf = (name: string): string => files.get(name)!;

  beforeAll(() => {
    // what has checksums is found out by these
    const more = postgres.version >= 18 ? ['--no-data-checksums'] : [];
    server = new TestServer(postgres, ["wal_keep_size = '1GB'"], [...SMALL_SEGMENTS, ...more]);
    server.sql(`
      create table kept (id int, word text); insert into kept select g, 'word' || g from generate_series(1, 500) g;
      create table other (id int, word text); insert into other values (1, 'one');
      create table large (id int, word text); alter table large alter word set storage external;
      insert into large select g, repeat(chr(64 + g), 5000) from generate_series(1, 5) g; checkpoint`);
    whole = server.baseBackup('whole', () => {});
    server.sql(
      'insert into other values (2); delete from kept where id = 500; select pg_switch_wal(); checkpoint',
    );
    wal = join(server.root, 'wal');
    cpSync(join(server.data, 'pg_wal'), wal, { recursive: true });
    const names = ['kept', 'other', 'large', 'pg_attribute', 'pg_class', 'pg_type', 'pg_namespace'];
    const path = (regclass: string): string => server.sql(`select pg_relation_filepath(${regclass})`).trim();
    for (const name of names) files.set(name, path(`'${name}'`));
    files.set('toast', path("(select reltoastrelid from pg_class where relname = 'large')"));
  });

  afterAll(() => {
    server?.stop();
    server?.remove();
  });

  /** A copy of the backup with damage. */
  function damaged(table: string, damage: (pages: Pages) => void): string {
    const backup = join(server.root, 'damaged');
    rmSync(backup, { recursive: true, force: true });
    cpSync(whole, backup, { recursive: true });
    const pages = new Pages(join(backup, fileOf(table)));
    damage(pages);
    pages.save();
    return backup;
  }

  async function rowsOf(
    backup: string,
    table: string,
  ): Promise<{ lines: string[]; problems: readonly WalError[]; missing: string[]; isComplete: boolean }> {
    const rows = await recoverRows(wal, {
      ...{ backup, table, database: 'postgres', timezone: UTC },
      question: { kind: 'as-of', target: { kind: 'latest' } },
    });
    try {
      const lines = [...formatRows(rows, 'copy', false)].join('').split('\n').slice(0, -1);
      const { problems, missing, isComplete } = rows;
      return { lines, problems, missing: Array.from(missing, ({ reason }) => String(reason)), isComplete };
    } finally {
      rows.close();
    }
  }

  const rowsOfKept = (backup: string): string[] => {
    const table = ['--database', 'postgres', '--table', 'kept'];
    return ['rows', wal, '--backup', backup, ...table, '--deleted-by', 'last', '--format', 'copy'];
  };

  it.each(['pg_class', 'pg_type', 'pg_namespace', 'pg_attribute'])(
    'a line pointer in %s is told, and the rows of other tables given',
    async (catalog) => {
      let place = '';
      const backup = damaged(catalog, (pages) => {
        const { at, block, item } = [...pages.items()].at(-1)!;
        pages.setWord(at, 0x7fff | (1 << 15) | (0x7fff << 17));
        place = `item ${item} of block ${block} of ${fileOf(catalog)} cannot be read`;
      });
      const told = expect.objectContaining({ message: expect.stringContaining(place) });
      // the last ones are of the tables that were made last
      const { lines, problems } = await rowsOf(backup, catalog === 'pg_namespace' ? 'pg_am' : 'kept');
      expect(lines.length).toBeGreaterThan(catalog === 'pg_namespace' ? 5 : 498);
      expect(problems).toContainEqual(told);

      const incidents = await findIncidents(wal, { backup, minRows: 1 });
      expect(incidents.problems).toContainEqual(told);
      expect(incidents.problems[0].code).toBe('incomplete-names');
      const found = await findCommit(wal, { backup, table: { table: 'kept', database: 'postgres' } });
      expect(found.relations[0].lastDelete).toBeDefined();
      expect(found.problems).toContainEqual(told);

      const { code, stderr } = await runCli(rowsOfKept(backup));
      expect(code).toBe(3);
      expect(stderr).toContain(place);
      expect(stderr).not.toMatch(/\n +at /);
    },
  );

  it('a table whose columns are not all known is no table of those that are', async () => {
    const backup = damaged('pg_attribute', (pages) => {
      const relation = Number(server.sql("select 'kept'::regclass::oid"));
      for (const { at, tuple } of pages.items()) {
        const view = new DataView(pages.bytes.buffer, tuple + pages.bytes[tuple + 22]);
        if (view.getUint32(0, true) === relation && view.getUint8(4) === 'w'.charCodeAt(0))
          pages.setWord(at, 0x8001);
      }
    });
    await expect(rowsOf(backup, 'kept')).rejects.toMatchObject({
      code: 'incomplete-names',
      message: expect.stringMatching(
        /^pg_class has 2 columns of kept, and pg_attribute the first 1 of them, as far as .*: item /,
      ),
      cause: { code: 'corrupt-catalog' },
    });
    expect((await rowsOf(backup, 'other')).lines).toEqual(['1\tone', '2\t\\N']);
  });

  it('a row of pg_attribute is told of who asks for its table, and of no one else', async () => {
    const backup = damaged('pg_attribute', (pages) => {
      const relation = Number(server.sql("select 'other'::regclass::oid"));
      for (const { at, tuple } of pages.items()) {
        const hoff = pages.bytes[tuple + 22];
        const view = new DataView(pages.bytes.buffer, tuple + hoff);
        // of which table it is can be read, and no more
        if (view.getUint32(0, true) === relation && view.getUint8(4) === 'w'.charCodeAt(0))
          pages.setWord(at, (tuple % BLOCK) | (1 << 15) | ((hoff + 20) << 17));
      }
    });
    const { lines, problems, isComplete } = await rowsOf(backup, 'kept');
    expect(lines).toHaveLength(499);
    expect({ problems, isComplete }).toEqual({ problems: [], isComplete: true });
    await expect(rowsOf(backup, 'other')).rejects.toMatchObject({
      code: 'incomplete-names',
      message: expect.stringMatching(/^pg_class has 2 columns of other, .* as far as .*: item /),
    });
  });

  it('a table whose row of pg_class cannot be read may be there', async () => {
    const backup = damaged('pg_class', (pages) => {
      // its file is its own: where it was changed, a former version has another
      for (const { at, tuple } of pages.items()) {
        const start = tuple + pages.bytes[tuple + 22] + 4;
        const name = Buffer.from(pages.bytes.subarray(start, start + 5));
        if (name.equals(Buffer.from('kept\0'))) pages.setWord(at, 0x8001);
      }
    });
    await expect(rowsOf(backup, 'kept')).rejects.toMatchObject({
      code: 'incomplete-names',
      message: expect.stringMatching(/^there is no table kept .* as far as the catalogs can be read: item /),
    });
    expect((await runCli(rowsOfKept(backup))).code).toBe(3);
  });

  it('a row whose value runs out of its tuple is missing, the others are there', async () => {
    const backup = damaged('kept', (pages) => {
      const { tuple } = pages.withBytes('word77');
      pages.bytes[tuple + 28] = 0xff;
    });
    const { lines, missing } = await rowsOf(backup, 'kept');
    expect(lines).toHaveLength(498);
    expect(missing).toEqual([expect.stringContaining('does not fit into its tuple')]);
  });

  it('an item outside of its page is told, and the other rows are given', async () => {
    let place = '';
    const backup = damaged('kept', (pages) => {
      const { at, block, item } = pages.withBytes('word77');
      pages.setWord(at, 0x7ff8 | (1 << 15) | (64 << 17));
      place = `item ${item} of block ${block} of ${fileOf('kept')} cannot be read`;
    });
    const { lines, problems, isComplete } = await rowsOf(backup, 'kept');
    expect(lines).toHaveLength(498);
    expect(isComplete).toBe(false);
    expect(problems).toMatchObject([{ code: 'corrupt-page', message: expect.stringContaining(place) }]);
  });

  it('a page without a header that can be right is told, and the other pages are read', async () => {
    const backup = damaged('kept', (pages) => pages.bytes.set([0xff, 0xff], BLOCK + 12));
    const { lines, problems } = await rowsOf(backup, 'kept');
    expect(lines.length).toBeLessThan(499);
    expect(lines.length).toBeGreaterThan(100);
    expect(problems).toMatchObject([
      { message: expect.stringMatching(/^block 1 of .* is damaged, its header is that of no page/) },
    ]);
  });

  it('a damaged chunk of a long value is told, and the row is missing', async () => {
    const backup = damaged('toast', (pages) => pages.setWord(pages.withBytes('CCCCCC').at, 0x8001));
    const { lines, problems, missing } = await rowsOf(backup, 'large');
    expect(lines).toHaveLength(4);
    expect(missing).toEqual([expect.stringContaining('chunk 0 of TOAST value')]);
    expect(problems).toMatchObject([{ message: expect.stringContaining(fileOf('toast')) }]);
  });

  it('a damaged map of one database is told, and what others have is given', async () => {
    const backup = damaged('kept', () => {});
    const template = server.sql("select oid from pg_database where datname = 'template1'").trim();
    const path = join(backup, `base/${template}/pg_filenode.map`);
    const map = readFileSync(path);
    map[20] ^= 0xff;
    writeFileSync(path, map);
    const { lines, problems, isComplete } = await rowsOf(backup, 'kept');
    expect(lines).toHaveLength(499);
    expect(isComplete).toBe(true);
    expect(problems).toMatchObject([{ code: 'corrupt-relation-map', file: path }]);
    const incidents = await findIncidents(wal, { backup, minRows: 1 });
    expect(incidents.problems).toMatchObject([{ message: expect.stringContaining(path) }]);
  });
});

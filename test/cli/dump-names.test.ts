import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../support/cli.js';
import { folderOf } from '../support/folder.js';
import { readTestdata } from '../support/testdata.js';

const ROOT = 'testdata/rows/18';
const BACKUP = ['--backup', `${ROOT}/base.tar.gz`];

/** name, oid, relfilenode, database oid */
const relation = (name: string): string => {
  const lines = readFileSync(`${ROOT}/truth/relations.txt`, 'utf8').split('\n');
  const [, , relfilenode, database] = lines.find((line) => line.startsWith(`${name}|`))!.split('|');
  return `1663/${database}/${relfilenode}`;
};

async function dump(...args: string[]): Promise<string> {
  const { stdout, stderr, code } = await runCli(['dump', ...args, ROOT]);
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  return stdout;
}

describe('names of relations in dumps', () => {
  it.each([[[]], [['-b']]])('come behind numbers and change nothing else (%j)', async (options) => {
    const plain = await dump(...options);
    const named = await dump(...options, ...BACKUP);
    const file = relation('t_many');
    expect(named).toContain(`rel ${file} (ventas_db.public.t_many) `);
    expect(named).toContain(' (ventas_db.public."Tabla Rara") ');
    expect(named.replaceAll(/(rel \d+\/\d+\/\d+) \((?:[^"()]|"[^"]*")*\)/g, '$1')).toBe(plain);
  });

  it('are fields of block references in JSON', async () => {
    const [line] = (await dump('--json', ...BACKUP, '--rmgr=Heap', '-R', relation('t_many'))).split('\n');
    const { blocks } = JSON.parse(line);
    expect(blocks[0]).toMatchObject({
      relation: relation('t_many'),
      name: { database: 'ventas_db', schema: 'public', name: 't_many' },
    });
  });

  it('stand for numbers in --table', async () => {
    const byName = await dump(...BACKUP, '--table=ventas.inventarios', '--database=ventas_db');
    expect(byName).toBe(await dump(...BACKUP, '-R', relation('ventas.inventarios')));
    expect(byName).not.toBe('');
  });

  it('are told of as not all known where WAL beside what is dumped cannot be read', async () => {
    const segment = '000000010000000000000002';
    const folder = folderOf({
      [segment]: Uint8Array.from(readTestdata(`${ROOT}/${segment}.gz`)),
      '000000010000000000000003.gz': 'not what gzip makes',
    });
    const { stderr, code } = await runCli(['dump', ...BACKUP, '--quiet', join(folder, segment)]);
    expect(stderr).toContain(`${folder}/000000010000000000000003.gz`);
    expect(code).toBe(3);
  });

  it('need a backup', async () => {
    const { stderr, code } = await runCli(['dump', '--table=t_many', '--database=ventas_db', ROOT]);
    expect(code).toBe(1);
    expect(stderr).toContain('option --table requires options --database and --backup to be specified');
  });

  it('are not what an option was short for before', async () => {
    const { code } = await runCli(['dump', '--t=1', '-n', '1', ROOT]);
    expect(code).toBe(0);
  });
});

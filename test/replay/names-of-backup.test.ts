import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  findCommit,
  findIncidents,
  planRecovery,
  readRelationNames,
  takeUsableInventory,
  transactionsOf,
} from '../../src/node/questions.js';
import { findCommitJson } from '../../src/questions/find-commit/json.js';

describe.each([15, 18])(
  'names of relations from a base backup and the WAL after it, PostgreSQL %i',
  (version) => {
    const root = `testdata/rows/${version}`;
    const backup = `${root}/base.tar.gz`;
    /** name, oid, relfilenode, database oid: at the moment `antes`, before the rows were deleted. */
    const relations = readFileSync(`${root}/truth/relations.txt`, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split('|'));

    it('are those that the server gives', async () => {
      const found = await readRelationNames(backup, await takeUsableInventory([root]));
      expect(found.problems).toEqual([]);
      const names = found.names.get(1)!;
      expect(relations).toHaveLength(8);
      for (const [name, , relfilenode, dbOid] of relations) {
        const [schema, table] = name.includes('.') ? name.split('.') : ['public', name.replaceAll('"', '')];
        const expected = { database: 'ventas_db', schema, name: table };
        expect(names.nameOf(`1663/${dbOid}/${relfilenode}`)).toEqual(expected);
        const files = names.filesOf(name, 'ventas_db').map(({ relNumber }) => String(relNumber));
        expect(files).toContain(relfilenode);
      }
      expect(names.nameOf('1664/0/1262')).toEqual({
        database: '',
        schema: 'pg_catalog',
        name: 'pg_database',
      });
      expect(names.nameOf('1663/5/4294967295')).toBeUndefined();
    });

    it('tell whose TOAST tables and indexes are', async () => {
      const { all, owners } = (await readRelationNames(backup, await takeUsableInventory([root]))).names.get(
        1,
      )!;
      const ownerOf = (schema: string, name: string) => {
        const [file] = [...all].find(([, one]) => one.schema === schema && one.name === name)!;
        return owners.get(file);
      };
      const [, oid] = relations.find(([name]) => name === 't_toast')!;
      const toasted = { database: 'ventas_db', schema: 'public', name: 't_toast' };
      expect(ownerOf('pg_toast', `pg_toast_${oid}`)).toEqual(toasted);
      expect(ownerOf('pg_toast', `pg_toast_${oid}_index`)).toEqual(toasted);
      expect(ownerOf('public', 't_many_id_idx')).toEqual({ ...toasted, name: 't_many' });
      expect(ownerOf('pg_catalog', 'pg_database_oid_index')).toEqual({
        database: '',
        schema: 'pg_catalog',
        name: 'pg_database',
      });
      for (const name of ['t_many', 't_toast']) expect(ownerOf('public', name)).toBeUndefined();
    });

    it('fold what is not in quotes, and nothing else', async () => {
      const names = (await readRelationNames(backup, await takeUsableInventory([root]))).names.get(1)!;
      const filesOf = (table: string) => names.filesOf(table, 'ventas_db');
      const files = filesOf('t_trunc');
      expect(files.length).toBeGreaterThan(0);
      for (const same of ['T_TRUNC', 'Public.T_trunc', '"public".T_TRUNC', 'PUBLIC."t_trunc"']) {
        expect(filesOf(same), same).toEqual(files);
      }
      for (const other of ['"T_TRUNC"', '"PUBLIC".t_trunc', 'public."T_trunc"']) {
        expect(filesOf(other), other).toEqual([]);
      }
    });

    it('find a table for find-commit, with the files that it had before', async () => {
      const table = { table: 't_trunc', database: 'ventas_db' };
      const result = await findCommit([root], { table, backup });
      const [{ relation, name, removed }, after] = result.relations;
      expect(name).toEqual({ database: 'ventas_db', schema: 'public', name: 't_trunc' });
      expect(removed).toMatchObject({ kind: 'truncate', newRelation: after.relation });
      expect(relation).not.toBe(after.relation);
      expect(after.name).toEqual(name);
      const [first] = findCommitJson(result).relations;
      expect(first).toMatchObject({ relation, name });
    });

    it('find a table for all its transactions', async () => {
      const table = { table: 't_trunc', database: 'ventas_db' };
      const { relations } = await findCommit([root], { table, backup, transactions: 'all' });
      const generator = transactionsOf([root], { table, backup });
      const told: string[] = [];
      let next = await generator.next();
      for (; !next.done; next = await generator.next()) {
        const { relation, xid, name } = next.value;
        expect(name).toEqual({ database: 'ventas_db', schema: 'public', name: 't_trunc' });
        told.push(`${relation} ${xid}`);
      }
      const all = relations.flatMap(({ relation, transactions }) =>
        transactions.map(({ xid }) => `${relation} ${xid}`),
      );
      expect(all.length).toBeGreaterThan(0);
      expect(told.sort()).toEqual(all.sort());
      expect(next.value).toEqual(await findCommit([root], { table, backup, transactions: 0 }));
    });

    it('give the same answer as the file does', async () => {
      const [name, , relfilenode] = relations.find(([name]) => name === 't_many')!;
      const byName = await findCommit([root], {
        table: { table: name, database: 'ventas_db' },
        backup,
      });
      const byFile = await findCommit([root], { relation: relfilenode, backup });
      expect(byName).toEqual(byFile);
      expect(byName.relations[0].lastDelete).toBeDefined();
    });
  },
);

describe('incidents with a base backup', () => {
  const root = 'testdata/rows/18';
  const backup = `${root}/base.tar.gz`;

  it('have the names of their tables', async () => {
    const { incidents, names } = await findIncidents([root], { backup, minRows: 5 });
    const lost = incidents.flatMap((one) => {
      return one.kind === 'rows' && one.deleted > 0 ? [names?.get(one.relation)?.name] : [];
    });
    expect(lost).toEqual(expect.arrayContaining(['t_many', 't_new', 'inventarios', 't_cols', 't_types']));
  });

  it('are of one table where one is asked for', async () => {
    const table = { table: 't_trunc', database: 'ventas_db' };
    const { incidents } = await findIncidents([root], { backup, table, minRows: 1 });
    expect(incidents.map(({ kind }) => kind)).toEqual(['truncate']);
  });
});

describe('a plan for a table by its name', () => {
  const root = 'testdata/rows/18';
  const backup = `${root}/base.tar.gz`;

  it('stops where the plan for its file does, before the TRUNCATE that gave it another', async () => {
    const found = await readRelationNames(backup, await takeUsableInventory([root]));
    const names = found.names.get(1)!;
    const [first] = names.filesOf('t_trunc', 'ventas_db');
    const table = { table: 't_trunc', database: 'ventas_db' };
    const byName = await planRecovery([root], { backup, target: { kind: 'before-delete', table } });
    const byFile = await planRecovery([root], { backup, target: { kind: 'before-delete', relation: first } });
    expect(byName.target).toEqual(byFile.target);
    expect(byName.plan.stop?.record).toBe('COMMIT');
  });
});

describe('what has no name', () => {
  const root = 'testdata/rows/15';
  const backup = `${root}/base.tar.gz`;

  it.each([
    ['a table without a backup', { table: { table: 't_many', database: 'ventas_db' } }, 'no-backup'],
    [
      'a table that there is not',
      { backup, table: { table: 'nada', database: 'ventas_db' } },
      'unknown-table',
    ],
    [
      'a database that there is not',
      { backup, table: { table: 't_many', database: 'x' } },
      'unknown-database',
    ],
    ['neither a table nor a relation', { backup }, 'usage'],
    [
      'a backup of another cluster',
      { relation: '1', backup: 'testdata/lab/15/base.tar.gz' },
      'foreign-cluster',
    ],
  ])('%s', async (_, options, code) => {
    await expect(findCommit([root], options)).rejects.toMatchObject({ code });
  });
});

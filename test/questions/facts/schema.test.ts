import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parquetMetadata, type SchemaElement } from 'hyparquet';
import { expect, it } from 'vitest';
import { makeFacts } from '../../../src/node.js';
import {
  FACT_TABLES,
  FACTS_VERSION,
  type FactColumn,
  type FactType,
} from '../../../src/questions/facts/tables.js';
import { contentOf } from '../../support/facts.js';
import { folderOf } from '../../support/folder.js';

const TABLES = Object.entries(FACT_TABLES) as [string, readonly FactColumn[]][];

/** Names and types of all columns, by version: another list takes another FACTS_VERSION. */
const FROZEN: Record<number, string> = {
  1: '8ded335bf937abe1',
};

it('columns are those of their version', () => {
  const columns = TABLES.map(([table, all]) => [
    table,
    all.map(({ name, type, optional = false }) => [name, type, optional]),
  ]);
  const hash = createHash('sha256').update(JSON.stringify(columns)).digest('hex').slice(0, 16);
  expect(hash).toBe(FROZEN[FACTS_VERSION]);
});

/** Renewed by `vitest run test/questions/facts/schema.test.ts -u`. */
it('the schema file and the document have all tables', async () => {
  const schema = {
    $id: 'facts-tables.json',
    title: 'The tables that walscan facts makes',
    version: FACTS_VERSION,
    tables: Object.fromEntries(
      TABLES.map(([table, columns]) => [
        table,
        columns.map(({ name, type, optional = false, doc }) => ({ name, type, optional, doc })),
      ]),
    ),
  };
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(
    '../../../docs/schema/facts-tables.json',
  );
  const sections = TABLES.map(([table, columns]) =>
    [
      `## ${table}`,
      '',
      '| column | type | |',
      '| --- | --- | --- |',
      ...columns.map(
        ({ name, type, optional, doc }) => `| \`${name}\` | ${type}${optional ? ', or null' : ''} | ${doc} |`,
      ),
      '',
    ].join('\n'),
  );
  const head = `# The tables of facts\n\nVersion ${FACTS_VERSION}. What the types are in Parquet: [facts.md](facts.md#types).\n\n`;
  await expect(head + sections.join('\n')).toMatchFileSnapshot('../../../docs/facts-tables.md');
});

/** What is to be in the Parquet file of a column, as the format has it. */
const LEAVES: Record<FactType, Partial<SchemaElement>> = {
  uint32: { type: 'INT32', converted_type: 'UINT_32' },
  uint64: { type: 'INT64', converted_type: 'UINT_64' },
  place: { type: 'INT32' },
  boolean: { type: 'BOOLEAN' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  time: { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' } },
  'uint32[]': { type: 'INT32', converted_type: 'UINT_32' },
  'text[]': { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
};

it('Parquet files have these columns, of these types', async () => {
  const facts = folderOf({});
  for (const version of readdirSync('testdata/broad')) {
    await makeFacts(`testdata/broad/${version}`, facts, { records: true });
  }
  await makeFacts('testdata/lab/17', facts);
  const seen = new Set<string>();
  for (const path of Object.keys(contentOf(facts))) {
    const [, table] = /\/([a-z_]+)\.parquet$/.exec(path) ?? [];
    if (table === undefined) continue;
    seen.add(table);
    const columns: readonly FactColumn[] = FACT_TABLES[table as keyof typeof FACT_TABLES];
    const { schema } = parquetMetadata(Uint8Array.from(readFileSync(join(facts, path))).buffer);
    const leaves = schema.filter(({ num_children }) => num_children === undefined);
    expect(leaves, path).toHaveLength(columns.length);
    for (const [i, { type }] of columns.entries()) expect(leaves[i], path).toMatchObject(LEAVES[type]);
    const top = schema.slice(1).filter(({ name }) => name !== 'list' && name !== 'element');
    expect(top.map(({ name, repetition_type }) => [name, repetition_type])).toEqual(
      columns.map(({ name, optional }) => [name, optional ? 'OPTIONAL' : 'REQUIRED']),
    );
  }
  expect([...seen].sort()).toEqual(Object.keys(FACT_TABLES).sort());
});

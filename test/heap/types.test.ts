import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { deformTuple } from '../../src/heap/tuple.js';
import { formatStored } from '../../src/heap/types/index.js';
import type { TypeContext } from '../../src/heap/types/type.js';
import { UTC } from '../../src/text/timezone.js';
import { DataFolder } from '../support/data-folder.js';
import { describeServers } from '../support/postgres.js';
import { TestServer } from '../support/server.js';
import { allTypes, USER_TYPES } from '../support/values.js';

const ROWS = 60;

/** Undoes the escapes of COPY's text. */
function unescapeCopy(text: string): string | null {
  if (text === '\\N') return null;
  const letters: Record<string, string> = {
    b: '\b',
    f: '\f',
    n: '\n',
    r: '\r',
    t: '\t',
    v: '\v',
    '\\': '\\',
  };
  return text.replace(/\\(.)/g, (_, letter: string) => letters[letter]);
}

describeServers('values print as they do on', (postgres) => {
  let server: TestServer;
  let folder: DataFolder;
  let context: TypeContext;
  let database: number;

  beforeAll(async () => {
    server = new TestServer(postgres);
    server.sql(USER_TYPES);
    const types = [...allTypes(server.version)];
    const script: string[] = [];
    types.forEach(([type, values], i) => {
      const rows = fc.sample(values, ROWS);
      script.push(`create table t${i} (a ${type});`);
      script.push(`insert into t${i} values ${rows.map((row) => `(${row})`).join(', ')};`);
    });
    server.sql(script.join('\n'));
    server.sql('checkpoint');
    folder = new DataFolder(server.data, server.version);
    database = Number(server.sql("select oid from pg_database where datname = 'postgres'"));
    const catalog = await folder.catalog(database);
    context = { version: server.version, timezone: UTC, type: catalog.type };
  });

  afterAll(() => {
    server?.stop();
    server?.remove();
  });

  it('for random values of every type', async () => {
    const catalog = await folder.catalog(database);
    const types = [...allTypes(server.version).keys()];
    const copies = types.map((_, i) => `copy (select * from t${i} order by ctid) to stdout;`);
    const outputs = server.sql(copies.join('\n\\echo ====\n')).split('====\n');
    let compared = 0;
    for (const [i, type] of types.entries()) {
      const expected = outputs[i].split('\n').slice(0, -1);
      const [relation] = catalog.relationsNamed(`t${i}`);
      const [column] = relation.columns;
      const actual = Array.from(await folder.visible(relation.file), ({ tuple }) => {
        const [stored] = deformTuple(tuple, relation.columns);
        return stored && formatStored(stored, catalog.type(column.type)!, context);
      });
      expect(actual, type).toEqual(expected.map(unescapeCopy));
      compared += actual.length;
    }
    expect(compared).toBe(types.length * ROWS);
  });
});

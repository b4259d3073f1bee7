import { FACT_TABLES, type FactColumn, type FactTable, type FactType } from '../facts/tables.js';
import { ANSWER_TABLES, type AnswerTable } from './answers.js';

/** The files of views, in the order in which they build on each other. */
export const VIEW_FILES = [
  'lsn',
  'transactions',
  'ends',
  'changes',
  'find_commit',
  'incidents',
  'wal_by_hour',
  'wal_by_relation',
  'gaps',
] as const;

const TYPES: Record<FactType, string> = {
  uint32: 'UINTEGER',
  uint64: 'UBIGINT',
  place: 'INTEGER',
  boolean: 'BOOLEAN',
  text: 'VARCHAR',
  time: 'TIMESTAMPTZ',
  'uint32[]': 'UINTEGER[]',
  'text[]': 'VARCHAR[]',
};

/** The columns of the folders' names. */
const PARTITIONS = [
  { name: 'system', type: 'uint64', doc: 'identifier of the cluster' },
  { name: 'timeline', type: 'uint32', doc: 'in whose folder the facts are' },
  { name: 'segment', type: 'text', doc: 'the folder there' },
] as const satisfies readonly FactColumn[];

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A path in which nothing stands for other characters, nor for the user's own folder. */
const plainPath = (path: string): string => path.replaceAll(/[*?[]/g, '[$&]').replace(/^~/, './~');

/** A folder in whose path DuckDB would find columns of the folders below it: the first of each name counts. */
export const hasPartitions = (path: string): boolean =>
  path.split(/[/\\]/).some((name) => PARTITIONS.some((column) => name.startsWith(`${column.name}=`)));

/** All Parquet files of a table, or of all tables, below the folder of all facts, for DuckDB. */
export const filesIn = (folder: string, table: FactTable | '*'): string =>
  quoted(`${plainPath(folder)}/system=*/timeline=*/segment=*/${table}.parquet`);

/** Makes the tables of facts: those that no segment has are empty. */
export function factTablesSql(folder: string, found: ReadonlySet<string>): string {
  const tables = Object.keys(FACT_TABLES) as FactTable[];
  const views = tables.map((table) => (found.has(table) ? parquetView(table, folder) : emptyView(table)));
  return ['CREATE SCHEMA facts;', ...views].join('\n');
}

const columnsOf = (table: FactTable): readonly FactColumn[] => {
  const partitions = new Set<string>(PARTITIONS.map(({ name }) => name));
  return [...PARTITIONS, ...FACT_TABLES[table].filter(({ name }) => !partitions.has(name))];
};

function parquetView(table: FactTable, folder: string): string {
  const names = columnsOf(table).map(({ name }) => name);
  const types = PARTITIONS.map(({ name, type }) => `${name}: ${TYPES[type]}`);
  return `CREATE VIEW facts.${table} AS SELECT ${names.join(', ')} FROM read_parquet(${filesIn(folder, table)}, hive_partitioning = true, hive_types = {${types.join(', ')}});`;
}

function emptyView(table: FactTable): string {
  const nulls = columnsOf(table).map(({ name, type }) => `NULL::${TYPES[type]} AS ${name}`);
  return `CREATE VIEW facts.${table} AS SELECT ${nulls.join(', ')} WHERE false;`;
}

/** Makes the tables of what walscan computes, with nothing in them. */
export function answerTablesSql(): string {
  const tables = Object.entries<readonly FactColumn[]>(ANSWER_TABLES);
  return tables.map(([table, columns]) => `CREATE TABLE ${table} (${typed(columns).join(', ')});`).join('\n');
}

const typed = (columns: readonly FactColumn[]): string[] =>
  columns.map(({ name, type }) => `${name} ${TYPES[type]}`);

/** Puts rows into one of these, which are a parameter: a JSON array of objects, times in microseconds since 1970. */
export function insertSql(table: AnswerTable): string {
  const columns: readonly FactColumn[] = ANSWER_TABLES[table];
  const types = columns.map(({ name, type }) => [name, type === 'time' ? 'BIGINT' : TYPES[type]]);
  const values = columns.map(({ name, type }) => (type === 'time' ? `make_timestamptz(${name})` : name));
  const structure = quoted(JSON.stringify([Object.fromEntries(types)]));
  return `INSERT INTO ${table} SELECT ${values.join(', ')} FROM (SELECT unnest(from_json($1, ${structure}), recursive := true))`;
}

/** What a row of a view is, as the head of its file says. */
export const headOf = (sql: string): string =>
  (/^(?:--.*\n)+/.exec(sql)?.[0] ?? '').replaceAll(/^-- ?/gm, '').replaceAll('\n', ' ').trim();

/** Says of each view what a row of it is, and of the tables' columns what they mean. */
export function commentsSql(views: ReadonlyMap<string, string>): string {
  const comments = [...views].flatMap(([view, sql]) =>
    sql.includes(`CREATE VIEW ${view} `) ? [`COMMENT ON VIEW ${view} IS ${quoted(headOf(sql))};`] : [],
  );
  const tables = [
    ...(Object.keys(FACT_TABLES) as FactTable[]).map(
      (table) => [`facts.${table}`, columnsOf(table)] as const,
    ),
    ...Object.entries<readonly FactColumn[]>(ANSWER_TABLES),
    // which has the columns of that table
    ['gaps', ANSWER_TABLES.missing_segments] as const,
  ];
  const meanings = tables.flatMap(([table, columns]) =>
    columns.map(({ name, doc }) => `COMMENT ON COLUMN ${table}.${name} IS ${quoted(doc)};`),
  );
  return [...comments, ...meanings].join('\n');
}

import { groupBy } from '../cluster/group-by.js';
import { WalError } from '../wal/error.js';
import { message } from '../wal/message.js';
import type { RelFileLocator } from '../wal/record.js';
import type { Catalog, RelationVersion } from './catalog.js';
import type { CatalogRelation } from './catalog-relation.js';
import { mayGoUnnamed, SEARCH_PATH } from './search-path.js';
import { unknownTable } from './unknown-name.js';

/** Tables by their names. */

interface TableName {
  schema: string | undefined;
  name: string;
}

/**
 * A table by name, as people write it: `table`, `schema.table`, with double quotes where SQL needs them.
 * @returns what may be meant, in this order: the name as it is written, and as SQL reads it, which folds what is not
 *   in quotes
 */
function parseTableName(text: string): [asWritten: TableName, folded: TableName] {
  const parts = [...text.matchAll(/"((?:[^"]|"")*)"|([^."]+)|(\.)/g)];
  const names = parts.filter((part) => part[3] === undefined);
  const wellFormed = parts.map((part) => part[0]).join('') === text && parts.length === names.length * 2 - 1;
  if (!wellFormed || names.length > 2)
    throw new WalError('bad-table', message`"${text}" is no name of a table`);
  const quoted = (part: RegExpMatchArray): string | undefined => part[1]?.replaceAll('""', '"');
  const asWritten = names.map((part) => quoted(part) ?? part[2]);
  const folded = names.map((part) => quoted(part) ?? part[2].toLowerCase());
  return [tableName(asWritten), tableName(folded)];
}

const tableName = ([first, second]: string[]): TableName =>
  second === undefined ? { schema: undefined, name: first } : { schema: first, name: second };

/** The one table of that name. @throws WalError `unknown-table`, `ambiguous-table` */
export function findTable(catalog: Catalog, text: string): CatalogRelation {
  const [exact, folded] = parseTableName(text).map(({ schema, name }) =>
    catalog.relationsNamed(name, schema),
  );
  const found = exact.length > 0 ? exact : folded;
  if (found.length === 0)
    throw unknownTable(message`there is no table ${text} at that moment`, text, catalog.names());
  if (found.length > 1 && !SEARCH_PATH.includes(found[0].schema)) {
    const names = found.map((table) => `${table.schema}.${table.name}`).join(', ');
    throw new WalError(
      'ambiguous-table',
      message`there are several tables ${text}: ${names}; name the schema`,
    );
  }
  return found[0];
}

/**
 * The tables that hold a table's rows, as SQL has it without ONLY: itself, its partitions and those that inherit from it,
 * each once.
 * @throws WalError `partitioned-table` where there is none
 */
export function tablesOf(catalog: Catalog, table: CatalogRelation): CatalogRelation[] {
  const found = new Map<number, CatalogRelation>([[table.oid, table]]);
  for (const { oid } of found.values()) {
    for (const child of catalog.childrenOf(oid)) found.set(child.oid, child);
  }
  const tables = [...found.values()].filter(({ kind }) => kind !== 'p');
  if (tables.length > 0) return tables;
  const { schema, name } = table;
  throw new WalError(
    'partitioned-table',
    message`${schema}.${name} is partitioned and has no partition: it has no rows`,
  );
}

/**
 * Says why rows of a relation cannot be had at all.
 * @throws WalError `not-logged`, `no-storage`
 */
export function checkHasRows({ schema, name, kind, persistence }: CatalogRelation): void {
  const table = `${schema}.${name}`;
  if (kind === 'f')
    throw new WalError('no-storage', message`${table} is a foreign table: its rows are elsewhere`);
  if (persistence !== 'p') {
    throw new WalError(
      'not-logged',
      persistence === 'u'
        ? message`${table} is an unlogged table: neither WAL nor base backups have its rows`
        : message`${table} is a temporary table: neither WAL nor base backups have its rows`,
    );
  }
}

/** All the files that the relations have or had that one of the versions, at some time, satisfies. */
export function filesOf(
  versions: readonly RelationVersion[],
  isWanted: (version: RelationVersion) => boolean,
): RelFileLocator[] {
  const oids = new Set(versions.filter(isWanted).map(({ oid }) => oid));
  return versions.filter(({ oid, file }) => oids.has(oid) && file.relNumber !== 0).map(({ file }) => file);
}

/**
 * Whether a version is of the table of that name, or of one that is or was a partition of it or inherits from it, as SQL
 * has it without ONLY.
 */
export function isOfTable(
  versions: readonly RelationVersion[],
  text: string,
): (version: RelationVersion) => boolean {
  const oids = new Set(versions.filter(isNamed(versions, text)).map(({ oid }) => oid));
  const parentsOf = new Map(versions.map(({ oid, parents }) => [oid, parents]));
  const pairs = [...parentsOf].flatMap(([child, parents]) => parents.map((parent) => ({ parent, child })));
  const children = groupBy(pairs, ({ parent }) => parent);
  // a set goes on to what is added while it is gone through
  for (const oid of oids) for (const { child } of children.get(oid) ?? []) oids.add(child);
  return ({ oid }) => oids.has(oid);
}

/** Whether a name is the one that was given, as it is written or as SQL reads it: of a table in any schema. */
export function tableNamed(text: string): (table: TableName & { schema: string }) => boolean {
  const names = parseTableName(text);
  return (table) =>
    names.some(({ schema, name }) => {
      const isInSchema = schema === undefined ? mayGoUnnamed(table.schema) : table.schema === schema;
      return table.name === name && isInSchema;
    });
}

/** Whether a version is of the table of that name, as {@link findTable} reads names. */
function isNamed(versions: readonly RelationVersion[], text: string): (version: RelationVersion) => boolean {
  const [exact, folded] = parseTableName(text).map(({ schema, name }) => (version: RelationVersion) => {
    const isInSchema = schema === undefined ? mayGoUnnamed(version.schema) : version.schema === schema;
    return version.name === name && isInSchema;
  });
  return versions.some(exact) ? exact : folded;
}

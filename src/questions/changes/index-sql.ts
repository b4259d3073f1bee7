import type { ObjectDetails } from '../../replay/object-details.js';
import type { IndexColumn, IndexDefinition, StorageDetails } from '../../replay/table-details.js';
import { quoteIdentifier } from '../../text/sql-identifier.js';
import { type ExpressionNames, expressionSql, expressionsSql, operatorSql } from './default-sql.js';
import { tableSql, textSql } from './sql-text.js';

/** What the catalogs say of what indexes of a table name. */
export interface IndexNames {
  expressions: ExpressionNames;
  details: ObjectDetails;
  /** The oid of the type of a column of the table. */
  columnType(number: number): number | undefined;
}

/** The constraint that an index is for, as part of CREATE TABLE; undefined where it cannot be told. */
export function indexConstraintSql(index: IndexDefinition, names: IndexNames): string | undefined {
  const { constraint } = index;
  if (constraint === undefined) return undefined;
  const { version } = names.expressions;
  const list = constraint.kind === 'x' ? excludedColumns(index, names) : plainColumns(index, names);
  const [included, tablespace] = [includedSql(index, names), tablespaceSql(index.storage, names.details)];
  const where = predicateSql(index, names);
  if (list === undefined || included === undefined || tablespace === undefined || where === undefined)
    return undefined;
  if (constraint.hasPeriod) list.push(`${list.pop()} WITHOUT OVERLAPS`);
  const method = names.details.accessMethod(index.storage.accessMethod);
  if (constraint.kind === 'x' && method === undefined) return undefined;
  const what =
    constraint.kind === 'x'
      ? `EXCLUDE USING ${quoteIdentifier(method!, version)}`
      : constraint.kind === 'p'
        ? 'PRIMARY KEY'
        : `UNIQUE${index.nullsNotDistinct ? ' NULLS NOT DISTINCT' : ''}`;
  const when = constraint.deferrable ? ` DEFERRABLE${constraint.deferred ? ' INITIALLY DEFERRED' : ''}` : '';
  const options = withSql(index.storage.options, version);
  const space = tablespace && ` USING INDEX${tablespace}`;
  const name = quoteIdentifier(constraint.name, version);
  return `CONSTRAINT ${name} ${what} (${list.join(', ')})${included}${options}${space}${where}${when}`;
}

/**
 * What makes an index that is of no constraint; undefined where it cannot be told.
 * @param table in SQL
 */
export function createIndexSql(index: IndexDefinition, table: string, names: IndexNames): string | undefined {
  const { version } = names.expressions;
  const method = names.details.accessMethod(index.storage.accessMethod);
  const list = orderedColumns(index, names);
  const [included, tablespace] = [includedSql(index, names), tablespaceSql(index.storage, names.details)];
  const where = predicateSql(index, names);
  if (!index.isValid || method === undefined || list === undefined || included === undefined)
    return undefined;
  if (tablespace === undefined || where === undefined) return undefined;
  const kind = index.isUnique ? 'UNIQUE INDEX' : 'INDEX';
  const nulls = index.nullsNotDistinct ? ' NULLS NOT DISTINCT' : '';
  const options = withSql(index.storage.options, version);
  const on = `${table} USING ${quoteIdentifier(method, version)}`;
  return `CREATE ${kind} ${quoteIdentifier(index.name, version)} ON ${on} (${list.join(', ')})${included}${nulls}${options}${tablespace}${where}`;
}

/** ` WITH (…)`, or nothing. @param options `name=value` */
export function withSql(options: readonly string[], version: number): string {
  return options.length === 0 ? '' : ` WITH (${optionsSql(options, version)})`;
}

export const optionsSql = (options: readonly string[], version: number): string =>
  options
    .map((option) => {
      const at = option.indexOf('=');
      const [name, value] = at < 0 ? [option, 'true'] : [option.slice(0, at), option.slice(at + 1)];
      const parts = name.split('.').map((part) => quoteIdentifier(part, version));
      return `${parts.join('.')}=${textSql(value)}`;
    })
    .join(', ');

/** ` TABLESPACE …`, or nothing where it is that of the database; undefined where its name is not known. */
export function tablespaceSql({ tablespace }: StorageDetails, details: ObjectDetails): string | undefined {
  if (tablespace === 0) return '';
  const name = details.tablespace(tablespace);
  // a tablespace's name is a keyword nowhere
  return name === undefined ? undefined : ` TABLESPACE "${name.replaceAll('"', '""')}"`;
}

function plainColumns({ columns }: IndexDefinition, names: IndexNames): string[] | undefined {
  const list = columns.map(({ number }) => columnSql(number, names));
  return list.every((name) => name !== undefined) ? list : undefined;
}

const columnSql = (number: number, { expressions }: IndexNames): string | undefined => {
  const name = expressions.columnName(number);
  return name === undefined ? undefined : quoteIdentifier(name, expressions.version);
};

function excludedColumns(index: IndexDefinition, names: IndexNames): string[] | undefined {
  const list = orderedColumns(index, names)?.map((column, i) => {
    const operator = operatorSql(index.columns[i].excludes, names.expressions);
    return operator && `${column} WITH ${operator}`;
  });
  return list?.every((column) => column !== undefined) ? list : undefined;
}

/** Columns and expressions, with all that says in which order. */
function orderedColumns(index: IndexDefinition, names: IndexNames): string[] | undefined {
  const { expressions: tree, isLost } = index;
  if (isLost) return undefined;
  const expressions = tree === undefined ? [] : expressionsSql(tree, names.expressions);
  if (expressions === undefined) return undefined;
  const rest = expressions.values();
  const list = index.columns.map((column) => {
    const expression = column.number === 0 ? rest.next().value : undefined;
    const what = column.number === 0 ? expression && `(${expression})` : columnSql(column.number, names);
    const order = orderSql(column.collation, column.operatorClass, column.options, column.number, names);
    return what === undefined || order === undefined ? undefined : `${what}${order}${directionSql(column)}`;
  });
  return list.every((column) => column !== undefined) ? list : undefined;
}

/**
 * The collation and the operator class of a column, as far as they are not what it has where none is named.
 * @param number of the column, 0 of an expression
 * @returns undefined where they are not known
 */
export function orderSql(
  collation: number,
  operatorClass: number,
  options: readonly string[],
  number: number,
  { expressions: { version }, details, columnType }: IndexNames,
): string | undefined {
  const collated = collation === 0 ? undefined : details.collation(collation);
  const known = details.operatorClass(operatorClass);
  if ((collation !== 0 && collated === undefined) || known === undefined) return undefined;
  const isUsual = known.isDefault && known.type === columnType(number) && options.length === 0;
  const parameters = options.length === 0 ? '' : ` (${optionsSql(options, version)})`;
  const collate = collated ? ` COLLATE ${tableSql(collated, version)}` : '';
  return `${collate}${isUsual ? '' : ` ${tableSql(known, version)}${parameters}`}`;
}

function directionSql({ isDescending, nullsFirst }: IndexColumn): string {
  if (isDescending) return nullsFirst ? ' DESC' : ' DESC NULLS LAST';
  return nullsFirst ? ' NULLS FIRST' : '';
}

function includedSql({ included }: IndexDefinition, names: IndexNames): string | undefined {
  if (included.length === 0) return '';
  const list = included.map((number) => columnSql(number, names));
  return list.every((name) => name !== undefined) ? ` INCLUDE (${list.join(', ')})` : undefined;
}

function predicateSql({ predicate }: IndexDefinition, names: IndexNames): string | undefined {
  if (predicate === undefined) return '';
  const sql = expressionSql(predicate, names.expressions);
  return sql && ` WHERE (${sql})`;
}

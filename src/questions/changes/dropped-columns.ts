import type { LiveColumn, LiveTable } from '../../replay/live-catalog.js';
import type { ObjectDetails } from '../../replay/object-details.js';
import type { CheckConstraint, ColumnDetails, TableDetails } from '../../replay/table-details.js';
import { quoteIdentifier } from '../../text/sql-identifier.js';
import type { ForeignKeySql } from './change.js';
import { optionsSql } from './index-sql.js';
import { tableSql } from './sql-text.js';
import { typeSql } from './table-sql.js';

/** What is known of columns besides what their values need. */
export interface ColumnFacts {
  about: TableDetails;
  checks: readonly CheckConstraint[];
  details: ObjectDetails;
  /** Their defaults, and what they are generated from, by number: undefined where it cannot be told. */
  expressions: ReadonlyMap<number, string | undefined>;
  /** Options of identity sequences. */
  identities: ReadonlyMap<number, string>;
}

/** `attstorage` and `attcompression` (PostgreSQL: src/include/catalog/pg_type.h, access/toast_compression.h). */
const STORAGES: Readonly<Record<string, string>> = { p: 'PLAIN', e: 'EXTERNAL', x: 'EXTENDED', m: 'MAIN' };
const COMPRESSIONS: Readonly<Record<string, string>> = { p: 'pglz', l: 'lz4' };

/** The columns of a table that was dropped, as SQL. */
export class DroppedColumns {
  readonly lacking: string[] = [];
  /** NOT NULL that rows need not fulfil which are there. */
  readonly late: ForeignKeySql[] = [];
  /** Columns of which it cannot be told what they are generated from are made as plain ones, and all others with them. */
  readonly hasPlainGenerated: boolean;
  private readonly name: string;

  constructor(
    private readonly table: LiveTable,
    private readonly version: number,
    private readonly facts: ColumnFacts,
  ) {
    this.name = tableSql(table, version);
    this.hasPlainGenerated = table.columns.some(
      ({ generated, dropped }, i) =>
        generated !== '' && !dropped && facts.expressions.get(i + 1) === undefined,
    );
  }

  /** The oid of the collation that a column has; 0 where it has none. */
  collationOf(number: number): number {
    return this.detailsOf(number)?.ownCollation ?? 0;
  }

  private detailsOf(number: number): ColumnDetails | undefined {
    return this.facts.about.columns.find((one) => one.number === number);
  }

  /** @param isInheriting those that it has of its parents come with them */
  definitions(isInheriting: boolean): string[] {
    return this.table.columns.flatMap((column, i) => {
      if (column.dropped || (isInheriting && this.detailsOf(i + 1)?.isLocal === false)) return [];
      return this.definition(column, i + 1);
    });
  }

  private definition(column: LiveColumn, number: number): string[] {
    const { version, name } = this;
    const { generated, hasDefault } = column;
    const quoted = quoteIdentifier(column.name, version);
    const expression = this.facts.expressions.get(number);
    const isPlain = generated !== '' && this.hasPlainGenerated;
    if (isPlain) this.lacking.push(`column ${quoted} of ${name} is generated: from what is not told`);
    if (isPlain && generated === 'v') return [];
    if (generated === '' && hasDefault && expression === undefined)
      this.lacking.push(`column ${quoted} of ${name} has a default, which is not told`);
    const parts = [`${quoted} ${typeSql(column, version)}${this.collation(column, number)}`];
    // a generated column that is made as a plain one has no values in new rows
    if (!isPlain) parts.push(this.notNull(column, number));
    if (generated !== '' && !isPlain)
      parts.push(` GENERATED ALWAYS AS (${expression}) ${generated === 's' ? 'STORED' : 'VIRTUAL'}`);
    if (generated === '' && expression !== undefined) parts.push(` DEFAULT ${expression}`);
    // a partition gets it from its table (since 17)
    const isOwn = this.table.partitionOf === undefined || version < 17;
    if (column.identity !== '' && isOwn) parts.push(this.identity(column, number));
    return [parts.join('')];
  }

  private collation({ name }: LiveColumn, number: number): string {
    const { collation = 0 } = this.detailsOf(number) ?? {};
    if (collation === 0) return '';
    const known = this.facts.details.collation(collation);
    if (known) return ` COLLATE ${tableSql(known, this.version)}`;
    this.lacking.push(`the collation of column ${quoteIdentifier(name, this.version)} is not known`);
    return '';
  }

  private notNull(column: LiveColumn, number: number): string {
    const { version, name } = this;
    if (!column.notNull) return '';
    const constraint = this.facts.checks.find((one) => one.kind === 'n' && one.column === number);
    if (constraint === undefined) return ' NOT NULL';
    const quoted = quoteIdentifier(constraint.name, version);
    const inherit = constraint.noInherit ? ' NO INHERIT' : '';
    if (constraint.validated) return ` CONSTRAINT ${quoted} NOT NULL${inherit}`;
    const add = `ADD CONSTRAINT ${quoted} NOT NULL ${quoteIdentifier(column.name, version)}${inherit} NOT VALID`;
    this.late.push({ name: constraint.name, table: name, statement: `ALTER TABLE ${name} ${add}` });
    return '';
  }

  private identity({ identity }: LiveColumn, number: number): string {
    const options = this.facts.identities.get(number);
    const kind = identity === 'a' ? 'ALWAYS' : 'BY DEFAULT';
    return ` GENERATED ${kind} AS IDENTITY${options === undefined ? '' : ` (${options})`}`;
  }

  /** What is said of columns that are there, to go behind ALTER TABLE. */
  settings(isInheriting: boolean): string[] {
    return this.table.columns.flatMap((column, i) => {
      const details = column.dropped ? undefined : this.detailsOf(i + 1);
      if (details === undefined || (column.generated === 'v' && this.hasPlainGenerated)) return [];
      const { storage, compression, statistics, options, isLocal } = details;
      const set = [
        ...(isInheriting ? this.overInherited(column, i + 1, isLocal) : []),
        ...(storage !== undefined && STORAGES[storage] ? [`SET STORAGE ${STORAGES[storage]}`] : []),
        ...(COMPRESSIONS[compression] ? [`SET COMPRESSION ${COMPRESSIONS[compression]}`] : []),
        ...(statistics === undefined ? [] : [`SET STATISTICS ${statistics}`]),
        ...(options.length === 0 ? [] : [`SET (${optionsSql(options, this.version)})`]),
      ];
      return set.map((what) => `ALTER COLUMN ${quoteIdentifier(column.name, this.version)} ${what}`);
    });
  }

  /** What a column of a parent has of its own. */
  private overInherited(column: LiveColumn, number: number, isLocal: boolean): string[] {
    const { facts, version } = this;
    const expression = facts.expressions.get(number);
    const set: string[] = [];
    const mayInherit = facts.about.parents.some(
      ({ hasDefaults, columns }) => hasDefaults && columns.includes(column.name),
    );
    if (column.generated === '' && !column.hasDefault && mayInherit) set.push('DROP DEFAULT');
    // the rest is part of its definition
    if (isLocal) return set;
    if (column.generated === '' && expression !== undefined) set.push(`SET DEFAULT ${expression}`);
    if (column.generated === '' && column.hasDefault && expression === undefined)
      this.lacking.push(`column ${quoteIdentifier(column.name, version)} has a default, which is not told`);
    const constraint = facts.checks.find((one) => one.kind === 'n' && one.column === number);
    if (column.notNull && (constraint === undefined || (constraint.isLocal && constraint.validated)))
      set.push('SET NOT NULL');
    return set;
  }
}

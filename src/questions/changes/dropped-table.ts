import type { LiveCatalog, LiveTable } from '../../replay/live-catalog.js';
import type { LiveNames } from '../../replay/live-names.js';
import type { ObjectDetails } from '../../replay/object-details.js';
import {
  type CheckConstraint,
  checkConstraints,
  defaultTrees,
  foreignKeys,
  type IndexDefinition,
  indexDefinitions,
  partitionExpressions,
  type TableDetails,
  tableDetails,
} from '../../replay/table-details.js';
import { printable } from '../../text/printable.js';
import { quoteIdentifier } from '../../text/sql-identifier.js';
import type { ForeignKeySql } from './change.js';
import { type ExpressionNames, expressionSql, expressionsSql } from './default-sql.js';
import { DroppedColumns } from './dropped-columns.js';
import { droppedSequences, type SequencesSql } from './dropped-sequences.js';
import { foreignKeySql } from './foreign-key-sql.js';
import {
  createIndexSql,
  type IndexNames,
  indexConstraintSql,
  orderSql,
  tablespaceSql,
  withSql,
} from './index-sql.js';
import { attachSql, partitionBySql } from './partition-sql.js';
import { schemaSql, tableSql, textSql } from './sql-text.js';

/** A table that was dropped, as SQL. */
export interface DroppedTable {
  /** What makes it again, with comments on what is lacking. */
  definition: string;
  /** To be made when rows are there. */
  foreignKeys: ForeignKeySql[];
  /** Its generated columns are made as plain ones. */
  hasPlainGenerated: boolean;
}

/**
 * What makes a table again that transactions dropped which have not ended yet.
 * @param names of functions, operators and roles, where they are known
 */
export function droppedTable(
  table: LiveTable,
  catalog: LiveCatalog,
  xids: readonly number[],
  names: LiveNames | undefined,
  details: ObjectDetails,
): DroppedTable {
  return new Dropped(table, catalog, xids, names, details).sql();
}

/** How a table is tied to those that it is of. */
type Bond = 'none' | 'inherits' | 'inherit later' | 'attach';

class Dropped {
  private readonly name: string;
  private readonly version: number;
  private readonly about: TableDetails;
  private readonly indexes: readonly IndexDefinition[];
  private readonly checks: readonly CheckConstraint[];
  private readonly index: IndexNames;
  private readonly expressions: ExpressionNames;
  private readonly sequences: SequencesSql;
  private readonly lacking: string[] = [];
  private readonly late: ForeignKeySql[] = [];
  private readonly checked: ReadonlyMap<CheckConstraint, string | undefined>;

  constructor(
    private readonly table: LiveTable,
    private readonly catalog: LiveCatalog,
    private readonly xids: readonly number[],
    private readonly names: LiveNames | undefined,
    private readonly details: ObjectDetails,
  ) {
    const { version } = catalog;
    this.version = version;
    this.name = tableSql(table, version);
    const before = <T>(read: () => T): T => catalog.before(xids, read);
    const column = (number: number) => {
      const one = table.columns[number - 1];
      return one?.dropped ? undefined : one;
    };
    this.expressions = {
      version,
      type: (oid) => before(() => catalog.type(oid)),
      typeName: (oid) => before(() => catalog.typeName(oid)),
      relationName: (oid) => before(() => catalog.nameOf(oid)),
      functionName: (oid) => names?.functionName(oid),
      operatorName: (oid) => names?.operatorName(oid),
      columnName: (number) => column(number)?.name,
    };
    this.index = { expressions: this.expressions, details, columnType: (number) => column(number)?.type };
    this.about = before(() => tableDetails(catalog, table.oid))!;
    this.indexes = before(() => indexDefinitions(catalog, table.oid));
    this.checks = before(() => checkConstraints(catalog, table.oid));
    const trees = before(() => defaultTrees(catalog, table.oid));
    this.sequences = droppedSequences(table, catalog, xids, trees, details);
    this.checked = new Map(
      this.checks.map((check) => [check, check.tree && expressionSql(check.tree, this.expressions)]),
    );
    this.columns = new DroppedColumns(table, version, {
      ...{ about: this.about, checks: this.checks, details, identities: this.sequences.identities },
      expressions: new Map(
        Array.from(trees, ([number, tree]) => [number, tree && expressionSql(tree, this.expressions)]),
      ),
    });
  }

  private readonly columns: DroppedColumns;

  sql(): DroppedTable {
    const { table, version, catalog, about, columns } = this;
    const { own, toIt } = catalog.before(this.xids, () => foreignKeys(catalog, table.oid));
    const bond = this.bond();
    // those of the table that it is a partition of come with it
    const keys = own
      .filter((key) => bond !== 'attach' || !key.isInherited)
      .map((key) => foreignKeySql(key, version));
    // those of tables that are gone as well are among their own
    const others = toIt.filter(({ oid }) => catalog.nameOf(oid) !== undefined);
    const create = this.createSql(bond);
    const made = create === undefined ? [] : [...create, ...this.settings(bond), ...this.comments()];
    const attach = bond === 'attach' && create !== undefined ? [attachSql(table, version)!] : [];
    const { before, after } = this.sequences;
    const all = [schemaSql(table.schema, version), ...before, ...made, ...after, ...attach];
    const lacking = [
      ...[...columns.lacking, ...this.lacking, ...this.sequences.notes],
      ...(about.hasRowSecurity ? [this.rowSecurityNote()] : []),
      `it belongs to whoever runs this: ${this.ownerNote()}`,
      'rights, triggers, rules, policies, publications, extended statistics and what else hung on it are not told',
    ];
    return {
      definition: lacking.map((note) => `-- ${printable(note)}\n`).join('') + all.join(';\n'),
      foreignKeys: [
        ...columns.late,
        ...this.late,
        ...keys,
        ...others.map((key) => foreignKeySql(key, version)),
      ],
      hasPlainGenerated: columns.hasPlainGenerated,
    };
  }

  /** Bound to others can only be what has all that it has in common with them. */
  private bond(): Bond {
    const { table, version, about, columns, name, checked } = this;
    const isAttached = attachSql(table, version) !== undefined;
    const isWhole =
      !columns.hasPlainGenerated &&
      this.checks.every(
        (check) => check.kind === 'n' || !check.isInherited || checked.get(check) !== undefined,
      );
    if (isWhole && isAttached) return 'attach';
    const isInherited = about.parents.length > 0;
    const own = about.columns.filter(({ isLocal }) => isLocal).map((column) => column.name);
    const inherited = about.parents.flatMap((parent) => parent.columns);
    const order = new Set([...inherited, ...own]);
    const names = table.columns.filter(({ dropped }) => !dropped).map((column) => column.name);
    if (isWhole && isInherited) {
      // one that several have is its own as well, for their defaults may differ
      const isOfSeveral = about.columns.some(
        ({ isLocal, name: column }) =>
          !isLocal && inherited.indexOf(column) !== inherited.lastIndexOf(column),
      );
      if (!isOfSeveral && [...order].join('\0') === names.join('\0')) return 'inherits';
      this.lacking.push('columns that it has of the tables that it inherits from are its own as well');
      return 'inherit later';
    }
    if (table.ancestors.length > 0) {
      const parents = table.ancestors.map((parent) => tableSql(parent, version)).join(', ');
      this.lacking.push(`${name} belongs to ${parents}: it is made as a table of its own`);
    }
    return 'none';
  }

  private createSql(bond: Bond): string[] | undefined {
    const { table, version, about, name, details } = this;
    const by = table.kind === 'p' ? this.partitionBy() : '';
    if (by === undefined) {
      this.lacking.push(`${name} is partitioned: by what cannot be told, so that it is not made`);
      return undefined;
    }
    const parts = [...this.columns.definitions(bond === 'inherits'), ...this.constraints(bond)];
    const body = parts.length === 0 ? '()' : `(\n  ${parts.join(',\n  ')}\n)`;
    const parents = about.parents.map((parent) => tableSql(parent, version)).join(', ');
    const inherits = bond === 'inherits' ? ` INHERITS (${parents})` : '';
    const options = [...about.storage.options, ...about.toastOptions.map((option) => `toast.${option}`)];
    const space = tablespaceSql(about.storage, details);
    if (space === undefined) this.lacking.push('the tablespace that it was in is not known');
    const method = this.accessMethod();
    const unlogged = table.persistence === 'u' ? 'UNLOGGED ' : '';
    const tail = `${by && ` ${by}`}${method}${withSql(options, version)}${space ?? ''}`;
    return [`CREATE ${unlogged}TABLE ${name} ${body}${inherits}${tail}`];
  }

  private accessMethod(): string {
    const { accessMethod } = this.about.storage;
    const name = accessMethod === 0 || accessMethod === HEAP ? '' : this.details.accessMethod(accessMethod);
    if (name === undefined) this.lacking.push('its access method is not known');
    return name ? ` USING ${quoteIdentifier(name, this.version)}` : '';
  }

  private partitionBy(): string | undefined {
    const { table, catalog, about, version } = this;
    const tree = catalog.before(this.xids, () => partitionExpressions(catalog, table.oid));
    const expressions = tree === undefined ? [] : expressionsSql(tree, this.expressions);
    const orders = table.partitionKey?.columns.map((number, i) => {
      const collation = about.partitionCollations[i];
      const isOwn = this.columns.collationOf(number) === collation;
      return orderSql(isOwn ? 0 : collation, about.partitionClasses[i], [], number, this.index);
    });
    if (expressions === undefined || orders === undefined) return undefined;
    return orders.every((order) => order !== undefined)
      ? partitionBySql(table, version, { expressions, orders })
      : undefined;
  }

  private constraints(bond: Bond): string[] {
    const { version, name, checked } = this;
    const texts: string[] = [];
    const lack = (constraint: string): number =>
      this.lacking.push(`the constraint ${quoteIdentifier(constraint, version)} is not made`);
    for (const index of this.indexes) {
      if (index.constraint === undefined) continue;
      const sql = indexConstraintSql(index, this.index);
      if (sql === undefined) lack(index.constraint.name);
      else texts.push(sql);
    }
    for (const [check, expression] of checked) {
      if (check.kind !== 'c' || (bond === 'inherits' && !check.isLocal)) continue;
      if (expression === undefined) {
        lack(check.name);
        continue;
      }
      const quoted = quoteIdentifier(check.name, version);
      const rest = `${check.noInherit ? ' NO INHERIT' : ''}${check.enforced ? '' : ' NOT ENFORCED'}`;
      const sql = `CONSTRAINT ${quoted} CHECK (${expression})${rest}`;
      if (check.validated || !check.enforced) texts.push(sql);
      else
        this.late.push({
          name: check.name,
          table: name,
          statement: `ALTER TABLE ${name} ADD ${sql} NOT VALID`,
        });
    }
    return texts;
  }

  /** What is said when the table is there. */
  private settings(bond: Bond): string[] {
    const { about, version, name, indexes, table } = this;
    const alter = (what: string): string => `ALTER TABLE ONLY ${name} ${what}`;
    const made = indexes.flatMap((index) => {
      const sql = index.constraint === undefined ? createIndexSql(index, name, this.index) : undefined;
      if (index.constraint === undefined && sql === undefined)
        this.lacking.push(`the index ${quoteIdentifier(index.name, version)} is not made`);
      return sql === undefined ? [] : [sql];
    });
    const inherit = about.parents.map((parent) => alter(`INHERIT ${tableSql(parent, version)}`));
    const clustered = indexes.find(({ isClustered }) => isClustered);
    return [
      ...this.columns.settings(bond === 'inherits').map(alter),
      ...(bond === 'inherit later' ? inherit : []),
      ...this.typed().map(alter),
      ...made,
      ...this.replicaIdentity().map(alter),
      ...(clustered && table.kind === 'r'
        ? [alter(`CLUSTER ON ${quoteIdentifier(clustered.name, version)}`)]
        : []),
      ...(about.hasRowSecurity ? [alter('ENABLE ROW LEVEL SECURITY')] : []),
    ];
  }

  private typed(): string[] {
    const { ofType } = this.about;
    // if it is gone, nothing can be of it
    const type = ofType === 0 ? undefined : this.catalog.typeName(ofType);
    if (ofType !== 0 && type === undefined)
      this.lacking.push('it was of a composite type that is gone as well: it is made without');
    return type ? [`OF ${tableSql(type, this.version)}`] : [];
  }

  private replicaIdentity(): string[] {
    const { about, version } = this;
    const index = this.indexes.find(({ isReplicaIdentity }) => isReplicaIdentity);
    switch (about.replicaIdentity) {
      case 'f':
        return ['REPLICA IDENTITY FULL'];
      case 'n':
        return ['REPLICA IDENTITY NOTHING'];
      case 'i':
        return index ? [`REPLICA IDENTITY USING INDEX ${quoteIdentifier(index.name, version)}`] : [];
      default:
        return [];
    }
  }

  private comments(): string[] {
    const { table, details, version, name } = this;
    const quoted = (one: string): string => quoteIdentifier(one, version);
    const comment = (on: string, text: string | undefined): string[] =>
      text === undefined ? [] : [`COMMENT ON ${on} IS ${textSql(text)}`];
    const late = new Set([...this.columns.late, ...this.late].map((one) => one.name));
    const constraints = [
      ...this.indexes.flatMap(({ constraint }) => constraint ?? []),
      ...this.checks.filter((check) => check.kind === 'n' || this.checked.get(check) !== undefined),
    ].filter((one) => !late.has(one.name));
    return [
      ...comment(`TABLE ${name}`, details.comment(table.oid)),
      ...table.columns.flatMap((column, i) =>
        column.dropped
          ? []
          : comment(`COLUMN ${name}.${quoted(column.name)}`, details.comment(table.oid, i + 1)),
      ),
      ...constraints.flatMap((one) =>
        comment(`CONSTRAINT ${quoted(one.name)} ON ${name}`, details.constraintComment(one.oid)),
      ),
      ...this.indexes
        .filter(({ constraint, isValid }) => constraint === undefined && isValid)
        .flatMap((index) => comment(`INDEX ${tableSql(index, version)}`, details.comment(index.oid))),
    ];
  }

  private rowSecurityNote(): string {
    const forced = this.about.forcesRowSecurity
      ? `, nor is FORCE ROW LEVEL SECURITY said for ${this.name}`
      : '';
    return `row security is on, and its policies are not made${forced}: until they are, only its owner sees rows`;
  }

  private ownerNote(): string {
    const role = this.names?.roleName(this.about.owner);
    return role === undefined ? 'its owner is not told' : `its owner was ${role}`;
  }
}

/** `HEAP_TABLE_AM_OID` (PostgreSQL: src/include/catalog/pg_am.dat). */
const HEAP = 2;

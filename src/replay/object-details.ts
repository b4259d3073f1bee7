import { CATALOG_OIDS } from './catalog.js';
import type { CatalogRow } from './catalog-rows.js';
import { CONSTRAINT, type LiveCatalog, type QualifiedName, treeIn } from './live-catalog.js';
import type { CatalogFiles } from './live-names.js';

/** Catalogs that are read for tables that were dropped, and for nothing else. */
const DETAIL_CATALOGS = {
  accessMethod: 2601,
  depend: 2608,
  description: 2609,
  operatorClass: 2616,
  tablespace: 1213,
  collation: 3456,
} as const;

export const DETAILS_READ: readonly number[] = Object.values(DETAIL_CATALOGS);

export interface OperatorClass extends QualifiedName {
  /** It is the one that an index has for that type where none is named. */
  isDefault: boolean;
  /** What it is for. */
  type: number;
}

/** A sequence that a column owns: of an identity it is a part of the column (`DEPENDENCY_INTERNAL`). */
export interface OwnedSequence {
  oid: number;
  column: number;
  isIdentity: boolean;
}

/** What catalogs tell besides that are read only when a table was dropped. All of it is as of one moment. */
export class ObjectDetails {
  private readonly accessMethods = new Map<number, string>();
  private readonly tablespaces = new Map<number, string>();
  private readonly collations = new Map<number, QualifiedName>();
  private readonly operatorClasses = new Map<number, OperatorClass>();
  private readonly owned = new Map<number, OwnedSequence[]>();
  private readonly descriptions = new Map<string, string | undefined>();

  private constructor(private readonly catalog: LiveCatalog) {}

  /** What was so before these transactions, which have not ended yet. What the backup does not have is not known. */
  static async read(
    catalog: LiveCatalog,
    files: Pick<CatalogFiles, 'load'>,
    xids: readonly number[],
  ): Promise<ObjectDetails> {
    const details = new ObjectDetails(catalog);
    for (const oid of DETAILS_READ) {
      const file = catalog.fileOf(oid);
      if (file) await files.load(file);
    }
    catalog.before(xids, () => details.readAll());
    return details;
  }

  private readAll(): void {
    const { accessMethod, tablespace, collation, operatorClass, depend, description } = DETAIL_CATALOGS;
    const each = (oid: number, take: (row: CatalogRow) => void): void => {
      this.catalog.read(oid, take);
    };
    each(accessMethod, (row) => this.accessMethods.set(row.oid('oid'), row.name('amname')));
    each(tablespace, (row) => this.tablespaces.set(row.oid('oid'), row.name('spcname')));
    each(collation, (row) => this.collations.set(row.oid('oid'), this.named(row, 'coll')));
    each(operatorClass, (row) =>
      this.operatorClasses.set(row.oid('oid'), {
        ...this.named(row, 'opc'),
        isDefault: row.bool('opcdefault'),
        type: row.oid('opcintype'),
      }),
    );
    each(depend, (row) => this.takeDependency(row));
    each(description, (row) => {
      if (row.oid('classoid') === CATALOG_OIDS.class || row.oid('classoid') === CONSTRAINT)
        this.descriptions.set(describedBy(row), treeIn(row, 'description'));
    });
  }

  private named(row: CatalogRow, prefix: string): QualifiedName {
    const schema = this.catalog.schemaName(row.oid(`${prefix}namespace`));
    return { schema, name: row.name(`${prefix}name`) };
  }

  /** Of pg_depend only what makes a sequence one of a column (PostgreSQL: src/include/catalog/dependency.h). */
  private takeDependency(row: CatalogRow): void {
    const isOfRelation = [row.oid('classid'), row.oid('refclassid')].every(
      (oid) => oid === CATALOG_OIDS.class,
    );
    const [kind, column, table] = [row.char('deptype'), row.int4('refobjsubid'), row.oid('refobjid')];
    if (!isOfRelation || column < 1 || (kind !== 'a' && kind !== 'i')) return;
    const all = this.owned.get(table) ?? [];
    all.push({ oid: row.oid('objid'), column, isIdentity: kind === 'i' });
    this.owned.set(table, all);
  }

  accessMethod(oid: number): string | undefined {
    return this.accessMethods.get(oid);
  }

  tablespace(oid: number): string | undefined {
    return this.tablespaces.get(oid);
  }

  collation(oid: number): QualifiedName | undefined {
    return this.collations.get(oid);
  }

  operatorClass(oid: number): OperatorClass | undefined {
    return this.operatorClasses.get(oid);
  }

  /** The relations that depend on columns of a table: its sequences, and indexes. */
  ownedBy(table: number): readonly OwnedSequence[] {
    return this.owned.get(table) ?? [];
  }

  /** What COMMENT says of a relation, or of its column. */
  comment(relation: number, column = 0): string | undefined {
    return this.descriptions.get(`${CATALOG_OIDS.class} ${relation} ${column}`);
  }

  constraintComment(constraint: number): string | undefined {
    return this.descriptions.get(`${CONSTRAINT} ${constraint} 0`);
  }
}

const describedBy = (row: CatalogRow): string =>
  `${row.oid('classoid')} ${row.oid('objoid')} ${row.int4('objsubid')}`;

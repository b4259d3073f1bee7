import type { ObjectType } from '../heap/types/type.js';
import { WalError } from '../wal/error.js';
import { message } from '../wal/message.js';
import type { RelFileLocator } from '../wal/record.js';
import { CATALOG_OIDS } from './catalog.js';
import type { LiveCatalog, QualifiedName } from './live-catalog.js';
import { catalogsOf, ObjectNames } from './object-names.js';
import type { ReplayedRelation } from './replayed-relation.js';

/** Where the files of catalogs are replayed. */
export interface CatalogFiles {
  /** Gives a relation all blocks that the backup has of it. */
  load(file: RelFileLocator): Promise<ReplayedRelation | undefined>;
  /** Grows where catalogs may have become others. */
  generationOf(dbOid: number): number;
}

/** What names were read from. */
interface Source {
  relation: ReplayedRelation;
  changes: number;
}

/** The names of a database's objects while WAL is applied to it: read when a value is asked for that prints them. */
export class LiveNames {
  private readonly types = new Set<ObjectType>();
  private names: ObjectNames | undefined;
  private sources: Source[] = [];
  private generation = -1;

  constructor(
    private readonly catalog: LiveCatalog,
    private readonly files: CatalogFiles,
    private readonly searchPath: readonly string[] | undefined,
  ) {}

  /** Whether the names of these types' objects are at hand as they are now. */
  has(types: ReadonlySet<ObjectType>): boolean {
    if (this.generation !== this.files.generationOf(this.catalog.database.oid)) return false;
    for (const type of types) if (!this.types.has(type)) return false;
    return this.sources.every(({ relation, changes }) => relation.changes === changes);
  }

  /** Reads the names of these types' objects as they are now, too. */
  async read(types: ReadonlySet<ObjectType>): Promise<void> {
    for (const type of types) this.types.add(type);
    this.generation = this.files.generationOf(this.catalog.database.oid);
    this.names = undefined;
    this.sources = [];
    for (const oid of [CATALOG_OIDS.namespace, ...catalogsOf(this.types)]) {
      const file = this.catalog.fileOf(oid);
      const relation = file && (await this.files.load(file));
      // a catalog always has rows: it is one that the backup does not have
      if (relation === undefined || relation.store.blocks().length === 0) return;
      this.sources.push({ relation, changes: relation.changes });
    }
    this.names = await ObjectNames.read(this.catalog, this.types, this.searchPath);
  }

  functionName(oid: number): QualifiedName | undefined {
    return this.names?.functionName(oid);
  }

  /** A role, in quotes where it needs them. */
  roleName(oid: number): string | undefined {
    return this.names?.name('regrole', oid);
  }

  operatorName(oid: number): QualifiedName | undefined {
    return this.names?.operatorName(oid);
  }

  /** See `TypeContext.objectName`. @throws WalError `unknown-type` where the catalogs are not known */
  readonly name = (type: ObjectType, oid: number): string | undefined => {
    if (this.names === undefined)
      throw new WalError('unknown-type', message`the catalogs that tell the names of ${type} are not known`);
    return this.names.name(type, oid);
  };
}

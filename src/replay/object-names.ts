import { SQL_TYPES } from '../heap/types/format-type.js';
import type { ObjectType } from '../heap/types/type.js';
import { quoteIdentifier } from '../text/sql-identifier.js';
import { CATALOG_OIDS } from './catalog.js';
import type { CatalogRow } from './catalog-rows.js';
import type { QualifiedName } from './live-catalog.js';
import { SEARCH_PATH } from './search-path.js';

/**
 * Names of catalog objects as values print them (PostgreSQL: src/backend/utils/adt/regproc.c, format_type.c, acl.c;
 * src/backend/catalog/namespace.c), with the schema where the name alone would not find the object in the search path
 * that the server has by default.
 */

const OBJECT_CATALOGS = {
  proc: 1255,
  authid: 1260,
  operator: 2617,
  collation: 3456,
  tsDictionary: 3600,
  tsConfig: 3602,
} as const;

/** Which catalogs tell the names, besides pg_namespace. */
const CATALOGS: Readonly<Record<ObjectType, readonly number[]>> = {
  regproc: [OBJECT_CATALOGS.proc],
  regprocedure: [OBJECT_CATALOGS.proc, CATALOG_OIDS.type],
  regoper: [OBJECT_CATALOGS.operator],
  regoperator: [OBJECT_CATALOGS.operator, CATALOG_OIDS.type],
  regclass: [CATALOG_OIDS.class],
  regtype: [CATALOG_OIDS.type],
  regcollation: [OBJECT_CATALOGS.collation, CATALOG_OIDS.database],
  regconfig: [OBJECT_CATALOGS.tsConfig],
  regdictionary: [OBJECT_CATALOGS.tsDictionary],
  regrole: [OBJECT_CATALOGS.authid],
  regnamespace: [],
  regdatabase: [CATALOG_OIDS.database],
  aclitem: [OBJECT_CATALOGS.authid],
};

/** The catalogs that tell the names of objects of such types, besides pg_namespace. */
export const catalogsOf = (types: ReadonlySet<ObjectType>): ReadonlySet<number> =>
  new Set([...types].flatMap((type) => CATALOGS[type]));

/** All catalogs that may be read for names, and for nothing else. */
export const NAME_CATALOGS: readonly number[] = Object.values(OBJECT_CATALOGS);

/** The catalogs of one database. */
interface NameSource {
  version: number;
  database: { oid: number };
  read<T>(catalog: number, read: (row: CatalogRow) => T): Promise<T[]> | T[];
}

/** An object that has a name in a schema. */
interface SchemaObject {
  oid: number;
  name: string;
  /** Undefined where the schema is gone. */
  schema: string | undefined;
  /** What tells objects of one name in a schema apart: the types of arguments. */
  key: string;
}

interface ProcObject extends SchemaObject {
  argumentTypes: readonly number[];
}

interface OperatorObject extends SchemaObject {
  left: number;
  right: number;
}

interface TypeObject extends SchemaObject {
  /** Of a true array its element, which its name is made of; else 0. */
  element: number;
}

/** Objects of one kind, by oid and by name. */
class Objects<T extends SchemaObject> {
  private readonly byOid = new Map<number, T>();
  private readonly byName = new Map<string, T[]>();

  constructor(
    objects: Iterable<T>,
    private readonly searchPath: readonly string[],
  ) {
    for (const object of objects) {
      this.byOid.set(object.oid, object);
      const alike = this.byName.get(object.name);
      if (alike) alike.push(object);
      else this.byName.set(object.name, [object]);
    }
  }

  get(oid: number): T | undefined {
    return this.byOid.get(oid);
  }

  /** What the name means in the search path: objects that none with the same key hides. */
  private visible(name: string): T[] {
    const found = new Map<string, T>();
    for (const schema of this.searchPath) {
      for (const object of this.byName.get(name) ?? []) {
        if (object.schema === schema && !found.has(object.key)) found.set(object.key, object);
      }
    }
    return [...found.values()];
  }

  isVisible(object: T): boolean {
    return this.visible(object.name).includes(object);
  }

  /** Whether the name alone means this object and no other. */
  isAlone(object: T): boolean {
    const visible = this.visible(object.name);
    return visible.length === 1 && visible[0] === object;
  }
}

function qualifiedName(object: SchemaObject | undefined): QualifiedName | undefined {
  return object?.schema === undefined ? undefined : { schema: object.schema, name: object.name };
}

/** The function that makes a type with elements an array. */
const ARRAY_SUBSCRIPT_HANDLER = 6179;

/** The objects of one database, and of those that all have, of the types that are asked for. */
export class ObjectNames {
  private schemas = new Map<number, string>();
  private roles = new Map<number, string>();
  private databases = new Map<number, string>();
  private procs = new Objects<ProcObject>([], []);
  private operators = new Objects<OperatorObject>([], []);
  private relations = new Objects<SchemaObject>([], []);
  private types = new Objects<TypeObject>([], []);
  private collations = new Objects<SchemaObject>([], []);
  private configs = new Objects<SchemaObject>([], []);
  private dictionaries = new Objects<SchemaObject>([], []);

  private constructor(private readonly version: number) {}

  /** @throws WalError where the catalogs are damaged or not all at hand */
  static async read(
    catalog: NameSource,
    types: ReadonlySet<ObjectType>,
    searchPath: readonly string[] = SEARCH_PATH,
  ): Promise<ObjectNames> {
    const names = new ObjectNames(catalog.version);
    const byOid = async (oid: number, name: string): Promise<Map<number, string>> =>
      new Map(await catalog.read(oid, (row) => [row.oid('oid'), row.name(name)]));
    names.schemas = await byOid(CATALOG_OIDS.namespace, 'nspname');
    for (const oid of catalogsOf(types)) {
      switch (oid) {
        case OBJECT_CATALOGS.authid:
          names.roles = await byOid(oid, 'rolname');
          break;
        case CATALOG_OIDS.database:
          names.databases = await byOid(oid, 'datname');
          break;
        case OBJECT_CATALOGS.proc:
          names.procs = new Objects(await catalog.read(oid, (row) => names.proc(row)), searchPath);
          break;
        case OBJECT_CATALOGS.operator:
          names.operators = new Objects(await catalog.read(oid, (row) => names.operator(row)), searchPath);
          break;
        case CATALOG_OIDS.type:
          names.types = new Objects(await catalog.read(oid, (row) => names.type(row)), searchPath);
          break;
        case CATALOG_OIDS.class:
          names.relations = new Objects(
            await catalog.read(oid, (row) => names.object(row, 'rel')),
            searchPath,
          );
          break;
        case OBJECT_CATALOGS.tsConfig:
          names.configs = new Objects(await catalog.read(oid, (row) => names.object(row, 'cfg')), searchPath);
          break;
        case OBJECT_CATALOGS.tsDictionary:
          names.dictionaries = new Objects(
            await catalog.read(oid, (row) => names.object(row, 'dict')),
            searchPath,
          );
          break;
        case OBJECT_CATALOGS.collation: {
          const encoding = await encodingOf(catalog);
          names.collations = new Objects(
            await catalog.read(oid, (row) => names.collation(row, encoding)),
            searchPath,
          );
          break;
        }
      }
    }
    return names;
  }

  /** See `TypeContext.objectName`. */
  readonly name = (type: ObjectType, oid: number): string | undefined => {
    switch (type) {
      case 'regproc': {
        const proc = this.procs.get(oid);
        return proc && this.qualified(proc, this.procs.isAlone(proc));
      }
      case 'regprocedure': {
        const proc = this.procs.get(oid);
        const list = proc?.argumentTypes.map((argument) => this.typeName(argument)).join(',');
        return proc && `${this.qualified(proc, this.procs.isVisible(proc))}(${list})`;
      }
      case 'regoper': {
        const operator = this.operators.get(oid);
        return operator && this.printedOperator(operator, this.operators.isAlone(operator));
      }
      case 'regoperator': {
        const operator = this.operators.get(oid);
        if (!operator) return undefined;
        const sides = [operator.left, operator.right].map((side) =>
          side === 0 ? 'NONE' : this.typeName(side),
        );
        return `${this.printedOperator(operator, this.operators.isVisible(operator))}(${sides.join(',')})`;
      }
      case 'regclass':
        return this.objectName(this.relations, oid);
      case 'regtype':
        return this.types.get(oid) && this.typeName(oid);
      case 'regcollation':
        return this.objectName(this.collations, oid);
      case 'regconfig':
        return this.objectName(this.configs, oid);
      case 'regdictionary':
        return this.objectName(this.dictionaries, oid);
      case 'regrole':
        return this.quoted(this.roles.get(oid));
      case 'regnamespace':
        return this.quoted(this.schemas.get(oid));
      case 'regdatabase':
        return this.quoted(this.databases.get(oid));
      case 'aclitem':
        return quoteInAcl(this.roles.get(oid));
    }
  };

  /** A function by its schema and name; undefined where there is none, or its schema is gone. */
  functionName(oid: number): QualifiedName | undefined {
    return qualifiedName(this.procs.get(oid));
  }

  operatorName(oid: number): QualifiedName | undefined {
    return qualifiedName(this.operators.get(oid));
  }

  private quoted(name: string | undefined): string | undefined {
    return name === undefined ? undefined : quoteIdentifier(name, this.version);
  }

  private objectName(objects: Objects<SchemaObject>, oid: number): string | undefined {
    const object = objects.get(oid);
    return object && this.qualified(object, objects.isVisible(object));
  }

  private qualified({ schema, name }: SchemaObject, isVisible: boolean): string {
    const parts = isVisible || schema === undefined ? [name] : [schema, name];
    return parts.map((part) => quoteIdentifier(part, this.version)).join('.');
  }

  /** An operator's name has no quotes. */
  private printedOperator({ schema, name }: OperatorObject, isVisible: boolean): string {
    return isVisible || schema === undefined ? name : `${quoteIdentifier(schema, this.version)}.${name}`;
  }

  /** `format_type_be` */
  private typeName(oid: number): string {
    const type = this.types.get(oid);
    if (!type) return '???';
    if (type.element !== 0)
      return this.types.get(type.element) ? `${this.plainTypeName(type.element)}[]` : '???[]';
    return this.plainTypeName(oid);
  }

  private plainTypeName(oid: number): string {
    const type = this.types.get(oid);
    return SQL_TYPES.get(oid) ?? (type ? this.qualified(type, this.types.isVisible(type)) : '???');
  }

  /** @param prefix of the names of the catalog's columns */
  private object(row: CatalogRow, prefix: string): SchemaObject {
    const schema = this.schemas.get(row.oid(`${prefix}namespace`));
    return { oid: row.oid('oid'), name: row.name(`${prefix}name`), schema, key: '' };
  }

  private proc(row: CatalogRow): ProcObject {
    const argumentTypes = row.oids('proargtypes');
    return { ...this.object(row, 'pro'), key: argumentTypes.join(), argumentTypes };
  }

  private operator(row: CatalogRow): OperatorObject {
    const left = row.oid('oprleft');
    const right = row.oid('oprright');
    return { ...this.object(row, 'opr'), key: `${left},${right}`, left, right };
  }

  private type(row: CatalogRow): TypeObject {
    const { version } = this;
    // a name or an oidvector has elements, too, but is no true array (`IsTrueArrayType`, since 14)
    const isArray = version < 14 || row.oid('typsubscript') === ARRAY_SUBSCRIPT_HANDLER;
    const element = isArray && row.char('typstorage') !== 'p' ? row.oid('typelem') : 0;
    return { ...this.object(row, 'typ'), element };
  }

  /** One for another encoding is never found by its name. */
  private collation(row: CatalogRow, encoding: number): SchemaObject {
    const own = row.int4('collencoding');
    const isUsable = own === -1 || own === encoding;
    return { ...this.object(row, 'coll'), key: isUsable ? '' : String(own) };
  }
}

async function encodingOf(catalog: NameSource): Promise<number> {
  const databases = await catalog.read(CATALOG_OIDS.database, (row) => ({
    oid: row.oid('oid'),
    encoding: row.int4('encoding'),
  }));
  return databases.find(({ oid }) => oid === catalog.database.oid)?.encoding ?? -1;
}

/** As in an aclitem (`putid`, acl.c). */
function quoteInAcl(name: string | undefined): string | undefined {
  if (name === undefined || /^[A-Za-z0-9_]*$/.test(name)) return name;
  return `"${name.replaceAll('"', '""')}"`;
}

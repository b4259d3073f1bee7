import { formatType, type TypeName } from '../../heap/types/format-type.js';
import type { Type } from '../../heap/types/type.js';
import type { QualifiedName } from '../../replay/live-catalog.js';
import { quoteIdentifier } from '../../text/sql-identifier.js';
import { UTC } from '../../text/timezone.js';
import {
  isNode,
  itemsIn,
  numberIn,
  parseNodeTree,
  parseNodeTreeList,
  type TreeItem,
  type TreeNode,
  wordIn,
} from './node-tree.js';
import { textSql } from './sql-text.js';
import { textIfKnown } from './values.js';

/** What the catalogs say of things that expressions name. */
export interface ExpressionNames {
  version: number;
  type(oid: number): Type | undefined;
  typeName(oid: number): TypeName | undefined;
  functionName(oid: number): QualifiedName | undefined;
  operatorName(oid: number): QualifiedName | undefined;
  relationName(oid: number): QualifiedName | undefined;
  /** Of the table that the expression is of, by `attnum`. */
  columnName(number: number): string | undefined;
}

/** `nextval(regclass)` (PostgreSQL: src/include/catalog/pg_proc.dat). */
const NEXTVAL = 1574;

/** `CoercionForm` (PostgreSQL: src/include/nodes/primnodes.h). */
const EXPLICIT_CALL = 0;
const EXPLICIT_CAST = 1;
const IMPLICIT_CAST = 2;
/** Since 14: a function that SQL has words of its own for. */
const SQL_SYNTAX = 3;

/** `SQLValueFunctionOp`, of PostgreSQL 10 and later (src/include/nodes/primnodes.h); those with # have a precision. */
const SQL_VALUES = [
  ...['CURRENT_DATE', 'CURRENT_TIME', 'CURRENT_TIME#', 'CURRENT_TIMESTAMP', 'CURRENT_TIMESTAMP#'],
  ...['LOCALTIME', 'LOCALTIME#', 'LOCALTIMESTAMP', 'LOCALTIMESTAMP#', 'CURRENT_ROLE', 'CURRENT_USER'],
  ...['USER', 'SESSION_USER', 'CURRENT_CATALOG', 'CURRENT_SCHEMA'],
];

/**
 * An expression as SQL: constants, columns, casts, calls of functions and operators on these, AND, OR, NOT and IS.
 * @param tree as pg_attrdef, pg_constraint and pg_index have it
 * @returns undefined where it is something else, or names what is not known
 */
export function expressionSql(tree: string, names: ExpressionNames): string | undefined {
  const node = parseNodeTree(tree);
  return node && new Expression(names).sql(node);
}

/** Expressions that are a list, such as those of an index; undefined where one cannot be told. */
export function expressionsSql(tree: string, names: ExpressionNames): string[] | undefined {
  const nodes = parseNodeTreeList(tree);
  const texts = nodes?.map((item) => (isNode(item) ? new Expression(names).sql(item) : undefined));
  return texts?.every((text) => text !== undefined) ? texts : undefined;
}

/** A constant as SQL; undefined where its value cannot be told. */
export const constantSql = (node: TreeNode, names: ExpressionNames): string | undefined =>
  node.label === 'CONST' ? new Expression(names).sql(node) : undefined;

/** The sequences that a default takes values from, by oid. */
export function sequencesIn(tree: string): number[] {
  const found: number[] = [];
  const visit = (item: TreeItem): void => {
    if (typeof item === 'string') return;
    const items = isNode(item) ? [...item.fields.values()].flat() : item;
    items.forEach(visit);
    if (!isNode(item) || item.label !== 'FUNCEXPR' || numberIn(item, 'funcid') !== NEXTVAL) return;
    const oid = regclassIn(argumentsOf(item)[0]);
    if (oid !== undefined) found.push(oid);
  };
  const node = parseNodeTree(tree);
  if (node) visit(node);
  return found;
}

class Expression {
  constructor(private readonly names: ExpressionNames) {}

  sql(node: TreeNode): string | undefined {
    switch (node.label) {
      case 'CONST':
        return this.constant(node);
      case 'FUNCEXPR':
        return this.call(node);
      case 'OPEXPR':
        return this.operation(node);
      case 'RELABELTYPE':
        return this.cast(node, 'relabelformat');
      case 'COERCEVIAIO':
        return this.cast(node, 'coerceformat');
      case 'COERCETODOMAIN':
        return this.cast(node, 'coercionformat');
      case 'SQLVALUEFUNCTION':
        return sqlValue(node);
      case 'VAR':
        return this.column(node);
      case 'BOOLEXPR':
        return this.logical(node);
      case 'NULLTEST':
        return this.test(node, NULL_TESTS[numberIn(node, 'nulltesttype') ?? -1]);
      case 'BOOLEANTEST':
        return this.test(node, BOOLEAN_TESTS[numberIn(node, 'booltesttype') ?? -1]);
      case 'SCALARARRAYOPEXPR':
        return this.anyOf(node);
      // up to 13, and since
      case 'ARRAY':
      case 'ARRAYEXPR':
        return this.array(node);
      case 'COALESCE':
      case 'COALESCEEXPR': {
        const list = this.all(argumentsOf(node));
        return list && `COALESCE(${list.join(', ')})`;
      }
      default:
        return undefined;
    }
  }

  private constant(node: TreeNode): string | undefined {
    const type = numberIn(node, 'consttype');
    const name = this.typeSql(type, numberIn(node, 'consttypmod'));
    if (type === undefined || name === undefined) return undefined;
    if (wordIn(node, 'constisnull') === 'true') return `NULL::${name}`;
    const relation = regclassIn(node);
    if (relation !== undefined) {
      const named = this.names.relationName(relation);
      return named && `${textSql(this.qualified(named))}::${name}`;
    }
    const value = this.value(type, storedIn(node));
    return value === undefined ? undefined : `${textSql(value)}::${name}`;
  }

  private value(oid: number, stored: Uint8Array | undefined): string | undefined {
    const type = this.names.type(oid);
    // names of objects are those of a moment
    if (type === undefined || stored === undefined || NAMING.has(oid)) return undefined;
    const { version } = this.names;
    return textIfKnown(stored, type, { version, timezone: UTC, type: (one) => this.names.type(one) });
  }

  private call(node: TreeNode): string | undefined {
    const args = argumentsOf(node);
    switch (numberIn(node, 'funcformat')) {
      case EXPLICIT_CALL:
      case SQL_SYNTAX: {
        const name = this.names.functionName(numberIn(node, 'funcid') ?? 0);
        if (name === undefined || wordIn(node, 'funcvariadic') === 'true') return undefined;
        const list = this.all(args);
        return list && `${this.qualified(name)}(${list.join(', ')})`;
      }
      case EXPLICIT_CAST: {
        // what makes a value as long as the type says has that for its second argument
        const modifier = args.length < 2 ? -1 : integerOf(args[1]);
        return this.castTo(args[0], numberIn(node, 'funcresulttype'), modifier);
      }
      case IMPLICIT_CAST:
        return this.sqlOf(args[0]);
      default:
        return undefined;
    }
  }

  /** Of the table itself: there is no other one. */
  private column(node: TreeNode): string | undefined {
    if (numberIn(node, 'varno') !== 1 || numberIn(node, 'varlevelsup') !== 0) return undefined;
    const name = this.names.columnName(numberIn(node, 'varattno') ?? 0);
    return name === undefined ? undefined : quoteIdentifier(name, this.names.version);
  }

  private logical(node: TreeNode): string | undefined {
    const parts = this.all(argumentsOf(node));
    const word = wordIn(node, 'boolop')?.toUpperCase();
    if (parts === undefined || parts.length === 0) return undefined;
    if (word === 'NOT') return `(NOT ${parts[0]})`;
    return word === 'AND' || word === 'OR' ? `(${parts.join(` ${word} `)})` : undefined;
  }

  private test(node: TreeNode, what: string | undefined): string | undefined {
    const inner = this.sqlOf(node.fields.get('arg')?.[0]);
    return inner === undefined || what === undefined ? undefined : `(${inner} IS ${what})`;
  }

  private anyOf(node: TreeNode): string | undefined {
    const operator = operatorSql(numberIn(node, 'opno') ?? 0, this.names);
    const [value, array] = this.all(argumentsOf(node)) ?? [];
    if (operator === undefined || value === undefined || array === undefined) return undefined;
    return `(${value} ${operator} ${wordIn(node, 'useOr') === 'true' ? 'ANY' : 'ALL'} (${array}))`;
  }

  private array(node: TreeNode): string | undefined {
    const name = this.typeSql(numberIn(node, 'array_typeid'));
    const list = this.all(itemsIn(node, 'elements'));
    if (name === undefined || list === undefined || wordIn(node, 'multidims') !== 'false') return undefined;
    return `(ARRAY[${list.join(', ')}])::${name}`;
  }

  private operation(node: TreeNode): string | undefined {
    const operator = operatorSql(numberIn(node, 'opno') ?? 0, this.names);
    const sides = this.all(argumentsOf(node));
    if (operator === undefined || sides === undefined) return undefined;
    if (sides.length === 1) return `(${operator} ${sides[0]})`;
    return sides.length === 2 ? `(${sides[0]} ${operator} ${sides[1]})` : undefined;
  }

  /** What is cast without being asked for is so again. */
  private cast(node: TreeNode, format: string): string | undefined {
    const [inner] = node.fields.get('arg') ?? [];
    if (numberIn(node, format) === IMPLICIT_CAST) return this.sqlOf(inner);
    return this.castTo(inner, numberIn(node, 'resulttype'), numberIn(node, 'resulttypmod'));
  }

  private castTo(inner: TreeItem | undefined, type: number | undefined, modifier = -1): string | undefined {
    const [text, name] = [this.sqlOf(inner), this.typeSql(type, modifier)];
    return text === undefined || name === undefined ? undefined : `(${text})::${name}`;
  }

  private sqlOf(item: TreeItem | undefined): string | undefined {
    return isNode(item) ? this.sql(item) : undefined;
  }

  private all(items: readonly TreeItem[]): string[] | undefined {
    const texts = items.map((item) => this.sqlOf(item));
    return texts.every((text) => text !== undefined) ? texts : undefined;
  }

  private typeSql(oid: number | undefined, modifier = -1): string | undefined {
    const name = oid === undefined ? undefined : this.names.typeName(oid);
    return name && formatType(name, modifier, this.names.version, (schema) => schema === 'pg_catalog');
  }

  private qualified({ schema, name }: QualifiedName): string {
    const { version } = this.names;
    return `${quoteIdentifier(schema, version)}.${quoteIdentifier(name, version)}`;
  }
}

/** An operator, with its schema; undefined where it is not known. */
export function operatorSql(oid: number, { operatorName, version }: ExpressionNames): string | undefined {
  const name = operatorName(oid);
  if (name === undefined || !IS_OPERATOR.test(name.name)) return undefined;
  return `OPERATOR(${quoteIdentifier(name.schema, version)}.${name.name})`;
}

/** `NullTestType` and `BoolTestType` (PostgreSQL: src/include/nodes/primnodes.h). */
const NULL_TESTS = ['NULL', 'NOT NULL'];
const BOOLEAN_TESTS = ['TRUE', 'NOT TRUE', 'FALSE', 'NOT FALSE', 'UNKNOWN', 'NOT UNKNOWN'];

/** An operator's name has no quotes: what a damaged catalog has in its place is no part of a statement. */
const IS_OPERATOR = /^[-+*/<>=~!@#%^&|`?]+$/;

const REGCLASS = 2205;

/** Types whose values are the oids of objects, regclass apart. */
const NAMING: ReadonlySet<number> = new Set([
  ...[24, 2202, 2203, 2204, REGCLASS, 2206, 3734, 3769, 4089, 4096, 4191, 6490, 1033],
]);

function sqlValue(node: TreeNode): string | undefined {
  const name = SQL_VALUES[numberIn(node, 'op') ?? -1];
  const precision = numberIn(node, 'typmod') ?? -1;
  if (!name?.endsWith('#')) return name;
  return precision < 0 ? undefined : `${name.slice(0, -1)}(${precision})`;
}

const argumentsOf = (node: TreeNode): readonly TreeItem[] => itemsIn(node, 'args');

/** The relation that a constant names. */
function regclassIn(item: TreeItem | undefined): number | undefined {
  if (!isNode(item) || item.label !== 'CONST' || numberIn(item, 'consttype') !== REGCLASS) return undefined;
  return integerIn(item);
}

const INT4 = 23;

function integerOf(item: TreeItem): number | undefined {
  if (!isNode(item) || item.label !== 'CONST' || numberIn(item, 'consttype') !== INT4) return undefined;
  const value = integerIn(item);
  return value === undefined ? undefined : value | 0;
}

function integerIn(node: TreeNode): number | undefined {
  const stored = storedIn(node);
  return stored?.length === 4 ? new DataView(stored.buffer).getUint32(0, true) : undefined;
}

/** The bytes of a constant, as a tuple has them: `<length> [ <bytes> ]`; of what is passed by value there are always 8. */
function storedIn(node: TreeNode): Uint8Array | undefined {
  const [length, open, ...bytes] = node.fields.get('constvalue') ?? [];
  if (typeof length !== 'string' || open !== '[' || bytes.pop() !== ']') return undefined;
  const values = bytes.map(Number);
  const size = Number(length);
  if (!Number.isInteger(size) || size > values.length || !values.every(Number.isInteger)) return undefined;
  return Uint8Array.from(values.slice(0, size));
}

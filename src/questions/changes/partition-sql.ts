import type { LiveTable } from '../../replay/live-catalog.js';
import { quoteIdentifier } from '../../text/sql-identifier.js';
import { constantSql, type ExpressionNames } from './default-sql.js';
import {
  isNode,
  itemsIn,
  numberIn,
  parseNodeTree,
  type TreeItem,
  type TreeNode,
  wordIn,
} from './node-tree.js';
import { tableSql } from './sql-text.js';

const STRATEGIES: Readonly<Record<string, string>> = { r: 'RANGE', l: 'LIST', h: 'HASH' };

/** What a partitioned table is split by besides columns. */
export interface MoreOfPartitionKey {
  /** In SQL. */
  expressions: readonly string[];
  /** What goes behind each column or expression. */
  orders: readonly string[];
}

/** How a partitioned table is split; undefined where by expressions, or not known. */
export function partitionBySql(
  { partitionKey, columns }: LiveTable,
  version: number,
  { expressions, orders }: MoreOfPartitionKey = { expressions: [], orders: [] },
): string | undefined {
  if (partitionKey === undefined) return undefined;
  const strategy = STRATEGIES[partitionKey.strategy];
  const rest = expressions.values();
  const parts = partitionKey.columns.map((number, i) => {
    const name = columns[number - 1]?.name;
    const expression = number === 0 ? rest.next().value : undefined;
    const what = name === undefined ? expression && `(${expression})` : quoteIdentifier(name, version);
    return what === undefined ? undefined : `${what}${orders[i] ?? ''}`;
  });
  if (strategy === undefined || parts.some((part) => part === undefined)) return undefined;
  return `PARTITION BY ${strategy} (${parts.join(', ')})`;
}

/** What makes a table a partition; undefined where it is none, or which rows are its cannot be told. */
export function attachSql(table: LiveTable, version: number): string | undefined {
  const { partitionOf } = table;
  const bound = partitionOf?.bound && boundSql(partitionOf.bound, namesOf(table, version));
  if (!partitionOf || !bound) return undefined;
  const parent = tableSql(partitionOf.parent, version);
  return `ALTER TABLE ${parent} ATTACH PARTITION ${tableSql(table, version)} ${bound}`;
}

/** Bounds are constants of the types of the key's columns. */
const namesOf = ({ type, columns }: LiveTable, version: number): ExpressionNames => ({
  ...{ version, type },
  typeName: (oid) => columns.find((column) => column.type === oid)?.typeName,
  functionName: () => undefined,
  operatorName: () => undefined,
  relationName: () => undefined,
  columnName: () => undefined,
});

/** `PartitionBoundSpec` (PostgreSQL: src/include/nodes/parsenodes.h). */
function boundSql(tree: string, names: ExpressionNames): string | undefined {
  const node = parseNodeTree(tree);
  if (node?.label !== 'PARTITIONBOUNDSPEC') return undefined;
  if (wordIn(node, 'is_default') === 'true') return 'DEFAULT';
  switch (wordIn(node, 'strategy')) {
    case 'h': {
      const [modulus, remainder] = [numberIn(node, 'modulus'), numberIn(node, 'remainder')];
      if (modulus === undefined || remainder === undefined) return undefined;
      return `FOR VALUES WITH (MODULUS ${modulus}, REMAINDER ${remainder})`;
    }
    case 'l': {
      const values = all(itemsIn(node, 'listdatums'), (item) => constantSql(item, names));
      return values && `FOR VALUES IN (${values})`;
    }
    case 'r': {
      const [from, to] = ['lowerdatums', 'upperdatums'].map((field) =>
        all(itemsIn(node, field), (item) => rangeDatum(item, names)),
      );
      return from && to && `FOR VALUES FROM (${from}) TO (${to})`;
    }
    default:
      return undefined;
  }
}

/** `PartitionRangeDatumKind` */
const [MINVALUE, VALUE, MAXVALUE] = [-1, 0, 1];

function rangeDatum(node: TreeNode, names: ExpressionNames): string | undefined {
  switch (numberIn(node, 'kind')) {
    case MINVALUE:
      return 'MINVALUE';
    case MAXVALUE:
      return 'MAXVALUE';
    case VALUE: {
      const [value] = node.fields.get('value') ?? [];
      return isNode(value) ? constantSql(value, names) : undefined;
    }
    default:
      return undefined;
  }
}

function all(items: readonly TreeItem[], sqlOf: (node: TreeNode) => string | undefined): string | undefined {
  const texts = items.map((item) => (isNode(item) ? sqlOf(item) : undefined));
  return texts.length > 0 && texts.every((text) => text !== undefined) ? texts.join(', ') : undefined;
}

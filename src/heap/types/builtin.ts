import type { ByteView } from '../../wal/byte-view.js';
import type { Layout } from '../tuple.js';
import * as datetime from './datetime.js';
import * as geometric from './geometric.js';
import { jsonPath } from './json-path.js';
import { jsonb } from './jsonb.js';
import * as network from './network.js';
import * as numbers from './numbers.js';
import { numeric } from './numeric.js';
import * as objects from './objects.js';
import * as statistics from './statistics.js';
import * as strings from './strings.js';
import * as summaries from './summaries.js';
import * as search from './text-search.js';
import type { Output, Type } from './type.js';
import { xml } from './xml.js';

/**
 * The types that every database has, by the oids that never change (PostgreSQL: src/include/catalog/pg_type.dat,
 * pg_range.dat; 10 to 19, where a type that is younger than a server simply never occurs there).
 */

type Alignment = Layout['alignment'];

/** oid, oid of its array, name, length, alignment, how it prints. */
const BASE: readonly [number, number, string, number, Alignment, Output][] = [
  [16, 1000, 'bool', 1, 1, numbers.bool],
  [17, 1001, 'bytea', -1, 4, strings.bytea],
  [18, 1002, 'char', 1, 1, strings.char],
  [19, 1003, 'name', 64, 1, strings.name],
  [20, 1016, 'int8', 8, 8, numbers.int8],
  [21, 1005, 'int2', 2, 2, numbers.int2],
  [22, 1006, 'int2vector', -1, 4, numbers.int2Vector],
  [23, 1007, 'int4', 4, 4, numbers.int4],
  [24, 1008, 'regproc', 4, 4, objects.regproc],
  [25, 1009, 'text', -1, 4, strings.text],
  [26, 1028, 'oid', 4, 4, numbers.uint4],
  [27, 1010, 'tid', 6, 2, numbers.tid],
  [28, 1011, 'xid', 4, 4, numbers.uint4],
  [29, 1012, 'cid', 4, 4, numbers.uint4],
  [30, 1013, 'oidvector', -1, 4, numbers.oidVector],
  [114, 199, 'json', -1, 4, strings.text],
  [142, 143, 'xml', -1, 4, xml],
  [194, 0, 'pg_node_tree', -1, 4, strings.text],
  [600, 1017, 'point', 16, 8, geometric.point],
  [601, 1018, 'lseg', 32, 8, geometric.lseg],
  [602, 1019, 'path', -1, 8, geometric.path],
  [603, 1020, 'box', 32, 8, geometric.box],
  [604, 1027, 'polygon', -1, 8, geometric.polygon],
  [628, 629, 'line', 24, 8, geometric.line],
  [650, 651, 'cidr', -1, 4, network.cidr],
  [700, 1021, 'float4', 4, 4, numbers.float4],
  [701, 1022, 'float8', 8, 8, numbers.float8],
  [718, 719, 'circle', 24, 8, geometric.circle],
  [774, 775, 'macaddr8', 8, 4, network.macaddr8],
  [790, 791, 'money', 8, 8, numbers.money],
  [829, 1040, 'macaddr', 6, 4, network.macaddr],
  [869, 1041, 'inet', -1, 4, network.inet],
  [1033, 1034, 'aclitem', 16, 8, objects.aclitem],
  [1042, 1014, 'bpchar', -1, 4, strings.text],
  [1043, 1015, 'varchar', -1, 4, strings.text],
  [1082, 1182, 'date', 4, 4, datetime.date],
  [1083, 1183, 'time', 8, 8, datetime.time],
  [1114, 1115, 'timestamp', 8, 8, datetime.timestamp],
  [1184, 1185, 'timestamptz', 8, 8, datetime.timestamptz],
  [1186, 1187, 'interval', 16, 8, datetime.interval],
  [1266, 1270, 'timetz', 12, 8, datetime.timetz],
  [1560, 1561, 'bit', -1, 4, strings.bits],
  [1562, 1563, 'varbit', -1, 4, strings.bits],
  [1700, 1231, 'numeric', -1, 4, numeric],
  [1790, 2201, 'refcursor', -1, 4, strings.text],
  [2202, 2207, 'regprocedure', 4, 4, objects.regprocedure],
  [2203, 2208, 'regoper', 4, 4, objects.regoper],
  [2204, 2209, 'regoperator', 4, 4, objects.regoperator],
  [2205, 2210, 'regclass', 4, 4, objects.regclass],
  [2206, 2211, 'regtype', 4, 4, objects.regtype],
  [2275, 1263, 'cstring', -2, 1, strings.text],
  [2950, 2951, 'uuid', 16, 1, strings.uuid],
  [2970, 2949, 'txid_snapshot', -1, 8, numbers.snapshot],
  [3220, 3221, 'pg_lsn', 8, 8, numbers.pgLsn],
  [3361, 0, 'pg_ndistinct', -1, 4, statistics.ndistinct],
  [3402, 0, 'pg_dependencies', -1, 4, statistics.dependencies],
  [3614, 3643, 'tsvector', -1, 4, search.tsvector],
  [3615, 3645, 'tsquery', -1, 4, search.tsquery],
  [3642, 3644, 'gtsvector', -1, 4, summaries.gtsvector],
  [3734, 3735, 'regconfig', 4, 4, objects.regconfig],
  [3769, 3770, 'regdictionary', 4, 4, objects.regdictionary],
  [3802, 3807, 'jsonb', -1, 4, jsonb],
  [4072, 4073, 'jsonpath', -1, 4, jsonPath],
  [4089, 4090, 'regnamespace', 4, 4, objects.regnamespace],
  [4096, 4097, 'regrole', 4, 4, objects.regrole],
  [4191, 4192, 'regcollation', 4, 4, objects.regcollation],
  [4600, 0, 'pg_brin_bloom_summary', -1, 4, summaries.bloomSummary],
  [5017, 0, 'pg_mcv_list', -1, 4, strings.bytea],
  [5038, 5039, 'pg_snapshot', -1, 8, numbers.snapshot],
  [5069, 271, 'xid8', 8, 8, numbers.uint8],
  [6437, 6442, 'oid8', 8, 8, numbers.uint8],
  [6490, 6491, 'regdatabase', 4, 4, objects.regdatabase],
];

/** Oids of a range type, its array, its multirange (since 14), that one's array, its subtype; name, alignment. */
const RANGES: readonly [number, number, number, number, number, string, Alignment][] = [
  [3904, 3905, 4451, 6150, 23, 'int4', 4],
  [3906, 3907, 4532, 6151, 1700, 'num', 4],
  [3908, 3909, 4533, 6152, 1114, 'ts', 8],
  [3910, 3911, 4534, 6153, 1184, 'tstz', 8],
  [3912, 3913, 4535, 6155, 1082, 'date', 4],
  [3926, 3927, 4536, 6157, 20, 'int8', 8],
];

const outputs = new Map(BASE.map(([oid, , , , , output]) => [oid, output]));

/** How a base type prints; undefined when walscan does not know it. */
export const outputOf = (oid: number): Output | undefined => outputs.get(oid);

/** Tells as the output does whether bytes are a value, and does not print it. @throws WalError */
type Check = (value: ByteView) => unknown;

/** Bytes that have the length of the type are a value of it. */
const isLongEnough: Check = () => undefined;

const checks = new Map<Output | undefined, Check>([
  [strings.text, (v) => strings.textBytes(v)],
  [strings.bytea, isLongEnough],
  [datetime.timestamp, datetime.timestampOf],
  [datetime.timestamptz, datetime.timestampOf],
  [numbers.int2, isLongEnough],
  [numbers.int4, isLongEnough],
  [numbers.int8, isLongEnough],
  [numbers.uint4, isLongEnough],
  [numbers.uint8, isLongEnough],
  [numbers.float4, isLongEnough],
  [numbers.float8, isLongEnough],
  [strings.uuid, isLongEnough],
]);

/** How to tell whether bytes are a value of a base type, where there is a quicker way than to print it. */
export const checkOf = (oid: number): Check | undefined => checks.get(outputs.get(oid));

/** The built-in types by oid, as they have been since 16: what a context without catalogs knows. */
export const builtinTypes: ReadonlyMap<number, Type> = new Map(listTypes().map((type) => [type.oid, type]));

/** An aclitem had fewer privileges to tell of. */
const typesBefore16 = new Map(builtinTypes);
for (const [oid, layout] of [
  [1033, { length: 12, alignment: 4 }],
  [1034, { length: -1, alignment: 4 }],
] as const) {
  typesBefore16.set(oid, { ...builtinTypes.get(oid)!, ...layout });
}

/** {@link builtinTypes} of a major version. */
export const builtinTypesOf = (version: number): ReadonlyMap<number, Type> =>
  version < 16 ? typesBefore16 : builtinTypes;

function listTypes(): Type[] {
  const types: Type[] = [];
  const add = (type: Type, arrayOid: number): void => {
    types.push(type);
    if (arrayOid === 0) return;
    const alignment = type.alignment === 8 ? 8 : 4;
    const array = { kind: 'array', element: type.oid, length: -1, alignment, delimiter: ',' } as const;
    types.push({ ...array, oid: arrayOid, name: `_${type.name}` });
  };
  for (const [oid, arrayOid, name, length, alignment] of BASE) {
    add({ kind: 'base', oid, name, length, alignment, delimiter: name === 'box' ? ';' : ',' }, arrayOid);
  }
  for (const [oid, arrayOid, multi, multiArray, subtype, name, alignment] of RANGES) {
    const layout = { length: -1, alignment, delimiter: ',' };
    add({ ...layout, kind: 'range', oid, name: `${name}range`, subtype }, arrayOid);
    add({ ...layout, kind: 'multirange', oid: multi, name: `${name}multirange`, range: oid }, multiArray);
  }
  const unaligned = { length: -1, alignment: 4, delimiter: ',' } as const;
  types.push({
    ...unaligned,
    kind: 'base',
    oid: summaries.MINMAX_MULTI_SUMMARY,
    name: 'pg_brin_minmax_multi_summary',
  });
  // of system catalogs: an array whose elements are of the type that it says itself
  types.push({ ...unaligned, kind: 'array', oid: 2277, name: 'anyarray', alignment: 8, element: 0 });
  return types;
}

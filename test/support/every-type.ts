/** Values of every type of PostgreSQL's own that a column can have, as SQL. */

const TEXTS = [
  '',
  ' ',
  'NULL',
  'null',
  'a"b',
  "it's",
  'back\\slash',
  '\\N',
  '\\.',
  '{a,b}',
  '(1,2)',
  '[1,2)',
  'a,b',
  'ñandú 🦤',
  '\t\n\r\b\f\v',
  ';',
  'x'.repeat(3000),
];
const OIDS = ['0', '1', '4294967295', '16384'];
const infinities = ['infinity', '-infinity'];
const times = [
  '2000-01-01',
  '1999-12-31 23:59:59.999999',
  '0001-02-03 BC',
  '4713-01-01 BC',
  '5874-06-03 12:00',
  ...infinities,
];

/** Literals, by type. */
const LITERALS: Record<string, string[]> = {
  bool: ['t', 'f'],
  bytea: ['', '\\x00ff5c27', `\\x${'ab'.repeat(5000)}`],
  '"char"': ['', 'a', '"', '\\', ' ', '~'],
  name: TEXTS.slice(0, -1),
  int8: ['-9223372036854775808', '9223372036854775807', '0'],
  int2: ['-32768', '32767', '0'],
  int2vector: ['', '1', '-32768 0 32767'],
  int4: ['-2147483648', '2147483647', '0'],
  text: TEXTS,
  oid: OIDS,
  tid: ['(0,0)', '(4294967295,65535)', '(65536,1)'],
  xid: OIDS,
  cid: OIDS,
  oidvector: ['', '0', '4294967295 1 2'],
  json: ['{"a" : [1, 2,\t"x\\u00e9"]}', 'null', '"\\\\"', ' 1 '],
  point: ['(0,0)', '(-1e300,1e-300)', '(NaN,Infinity)', '(0.1,-0)'],
  lseg: ['[(0,0),(1,1)]', '[(1e15,1e-5),(-3,NaN)]'],
  path: ['[(0,0),(1,1)]', '((0,0),(1.5,1),(2,0))'],
  box: ['(0,0),(1,1)', '(-1,5),(3,-7)'],
  polygon: ['((0,0))', '((0,0),(1,1),(2,0.5))'],
  line: ['{1,2,3}', '{-1,0,1e20}'],
  cidr: ['10.0.0.0/8', '0.0.0.0/0', '192.168.1.1/32', '::/0', '2001:db8::/32', '::ffff:1.2.3.4/128'],
  float4: [
    '0',
    '-0',
    'NaN',
    'Infinity',
    '-Infinity',
    '1e-45',
    '3.4028235e38',
    '0.1',
    '16777216',
    '1e6',
    '123456.7',
  ],
  float8: [
    '0',
    '-0',
    'NaN',
    'Infinity',
    '-Infinity',
    '5e-324',
    '1.7976931348623157e308',
    '0.1',
    '1e15',
    '1e23',
    '9007199254740993',
  ],
  circle: ['<(0,0),1>', '<(-1.5,2),0>'],
  macaddr8: ['08:00:2b:01:02:03:04:05', 'ff:ff:ff:ff:ff:ff:ff:ff'],
  money: ['0', '-0.01', '1234567.89', '-92233720368547758.08', '92233720368547758.07'],
  macaddr: ['08:00:2b:01:02:03', '00:00:00:00:00:00'],
  inet: [
    '10.0.0.1',
    '10.0.0.1/8',
    '0.0.0.0/0',
    '::1',
    '::',
    'fe80::1/64',
    '::ffff:1.2.3.4',
    '1:0:0:2::3/127',
    '::1.2.3.4',
  ],
  bpchar: ['', 'a  ', 'ñ '],
  'char(5)': ['', 'a', 'ñandú'],
  varchar: TEXTS,
  'varchar(7)': ['', 'seven c'],
  date: ['2000-01-01', '0001-01-01 BC', '4713-11-24 BC', '5874897-12-31', ...infinities],
  time: ['00:00', '24:00:00', '23:59:59.999999', '12:30:00.5'],
  timestamp: times,
  timestamptz: times,
  interval: [
    '0',
    '1 year -2 mons 3 days -04:05:06.7',
    '-1 mons +1 day',
    '178000000 years',
    '-00:00:00.000001',
    '1 mon',
    '-3 years',
  ],
  timetz: ['00:00+00', '24:00-15:59', '12:34:56.789+05:30', '01:02:03-00:00:01'],
  'bit(9)': ['000000000', '101010101'],
  bit: ['0', '1'],
  varbit: ['', '1', '0101010101010101'],
  numeric: [
    '0',
    '-0.00',
    'NaN',
    '1e1000',
    '1e-1000',
    '123456789012345678901234567890.123456789',
    '10000',
    '0.0001',
    '-9999.9999',
  ],
  'numeric(12,4)': ['0', '-1.5', '99999999.9999'],
  refcursor: ['', 'my cursor', '<unnamed portal 1>'],
  uuid: ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-4fff-bfff-ffffffffffff'],
  txid_snapshot: ['1:1:', '10:20:10,14,15', '9223372036854775806:9223372036854775807:'],
  pg_lsn: ['0/0', 'FFFFFFFF/FFFFFFFF', '1/A0', '16/B374D848'],
  tsvector: ["'a':1A,2B,3C,4 'b' 'it''s' 'back\\\\slash':16383", '', "'ñ':1"],
  tsquery: ["'a' & !'b' | 'c':*AB <-> 'd'", "!( 'a' | 'b' ) & 'it''s'", "'a' <3> ( 'b' <-> 'c' )", "'x':*"],
  jsonb: [
    '{"b": [1, 2.50, {"a": null}], "a": "x\\u00e9\\n"}',
    '1e10',
    '""',
    '[]',
    '{}',
    '[true, false, null]',
  ],
  jsonpath: [
    '$',
    'strict $',
    '$.a.b[*].c',
    '$."quoted \\"key\\""."ñ"',
    '$.*',
    '$.**',
    '$.**{2}',
    '$.**{2 to 5}',
    '$.**{last}',
    '$.**{3 to last}',
    '$.**{last to 2}',
    '$[0]',
    '$[1, 2 to 4, last]',
    '$[last - 1]',
    '$[$.a to $.b + 1]',
    '$.a ? (@.b > 1)',
    '$ ? (@.a == 1 && @.b != "x" || !(@.c < null))',
    '$ ? ((@.a > 1) is unknown)',
    '$ ? (exists (@.x ? (@ > 1)))',
    '$ ? (@ starts with "ab")',
    '$ ? (@ starts with $var)',
    '$ ? (@ like_regex "^a.*\\\\d$")',
    '$ ? (@ like_regex "x" flag "ism")',
    '$ ? (@ like_regex "x" flag "iq")',
    '$.a + 1',
    '-$.a',
    '+$.a * 2',
    '-(1 + $.b) / 3 % 4 - 5',
    '(1 + 2) * 3',
    '1 + 2 * 3',
    '1 - (2 - 3)',
    '$.type()',
    '$.size()',
    '$.abs()',
    '$.floor()',
    '$.ceiling()',
    '$.double()',
    '$.keyvalue().key',
    '$.datetime()',
    '$.datetime("HH24:MI")',
    '"str\\u0041\\n"',
    '1.50',
    '-1e3',
    'true',
    'false',
    'null',
    '$var',
    '$"v ar"',
    '(1).abs()',
    '(1.5).type()',
    '-1.5.type()',
    '($.a + $.b).type()',
    '$ ? (@.a > 1 ? (2 > 1)).b',
    '((($)))',
    '$ ? (@ > 1).a',
    '(-1).abs()',
    '$.a[*] ? (@ == true || @ == false)',
  ],
  regproc: [
    '-',
    'pg_catalog.now',
    'my.only',
    'seen',
    'my."Odd Name"',
    '99999',
    'array_append',
    'public.now',
    '1397',
    '870',
    '2108',
  ],
  regprocedure: [
    '-',
    'now()',
    'abs(int4)',
    'my.only(int4,my.pair,text[])',
    'seen("char",public.mood,timestamptz[])',
    '99999',
    'my."Odd Name"()',
    'public.now()',
    'format(text,"any")',
  ],
  regoper: ['0', '||/', 'my.===', '99999', '96', '551', '1752'],
  regoperator: [
    '0',
    '+(int4,int4)',
    '-(NONE,int4)',
    'my.===(my.pair,int4)',
    '99999',
    '||(text,text)',
    '~~~(public.mood,varchar)',
  ],
  regclass: [
    '-',
    'pg_class',
    'every',
    'my.hidden',
    'my."Odd Table"',
    '"select"',
    '99999',
    'pg_toast.pg_toast_1255',
    'information_schema.tables',
    'public.pg_am',
    'my."from"',
    '"Upper"',
    'my.seq',
    'my.gone',
  ],
  regtype: [
    '-',
    'int4',
    '"char"',
    'my.pair',
    'my.pair[]',
    'public.mood',
    '99999',
    'timestamptz[]',
    'bit',
    'varbit[]',
    'oidvector',
    'name',
    'json',
    'public.text',
    'interval',
    'my."order"',
    'int2vector[]',
    'pg_catalog.bpchar',
  ],
  regrole: ['-', 'postgres', '"Odd Role"', '99999', 'pg_monitor', '"user"', 'gone_role'],
  regnamespace: ['-', 'pg_catalog', 'public', 'my', '"Odd Schema"', '99999', 'pg_toast'],
  regconfig: ['-', 'english', 'simple', 'my.conf', '99999'],
  regdictionary: ['-', 'english_stem', 'simple', 'my.dict', '99999'],
  regcollation: ['-', '"C"', '"default"', 'ucs_basic', 'my.coll', '99999', '"POSIX"'],
  aclitem: [
    'postgres=arwdDxt/postgres',
    '=r/postgres',
    '"Odd Role"=r*w*X/"user"',
    'plain_role=UCTc*/gone_role',
    '=/postgres',
  ],
  xid8: ['0', '18446744073709551615'],
  pg_snapshot: ['1:1:', '10:20:10,14,15'],
  int4range: ['empty', '(,)', '[1,5)', '(,3]', '[-2147483648,)'],
  numrange: ['empty', '(1.50,2e20]', '[,NaN]', '(,)'],
  tsrange: ['empty', '["2000-01-01 00:00","2001-01-01 12:34:56.7")', '(,)', '[-infinity,infinity]'],
  tstzrange: ['empty', '["2000-01-01 00:00+00",)', '(,)'],
  daterange: ['empty', '[2000-01-01,2000-02-01)', '(,infinity]'],
  int8range: ['empty', '[1,9223372036854775807)', '(,)'],
};

/** Declarations print without the encoding, and not where they say nothing else. */
const XML = [
  '<a/>',
  '<?xml version="1.0"?><a/>',
  '<?xml version="1.0" encoding="UTF-8"?>\n<a/>',
  '<?xml version="1.0" standalone="yes"?>\n<a/>',
  "<?xml version = '1.0' encoding = 'utf-8' standalone = 'no' ?> <a b=\"1\">&lt;</a>",
  '<?xml version="1.1"?><a/>',
  '<?xml-stylesheet href="x"?><a/>',
  'text <b/>',
];

/** Literals of types that came with a version. */
const LATER: Record<number, Record<string, string[]>> = {
  14: {
    int4multirange: ['{}', '{[1,2),[5,9)}', '{(,)}'],
    nummultirange: ['{}', '{(1.5,2],[3,4]}'],
    tsmultirange: ['{}', '{["2000-01-01 00:00","2001-01-01 00:00")}'],
    tstzmultirange: ['{}', '{["2000-01-01 00:00+00",)}'],
    datemultirange: ['{}', '{[2000-01-01,2000-02-01),[2001-01-01,)}'],
    int8multirange: ['{}', '{[1,2)}'],
    numeric: ['Infinity', '-Infinity'],
  },
  17: {
    interval: infinities,
    jsonpath: [
      '$.bigint()',
      '$.boolean()',
      '$.date()',
      '$.decimal()',
      '$.decimal(10)',
      '$.decimal(10,-2)',
      '$.integer()',
      '$.number()',
      '$.string()',
      '$.time()',
      '$.time(3)',
      '$.time_tz()',
      '$.time_tz(2)',
      '$.timestamp()',
      '$.timestamp(1)',
      '$.timestamp_tz(6)',
    ],
  },
  19: {
    oid8: ['0', '18446744073709551615'],
    regdatabase: ['-', 'postgres', '99999', '"Odd Database"'],
    jsonpath: [
      '$.lower()',
      '$.upper()',
      '$.initcap()',
      '$.replace("a","b")',
      '$.split_part(",",2)',
      '$.ltrim()',
      '$.rtrim("x")',
      '$.btrim("xy")',
    ],
  },
};

/** Objects that values name, of which some are hidden by others, some out of the search path, some in quotes. */
export const OBJECTS = `
set client_min_messages = error;
create schema my; create schema "Odd Schema"; create role "Odd Role"; create role "user"; create role plain_role;
create type public.mood as enum ('sad', 'very "happy"'); create type my.pair as (a int4, b text); create type my."order" as enum ('x');
create domain public.text as int4;
create table my.hidden (a int4); create table my."Odd Table" (a int4); create table public."select" (a int4); create table public."Upper" (a int4);
create table public.pg_am (a int4); create table my."from" (a int4); create sequence my.seq;
create function my.only(int4, my.pair, pg_catalog.text[]) returns int4 language sql as 'select 1';
create function public.seen("char", public.mood, timestamptz[]) returns int4 language sql as 'select 1';
create function my."Odd Name"() returns int4 language sql as 'select 1';
create function public.now() returns int4 language sql as 'select 1';
create function my.equal(my.pair, int4) returns bool language sql as 'select true';
create function public.equal(public.mood, varchar) returns bool language sql as 'select true';
create operator my.=== (function = my.equal, leftarg = my.pair, rightarg = int4);
create operator public.~~~ (function = public.equal, leftarg = public.mood, rightarg = varchar);
create text search configuration my.conf (copy = simple); create text search dictionary my.dict (template = simple);
create collation my.coll (lc_collate = 'C', lc_ctype = 'C');
create table my.gone (a int4); create role gone_role; create database "Odd Database";
`;

/** Those that are gone when the rows are read: their numbers remain. */
export const GONE = 'drop table my.gone; drop owned by gone_role; drop role gone_role;';

const quote = (text: string): string => `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

/** An array's text: some of the values, or all of them, with lower bounds of its own or of two dimensions. */
function arraysOf(type: string, values: readonly string[]): string[] {
  const delimiter = type === 'box' ? ';' : ',';
  const items = values.map((text) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`);
  const [a, b] = [items[0], items.at(-1)];
  const list = (all: readonly (string | undefined)[]): string =>
    `{${all.map((item) => item ?? 'NULL').join(delimiter)}}`;
  return [
    list([...items, undefined]),
    `[-2:-1]=${list([a, undefined])}`,
    list([list([a, b]), list([undefined, a])]),
    `[0:0][3:4]=${list([list([b, a])])}`,
    '{}',
  ];
}

export interface TypedColumn {
  type: string;
  /** SQL of values. */
  values: string[];
}

/** A column of each type, and of arrays of it. @param hasXml whether the server was built with it */
export function typedColumns(version: number, hasXml: boolean): TypedColumn[] {
  const literals = new Map(Object.entries(LITERALS));
  for (const [since, later] of Object.entries(LATER)) {
    if (version < Number(since)) continue;
    for (const [type, texts] of Object.entries(later))
      literals.set(type, [...(literals.get(type) ?? []), ...texts]);
  }
  if (hasXml) literals.set('xml', XML);
  return [...literals].flatMap(([type, texts]) => [
    { type, values: texts.map((text) => `${quote(text)}::${type}`) },
    { type: `${type}[]`, values: arraysOf(type, texts).map((text) => `${quote(text)}::${type}[]`) },
  ]);
}

/** Creates the objects, and a table with all columns and a row for each number of a value. */
export function everyTypeSql(columns: readonly TypedColumn[], table: string): string {
  const count = Math.max(...columns.map(({ values }) => values.length));
  const rows = Array.from(
    { length: count },
    (_, row) =>
      `insert into ${table} values (${columns.map(({ values }) => values[row] ?? 'null').join(', ')});`,
  );
  return [
    `create table ${table} (${columns.map(({ type }, i) => `c${i} ${type}`).join(', ')});`,
    ...rows,
  ].join('\n');
}

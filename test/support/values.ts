import fc from 'fast-check';

/** SQL expressions of random values, by type. */

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const literal = (type: string, texts: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  texts.map((text) => `${quote(text)}::${type}`);

const words = fc.oneof(
  fc.string({ maxLength: 12 }).map((s) => s.replaceAll('\0', '')),
  fc.constantFrom(
    '',
    'NULL',
    'null',
    ' ',
    'a"b',
    'a\\b',
    '{x,y}',
    '(1,2)',
    'ñandú 🦤',
    "o'clock",
    '\t\n\r\b\f\v',
  ),
  fc.integer({ min: 1, max: 400 }).map((n) => 'wal '.repeat(n)),
);
const int2 = fc.oneof(fc.integer({ min: -32768, max: 32767 }), fc.constantFrom(0, -32768, 32767));
const int4 = fc.oneof(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.integer({ min: -20, max: 20 }));
const int8 = fc.oneof(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), fc.bigInt(-5n, 5n));
const uint4 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const digits = fc.stringMatching(/^-?[0-9]{1,60}(\.[0-9]{1,40})?$/);
const bits = fc.stringMatching(/^[01]{0,40}$/);
const float8 = fc.oneof(
  fc.double().map((n) => (Object.is(n, -0) ? '-0' : String(n))),
  fc.constantFrom('1e23', '9007199254740993', '5e-324', '1e15', '123456789012345', '0.0001', '0.00001'),
  int8.map(String),
  fc.integer({ min: -320, max: 308 }).map((e) => `1e${e}`),
);
const float4 = fc.oneof(
  fc.float().map((n) => (Object.is(n, -0) ? '-0' : String(n))),
  fc.constantFrom('1e6', '999999', '16777217', '33554430', '1.17549e-38', '0.0001', '0.00001'),
  fc.integer({ min: -44, max: 38 }).map((e) => `1e${e}`),
);
const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e100, max: 1e100 }).map(String);
const point = fc.tuple(finite, finite).map(([x, y]) => `(${x},${y})`);
const points = (min: number) => fc.array(point, { minLength: min, maxLength: 5 }).map((all) => all.join(','));
const pad = (n: number, width = 2): string => String(n).padStart(width, '0');
const between = (min: number, max: number) => fc.integer({ min, max });
const date = fc.oneof(
  fc
    .tuple(between(1, 4700), between(1, 12), between(1, 28), fc.boolean())
    .map(([y, m, d, bc]) => `${pad(y, 4)}-${pad(m)}-${pad(d)}${bc ? ' BC' : ''}`),
  fc.constantFrom('infinity', '-infinity', '2000-02-29', '1900-02-28', '0001-01-01', '12345-01-02'),
);
const fraction = fc.oneof(
  fc.constant(''),
  between(0, 999_999).map((us) => `.${pad(us, 6)}`),
);
const clock = fc
  .tuple(between(0, 23), between(0, 59), between(0, 59), fraction)
  .map(([h, m, s, f]) => `${pad(h)}:${pad(m)}:${pad(s)}${f}`);
const zone = fc
  .tuple(fc.constantFrom('+', '-'), between(0, 14), fc.constantFrom('', ':30', ':45', ':15:20'))
  .map(([sign, h, rest]) => `${sign}${pad(h)}${rest}`);
const timestamp = fc
  .tuple(between(1, 4700), between(1, 12), between(1, 28), clock, fc.boolean())
  .map(([y, m, d, time, bc]) => `${pad(y, 4)}-${pad(m)}-${pad(d)} ${time}${bc ? ' BC' : ''}`);
const timestamps = fc.oneof(
  timestamp,
  fc.constantFrom('infinity', '-infinity', '1999-12-31 23:59:59.999999'),
);
const interval = fc
  .tuple(between(-300, 300), between(-30, 30), between(-400, 400), between(-(2 ** 31), 2 ** 31 - 1))
  .map(([y, mon, d, us]) => `${y} years ${mon} mons ${d} days ${us} microseconds`);
const octet = between(0, 255);
const hexByte = octet.map((n) => n.toString(16).padStart(2, '0'));
const inet4 = fc.tuple(octet, octet, octet, octet).map((bytes) => bytes.join('.'));
const word16 = fc.oneof(fc.constant(0), fc.constant(0xffff), between(0, 0xffff)).map((n) => n.toString(16));
const inet6 = fc.array(word16, { minLength: 8, maxLength: 8 }).map((all) => all.join(':'));
const inet = fc.oneof(
  inet4,
  inet6,
  fc.constantFrom('::', '::1', '::ffff', '::1.2.3.4', '::ffff:1.2.3.4', '1::', '::8:0:0:0:1'),
  fc.tuple(inet4, between(0, 32)).map(([a, n]) => `${a}/${n}`),
  fc.tuple(inet6, between(0, 128)).map(([a, n]) => `${a}/${n}`),
);
const bytea = fc.uint8Array({ maxLength: 20 }).map((b) => `\\x${Buffer.from(b).toString('hex')}`);
const json = fc.json({ maxDepth: 4 }).map((text) => text.replaceAll(/\\u0000|\\u[dD][89a-fA-F]../g, ''));
const lexeme = words.map((word) => `'${word.slice(0, 200).replaceAll('\\', '\\\\').replaceAll("'", "''")}'`);
const nonEmpty = lexeme.filter((word) => word !== "''");
const position = fc.tuple(between(1, 16383), fc.constantFrom('', 'A', 'B', 'C')).map(([n, w]) => `${n}${w}`);
const tsvector = fc
  .array(
    fc
      .tuple(nonEmpty, fc.array(position, { maxLength: 3 }))
      .map(([w, p]) => (p.length ? `${w}:${p.join(',')}` : w)),
    { maxLength: 5 },
  )
  .map((all) => all.join(' '));
const { query } = fc.letrec<{ query: string }>((tie) => ({
  query: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.tuple(nonEmpty, fc.constantFrom('', ':*', ':A', ':*BD', ':ABCD')).map(([w, s]) => w + s),
    fc
      .tuple(tie('query'), fc.constantFrom('&', '|', '<->', '<7>'), tie('query'))
      .map(([a, operator, b]) => `(${a} ${operator} ${b})`),
    tie('query').map((inner) => `!(${inner})`),
  ),
}));

const scalars: Record<string, fc.Arbitrary<string>> = {
  bool: fc.boolean().map(String),
  int2: int2.map(String),
  int4: int4.map(String),
  int8: int8.map(String),
  oid: uint4.map(String),
  xid: uint4.map(String),
  cid: uint4.map(String),
  tid: fc.tuple(uint4, between(0, 65535)).map(([block, offset]) => `(${block},${offset})`),
  float4,
  float8,
  numeric: fc.oneof(digits, fc.constantFrom('NaN', '0', '0.000', '1e500', '-1e-300', '10000', '0.0001')),
  'numeric(12,4)': fc.stringMatching(/^-?[0-9]{1,8}(\.[0-9]{1,4})?$/),
  money: fc
    .bigInt(-(10n ** 15n), 10n ** 15n)
    .map((n) => `${n}.${pad(Number(n < 0n ? -n % 100n : n % 100n))}`),
  text: words,
  varchar: words,
  'char(20)': words.map((w) => [...w].slice(0, 20).join('')),
  name: words,
  '"char"': fc.stringMatching(/^[ -~]?$/),
  bytea,
  date,
  time: fc.oneof(clock, fc.constant('24:00:00')),
  timetz: fc.tuple(clock, zone).map(([time, z]) => time + z),
  timestamp: timestamps,
  timestamptz: timestamps,
  interval,
  uuid: fc.uuid(),
  json,
  jsonb: json,
  inet,
  cidr: fc.oneof(inet4, inet6),
  macaddr: fc.array(hexByte, { minLength: 6, maxLength: 6 }).map((all) => all.join(':')),
  macaddr8: fc.array(hexByte, { minLength: 8, maxLength: 8 }).map((all) => all.join(':')),
  'bit(11)': fc.stringMatching(/^[01]{11}$/),
  varbit: bits,
  point,
  line: fc
    .tuple(
      finite,
      finite.filter((n) => Math.abs(Number(n)) > 1),
      finite,
    )
    .map((all) => `{${all.join(',')}}`),
  lseg: fc.tuple(point, point).map(([a, b]) => `[${a},${b}]`),
  box: fc.tuple(point, point).map(([a, b]) => `${a},${b}`),
  path: fc.tuple(fc.boolean(), points(1)).map(([closed, all]) => (closed ? `(${all})` : `[${all}]`)),
  polygon: points(1).map((all) => `(${all})`),
  circle: fc.tuple(point, finite).map(([center, r]) => `<${center},${Math.abs(Number(r))}>`),
  pg_lsn: fc.tuple(uint4, uint4).map(([hi, lo]) => `${hi.toString(16)}/${lo.toString(16)}`),
  tsvector,
  tsquery: query,
  int2vector: fc.array(int2, { maxLength: 4 }).map((all) => all.join(' ')),
  oidvector: fc.array(uint4, { maxLength: 4 }).map((all) => all.join(' ')),
};

/** Types that users define; {@link USER_TYPES} makes them. */
export const USER_TYPES = `
create type mood as enum ('sad', 'ok', 'very "happy"');
alter type mood add value 'in between' before 'ok';
create domain small as int4 check (value < 1000);
create domain words as text[];
create type pair as (a int4, b text, gone float8, c numeric[]);
alter type pair drop attribute gone;
create type nested as (p pair, m mood, d small);
create type textrange as range (subtype = text);
create type floatrange as range (subtype = float8);
`;

const range = (bound: string, value: fc.Arbitrary<string>, order: (a: string, b: string) => number) =>
  fc
    .tuple(fc.option(value), fc.option(value), fc.constantFrom('[]', '()', '[)', '(]'))
    .map(([a, b, bounds]) => {
      const [low, high] = a !== null && b !== null && order(a, b) > 0 ? [b, a] : [a, b];
      const sql = (text: string | null) => (text === null ? 'null' : `${quote(text)}::${bound}`);
      return `${sql(low)}, ${sql(high)}, '${bounds}'`;
    });
const byNumber = (a: string, b: string): number => Number(a) - Number(b);
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
const plainDate = fc
  .tuple(between(1000, 3000), between(1, 12), between(1, 28))
  .map(([y, m, d]) => `${y}-${pad(m)}-${pad(d)}`);
const ranges: Record<string, fc.Arbitrary<string>> = {
  int4range: range('int4', between(-1000, 1000).map(String), byNumber),
  int8range: range('int8', between(-1000, 1000).map(String), byNumber),
  numrange: range('numeric', fc.stringMatching(/^-?[0-9]{1,9}(\.[0-9]{1,3})?$/), byNumber),
  tsrange: range('timestamp', plainDate, byBytes),
  tstzrange: range('timestamptz', plainDate, byBytes),
  daterange: range('date', plainDate, byBytes),
  textrange: range('text', words, byBytes),
  floatrange: range('float8', finite, byNumber),
};

const nullable = (value: fc.Arbitrary<string>) =>
  fc.oneof({ weight: 4, arbitrary: value }, { weight: 1, arbitrary: fc.constant('null') });
const list = (value: fc.Arbitrary<string>, max = 4) =>
  fc.array(nullable(value), { minLength: 1, maxLength: max });

function arrayOf(type: string, value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constant(`'{}'::${type}[]`),
    list(value).map((all) => `array[${all.join(', ')}]::${type}[]`),
    fc
      .tuple(between(-3, 3), fc.array(nullable(value), { minLength: 4, maxLength: 4 }))
      .map(([low, [a, b, c, d]]) =>
        low === 0
          ? `array[[${a}, ${b}], [${c}, ${d}]]::${type}[]`
          : `array_fill(null::${type}, array[2,3], array[${low}, 2])`,
      ),
  );
}

const mood = literal('mood', fc.constantFrom('sad', 'ok', 'very "happy"', 'in between'));
const pair = fc
  .tuple(nullable(int4.map(String)), nullable(words.map(quote)), nullable(arrayOf('numeric', digits)))
  .map((all) => `row(${all.join(', ')})::pair`);

/** Every type with expressions that give values of it. */
export function allTypes(version: number): Map<string, fc.Arbitrary<string>> {
  const types = new Map<string, fc.Arbitrary<string>>();
  const addWithArray = (type: string, value: fc.Arbitrary<string>): void => {
    types.set(type, value);
    if (!type.endsWith('vector') || type === 'tsvector') types.set(`${type}[]`, arrayOf(type, value));
  };
  for (const [type, texts] of Object.entries(scalars)) addWithArray(type, literal(type, texts));
  addWithArray('xid8', literal('xid8', fc.bigInt(0n, 2n ** 64n - 1n).map(String)));
  addWithArray('pg_snapshot', literal('pg_snapshot', fc.constantFrom('10:20:10,14,15', '1:1:')));
  for (const [type, args] of Object.entries(ranges)) {
    const value = fc.oneof(
      { weight: 5, arbitrary: args.map((a) => `${type}(${a})`) },
      { weight: 1, arbitrary: fc.constant(`'empty'::${type}`) },
    );
    addWithArray(type, value);
    if (version < 14) continue;
    const multi = type.replace('range', 'multirange');
    addWithArray(
      multi,
      fc.array(value, { maxLength: 9 }).map((all) => `${multi}(${all.join(', ')})`),
    );
  }
  addWithArray('mood', mood);
  addWithArray('pair', pair);
  types.set('small', literal('small', between(-1000, 999).map(String)));
  types.set(
    'words',
    list(words.map(quote)).map((all) => `array[${all.join(', ')}]::words`),
  );
  types.set(
    'nested',
    fc.tuple(nullable(pair), mood, between(0, 9)).map(([p, m, d]) => `row(${p}, ${m}, ${d})::nested`),
  );
  return types;
}

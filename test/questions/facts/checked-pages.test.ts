import type { FileMetaData } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { checkPages, type PagedColumn } from '../../../src/questions/facts/checked-pages.js';

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(Math.floor(value / 0x80))];
}

/** A struct of fields that are numbers, structs or left out, in Thrift's compact protocol. */
type Fields = (number | Fields | undefined)[];

const struct = (fields: Fields): number[] => {
  let last = 0;
  const bytes = fields.flatMap((value, i) => {
    if (value === undefined) return [];
    const delta = i + 1 - last;
    last = i + 1;
    return typeof value === 'number'
      ? [(delta << 4) | 5, ...varint(2 * value)]
      : [(delta << 4) | 12, ...struct(value)];
  });
  return [...bytes, 0];
};

interface Page {
  values: number;
  encoding: number;
  body: number[];
  unpacked?: number;
  levels?: number;
}

/** A data page as hyparquet-writer lays it out. */
const page = ({ values, encoding, body, unpacked = body.length, levels = 0 }: Page): number[] => [
  ...struct([
    3,
    unpacked,
    body.length,
    ...[undefined, undefined, undefined, undefined],
    [values, 0, values, encoding, levels, 0],
  ]),
  ...body,
];

const NUMBER: PagedColumn = {
  ...{ name: 'a', isInt64: false, isBoolean: false },
  ...{ repetitionWidth: 0, definitionWidth: 0 },
};
const LARGE = { ...NUMBER, isInt64: true };
const OPTIONAL = { ...NUMBER, definitionWidth: 1 };

interface Claims {
  column?: PagedColumn;
  rows?: number;
  codec?: 'SNAPPY' | 'UNCOMPRESSED';
  groups?: number;
}

/** Checks a file of one column that has one page in each row group, all at the same place. */
function check(bytes: number[], { column = NUMBER, rows = 3, codec = 'UNCOMPRESSED', groups = 1 }: Claims) {
  const size = BigInt(bytes.length);
  const chunk = { path_in_schema: ['a'], codec, data_page_offset: 0n, total_compressed_size: size };
  const group = { num_rows: BigInt(rows), columns: [{ meta_data: chunk }] };
  const metadata = { row_groups: Array.from({ length: groups }, () => group) } as unknown as FileMetaData;
  checkPages(Uint8Array.from(bytes), metadata, [column], new Set(['a']), 1000);
}

/** Blocks of 128 in 4 miniblocks, the first value, then a block whose values all have the same distance. */
const deltas = (first: number[], distance: number[]) => [
  ...varint(128),
  4,
  3,
  ...first,
  ...distance,
  0,
  0,
  0,
  0,
];

describe('pages of columns', () => {
  it('are taken where they come to what they say', () => {
    check(page({ values: 3, encoding: 5, body: deltas([2], [2]) }), { column: LARGE });
    check(page({ values: 3, encoding: 8, body: [1, ...varint(2 * 3), 1] }), {});
    check(page({ values: 3, encoding: 0, body: [...varint(2 * 3), 1, 9, 9], levels: 2 }), {
      column: OPTIONAL,
    });
  });

  it.each<[what: string, page: Page, claims: Claims]>([
    [
      'more bytes than Snappy makes',
      { values: 3, encoding: 0, body: [0], unpacked: 23 },
      { codec: 'SNAPPY' },
    ],
    ['more bytes than it has', { values: 3, encoding: 0, body: [0], unpacked: 2 ** 30 }, {}],
    ['more values than rows', { values: 4, encoding: 0, body: [0] }, {}],
    ['more values than any table', { values: 2 ** 30, encoding: 0, body: [0] }, { rows: 2 ** 30 }],
    ['a run beyond the last value', { values: 3, encoding: 8, body: [1, ...varint(2 ** 31 - 2), 1] }, {}],
    ['packed values beyond the last', { values: 3, encoding: 8, body: [0, ...varint(2 ** 31 - 1)] }, {}],
    [
      'a run of levels beyond the last value',
      { values: 3, encoding: 0, body: [...varint(2 ** 31 - 2), 1], levels: 6 },
      { column: OPTIONAL },
    ],
    ['levels beyond the page', { values: 3, encoding: 0, body: [0], levels: 9 }, { column: OPTIONAL }],
    [
      'a number that never ends',
      { values: 3, encoding: 5, body: deltas([2], Array(1000).fill(0x80)) },
      { column: LARGE },
    ],
    ['blocks of nothing', { values: 3, encoding: 5, body: [0, 1, 3, 2, 2] }, { column: LARGE }],
    ['text that repeats what is before it', { values: 3, encoding: 7, body: [0] }, {}],
  ])('are refused with %s', (_, claimed, claims) => {
    expect(() => check(page(claimed), claims)).toThrow(/claims|number|encoded/);
  });

  it('are refused where row groups share them, so that few bytes come to many', () => {
    const one = page({ values: 3, encoding: 8, body: [1, ...varint(2 * 3), 1] });
    expect(() => check(one, { groups: 2 })).toThrow('claims other bytes');
  });

  it('are refused with structs in structs, and cut off anywhere', () => {
    const deep = (depth: number): Fields => (depth === 0 ? [] : [deep(depth - 1)]);
    expect(() => check(struct(deep(100)), {})).toThrow('structs');
    const whole = page({ values: 3, encoding: 8, body: [1, ...varint(2 * 3), 1] });
    for (let length = 0; length < whole.length; length++) {
      expect(() => check(whole.slice(0, length), {})).toThrow();
    }
  });
});

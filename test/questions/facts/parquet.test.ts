import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { encodeRows, readColumns, readRows } from '../../../src/questions/facts/parquet.js';
import {
  FACT_TABLES,
  type FactRow,
  type FactTable,
  type FactType,
} from '../../../src/questions/facts/tables.js';
import { WalError } from '../../../src/wal/error.js';

const VALUES: Record<FactType, fc.Arbitrary<unknown>> = {
  uint32: fc.integer({ min: 0, max: 0xffffffff }),
  uint64: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  place: fc.integer({ min: 0, max: 1 << 30 }),
  boolean: fc.boolean(),
  text: fc.string({ unit: 'binary' }),
  time: fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
  'uint32[]': fc.array(fc.integer({ min: 0, max: 0xffffffff })),
  'text[]': fc.array(fc.string({ unit: 'binary' })),
};

const rowOf = (table: FactTable): fc.Arbitrary<FactRow<FactTable>> =>
  fc.record(
    Object.fromEntries(
      FACT_TABLES[table].map((column) => [
        column.name,
        'optional' in column ? fc.option(VALUES[column.type], { nil: undefined }) : VALUES[column.type],
      ]),
    ),
  ) as fc.Arbitrary<FactRow<FactTable>>;

const tables = Object.keys(FACT_TABLES) as FactTable[];
const READING = { file: 'x.parquet', most: 1000 };

/** The same with a buffer of its own, as hyparquet takes it. */
const bufferOf = (bytes: Uint8Array): ArrayBuffer => bytes.slice().buffer;

describe('tables of facts', () => {
  it.each(tables)('%s reads back what was written, whatever values', async (table) => {
    await fc.assert(
      fc.asyncProperty(fc.array(rowOf(table), { minLength: 1, maxLength: 40 }), async (rows) => {
        const bytes = encodeRows(table, rows);
        expect(await readRows(table, bytes!, READING)).toEqual(rows);
      }),
      { numRuns: 30 },
    );
  });

  it('makes no file of no rows', () => {
    expect(encodeRows('restore_points', [])).toBeUndefined();
  });

  it('writes times as timestamps in UTC, for other programs', async () => {
    const rows = [{ lsn: 1n, time: 0n, name: 'a' }];
    const [row] = await parquetReadObjects({ file: bufferOf(encodeRows('restore_points', rows)!) });
    expect(row).toEqual({ lsn: 1n, time: new Date('2000-01-01T00:00:00Z'), name: 'a' });
  });

  it('says of what is no table of facts that it is none, whatever bytes', async () => {
    const whole = encodeRows('restore_points', [{ lsn: 1n, time: 0n, name: 'before the release' }])!;
    const damaged = fc
      .tuple(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), fc.nat(whole.length))
      .map(([at, by, length]) => {
        const bytes = whole.slice(0, length);
        if (at < length) bytes[at] ^= by;
        return bytes;
      });
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 400 }), damaged), async (bytes) => {
        try {
          await readRows('restore_points', bytes, READING);
        } catch (error) {
          expect(error).toBeInstanceOf(WalError);
          expect(['bad-facts', 'facts-version']).toContain((error as WalError).code);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('takes no other table for it, and no more rows than there may be', async () => {
    const bytes = encodeRows('restore_points', [
      { lsn: 1n, time: 0n, name: 'a' },
      { lsn: 2n, time: 0n, name: 'b' },
    ])!;
    await expect(readRows('rmgrs', bytes, READING)).rejects.toMatchObject({ code: 'bad-facts' });
    await expect(readRows('restore_points', bytes, { file: 'x', most: 1 })).rejects.toMatchObject({
      code: 'bad-facts',
    });
  });

  it('reads some columns alone', async () => {
    const bytes = encodeRows('restore_points', [{ lsn: 7n, time: 0n, name: 'a' }])!;
    const { rows, columns } = await readColumns('restore_points', bytes, { names: ['lsn'], ...READING });
    expect(rows).toBe(1);
    expect(columns.lsn[0]).toBe(7n);
  });
});

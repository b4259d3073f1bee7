import fc from 'fast-check';
import { expect, it } from 'vitest';
import { builtinTypes } from '../../../src/heap/types/builtin.js';
import { formatStored } from '../../../src/heap/types/index.js';
import type { TypeContext } from '../../../src/heap/types/type.js';
import { printedJson, writerOf } from '../../../src/questions/changes/json-value.js';
import { decodeText } from '../../../src/text/encoding.js';
import { JsonBuffer } from '../../../src/text/json-buffer.js';
import { parsePosixTz } from '../../../src/text/posix-tz.js';

const timezone = parsePosixTz('<+0330>-3:30')!;
const context: TypeContext = { version: 18, timezone, type: (oid) => builtinTypes.get(oid) };

/** What is written straight from a value's data; undefined where nothing is. */
function written(oid: number, data: Uint8Array): string | undefined {
  const out = new JsonBuffer(8);
  const around = Uint8Array.of(0x41, ...data, 0x42);
  const isWritten = writerOf(oid)!(out, around, 1, 1 + data.length, context);
  return isWritten ? decodeText(out.written) : undefined;
}

/** The same by way of the text that the output function prints. */
function printed(oid: number, data: Uint8Array): string | undefined {
  const type = builtinTypes.get(oid)!;
  const header = new Uint8Array(4);
  new DataView(header.buffer).setUint32(0, (data.length + 4) << 2, true);
  const stored = type.length === -1 ? Uint8Array.of(...header, ...data) : data;
  try {
    return printedJson(formatStored(stored, type, context), oid);
  } catch {
    return undefined;
  }
}

const int64 = (value: bigint): Uint8Array => new Uint8Array(BigInt64Array.of(value).buffer);
const words = (...values: number[]): Uint8Array => new Uint8Array(Uint16Array.from(values).buffer);

const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }).map((text) => new TextEncoder().encode(text)),
  fc
    .string({ unit: 'grapheme', minLength: 3000, maxLength: 5000 })
    .map((text) => new TextEncoder().encode(text)),
  fc.uint8Array({ maxLength: 30 }),
  fc.uint8Array({ min: 0xc0, max: 0xf8, maxLength: 30 }),
);
const times = fc.oneof(
  fc.bigInt(-(2n ** 53n), 2n ** 53n),
  fc.bigInt(-(2n ** 40n), 2n ** 50n).map((seconds) => seconds * 1_000_000n),
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  fc.constantFrom(0n, -1n, 2n ** 63n - 1n, -(2n ** 63n)),
);
const numerics = fc
  .tuple(
    fc.boolean(),
    fc.integer({ min: -64, max: 63 }),
    fc.integer({ min: 0, max: 63 }),
    fc.array(fc.oneof(fc.integer({ min: 0, max: 9999 }), fc.constantFrom(0, 1, 10_000)), { maxLength: 6 }),
  )
  .map(([isNegative, weight, scale, digits]) =>
    words(0x8000 | (isNegative ? 0x2000 : 0) | (scale << 7) | (weight & 0x7f), ...digits),
  );

it.each<[string, number, fc.Arbitrary<Uint8Array>, boolean]>([
  ['bool', 16, fc.uint8Array({ max: 2, minLength: 1, maxLength: 1 }), false],
  ['int2', 21, bytesOf(2), true],
  ['int4', 23, bytesOf(4), true],
  ['int8', 20, fc.oneof(bytesOf(8), times.map(int64)), true],
  ['oid', 26, bytesOf(4), true],
  ['text', 25, texts, false],
  ['varchar', 1043, texts, false],
  ['bpchar', 1042, texts, false],
  ['json', 114, texts, false],
  [
    'date',
    1082,
    fc.oneof(
      bytesOf(4),
      fc.integer({ min: -800_000, max: 3_000_000 }).map((days) => new Uint8Array(Int32Array.of(days).buffer)),
    ),
    false,
  ],
  ['timestamp', 1114, times.map(int64), false],
  ['timestamptz', 1184, times.map(int64), false],
  ['numeric', 1700, fc.oneof(numerics, fc.uint8Array({ maxLength: 12 })), false],
])('%s is written as it would be printed', (_, oid, values, isAlways) => {
  let count = 0;
  fc.assert(
    fc.property(values, (data) => {
      const text = written(oid, data);
      if (text !== undefined) count++;
      if (text === undefined && !isAlways) return;
      expect(text).toBe(printed(oid, data));
    }),
    { numRuns: 500 },
  );
  expect(count).toBeGreaterThan(20);
});

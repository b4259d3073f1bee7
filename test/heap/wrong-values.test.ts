import fc from 'fast-check';
import { expect, it } from 'vitest';
import { builtinTypes } from '../../src/heap/types/builtin.js';
import { checkStored, formatStored } from '../../src/heap/types/index.js';
import type { Type, TypeContext } from '../../src/heap/types/type.js';
import { noToast } from '../../src/heap/varlena.js';
import { UTC } from '../../src/text/timezone.js';
import { type Field, i32, packed, raw, u8, u16, u32, u64 } from '../support/cstruct.js';

const typeNamed = (name: string): Type => [...builtinTypes.values()].find((type) => type.name === name)!;

const context: TypeContext = { version: 18, timezone: UTC, type: (oid) => builtinTypes.get(oid) };

/** Data as it is stored: where the length varies, behind a header. */
const storedOf = ({ length }: Type, data: Uint8Array): Uint8Array =>
  length === -1 ? packed(u32((data.length + 4) << 2), raw(data)) : data;

/** Prints data as a value of a type; of one of variable length, without its header. */
function print(name: string, data: Uint8Array): string {
  const type = typeNamed(name);
  return formatStored(storedOf(type, data), type, context, noToast);
}

/** Items of a jsonpath, `.key` each, of which all that follows is the key. */
function overlappingKeys(count: number): Field[] {
  const restOf = (i: number): number => 12 * (count - i - 1);
  return Array.from({ length: count }, (_, i) =>
    raw(packed(u32(25), i32(restOf(i) > 0 ? 12 : 0), i32(restOf(i)))),
  );
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

it.each<[type: string, text: string, data: Uint8Array]>([
  ['bool', 't', packed(u8(1))],
  ['date', '5874897-12-31', packed(i32(2_145_031_948))],
  ['time', '24:00:00', packed(u64(86_400_000_000n))],
  ['timestamp', '294276-12-31 23:59:59.999999', packed(u64(9_223_371_331_199_999_999n))],
  ['numeric', '-1234.5', packed(u16(0xa080), u16(1234), u16(5000))],
  ['inet', '10.0.0.1', packed(u8(2), u8(32), u8(10), u8(0), u8(0), u8(1))],
  ['bit', '101', packed(i32(3), u8(0xa0))],
  ['_int4', '{7}', packed(i32(1), i32(0), u32(23), i32(1), i32(1), i32(7))],
  ['int4range', '[1,5)', packed(u32(3904), i32(1), i32(5), u8(2))],
  ['jsonb', 'true', packed(u32(0x50000001), u32(0x30000000))],
  ['tsvector', "'a'", packed(u32(1), u32(1 << 1), raw(utf8('a')))],
])('prints a %s as %s', (type, text, data) => {
  expect(print(type, data)).toBe(text);
});

it.each<[type: string, what: string, data: Uint8Array]>([
  ['bool', 'of 7', packed(u8(7))],
  ['date', 'behind the last one', packed(i32(2_145_031_949))],
  ['time', 'behind midnight', packed(u64(86_400_000_001n))],
  ['timetz', 'of a zone past the date line', packed(u64(0n), i32(16 * 3600))],
  ['timestamp', 'behind the last one', packed(u64(9_223_371_331_200_000_000n))],
  ['timestamptz', 'before the first one', packed(u64(2n ** 64n - 211_813_488_000_000_001n))],
  ['numeric', 'with a digit of 10000', packed(u16(0x8000), u16(10_000))],
  ['numeric', 'that begins with zeros', packed(u16(0x8000), u16(0), u16(1))],
  ['numeric', 'of half a digit', packed(u16(0x8000), u8(1))],
  ['numeric', 'NaN with digits', packed(u16(0xc000), u16(1))],
  ['text', 'with a zero byte', utf8('a\0b')],
  ['name', 'with something behind its end', packed(raw(utf8('a')), u8(0), u8(1), raw(new Uint8Array(61)))],
  ['name', 'without an end', new Uint8Array(64).fill(97)],
  ['inet', 'of the family 4', packed(u8(4), u8(32), u32(0))],
  ['inet', 'of 33 bits', packed(u8(2), u8(33), u32(0))],
  ['inet', 'of three bytes', packed(u8(2), u8(32), u8(1), u8(2), u8(3))],
  ['bit', 'with a bit behind its end', packed(i32(3), u8(0xb0))],
  ['bit', 'that is too long', packed(i32(3), u8(0xa0), u8(0))],
  ['path', 'of more points than there are', packed(i32(2), i32(0), i32(0), u64(0n), u64(0n))],
  ['_int4', 'with bytes left', packed(i32(1), i32(0), u32(23), i32(1), i32(1), i32(7), u64(0n))],
  ['int4range', 'that says it is an int8range', packed(u32(3926), i32(1), i32(5), u8(2))],
  ['int4range', 'with bytes left', packed(u32(3904), i32(1), i32(5), i32(0), u8(2))],
  ['jsonb', 'that is neither array nor object', packed(u32(0))],
  ['jsonb', 'with bytes left', packed(u32(0x50000001), u32(0x30000000), u32(0))],
  ['jsonb', 'object whose key is a number', packed(u32(0x20000001), u32(0x10000000), u32(0x30000000))],
  ['oidvector', 'of more than there is', packed(i32(1), i32(0), u32(26), i32(2), i32(0), u32(1))],
  ['jsonpath', 'whose keys overlap', packed(u32(1), u32(27), i32(8), ...overlappingKeys(50))],
])('prints no %s %s', (type, _, data) => {
  expect(() => print(type, data)).toThrow(expect.objectContaining({ code: 'corrupt-value' }));
});

it.each([...builtinTypes.values()].filter(({ length }) => length !== -2).map(({ name }) => name))(
  'tells whether bytes are a %s as printing them does',
  (name) => {
    const type = typeNamed(name);
    const data =
      type.length === -1
        ? fc.uint8Array({ maxLength: 40 })
        : fc.uint8Array({ minLength: type.length, maxLength: type.length });
    fc.assert(
      fc.property(data, (bytes) => {
        const stored = storedOf(type, bytes);
        expect(outcome(() => checkStored(stored, type, context, noToast))).toBe(
          outcome(() => formatStored(stored, type, context, noToast)),
        );
      }),
    );
  },
);

function outcome(work: () => unknown): string {
  try {
    work();
    return 'a value';
  } catch (error) {
    return String(error);
  }
}

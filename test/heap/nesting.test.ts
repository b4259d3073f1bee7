import { describe, expect, it } from 'vitest';
import { builtinTypes } from '../../src/heap/types/builtin.js';
import { formatStored } from '../../src/heap/types/index.js';
import type { Type, TypeContext } from '../../src/heap/types/type.js';
import { UTC } from '../../src/text/timezone.js';
import { i32, packed, raw, u8, u16, u32 } from '../support/cstruct.js';

const context: TypeContext = { version: 18, timezone: UTC, type: (oid) => builtinTypes.get(oid) };

/** With the header of a varlena of four bytes (`SET_VARSIZE`). */
const varlena = (data: Uint8Array): Uint8Array => packed(u32((data.length + 4) << 2), raw(data));

const typeNamed = (name: string): Type => [...builtinTypes.values()].find((type) => type.name === name)!;

/** An array of one element, which is an array of one element, and so on: no server makes such a thing. */
function nestedArrays(levels: number): Uint8Array {
  const { oid } = typeNamed('_int4');
  let value = varlena(packed(i32(0), i32(0), u32(typeNamed('int4').oid)));
  for (let level = 0; level < levels; level++) {
    value = varlena(packed(i32(1), i32(0), u32(oid), i32(1), i32(1), raw(value)));
  }
  return value;
}

/** `[[[…]]]` */
function nestedJson(levels: number): Uint8Array {
  const length = (levels - 1) * 8 + 4;
  const containers = new DataView(new ArrayBuffer(length));
  for (let level = 0; level < levels; level++) {
    const at = level * 8;
    const isLast = level === levels - 1;
    containers.setUint32(at, 0x40000000 | (isLast ? 0 : 1), true);
    // JENTRY_ISCONTAINER, and the length of the container within
    if (!isLast) containers.setUint32(at + 4, 0x50000000 | (length - at - 8), true);
  }
  return varlena(new Uint8Array(containers.buffer));
}

describe('a value within a value within a value', () => {
  it('is damage where it goes on for too long', () => {
    expect(formatStored(nestedArrays(0), typeNamed('_int4'), context)).toBe('{}');
    const deep = nestedArrays(300);
    const code = { code: 'corrupt-value' };
    expect(() => formatStored(deep, typeNamed('_int4'), context)).toThrow(expect.objectContaining(code));
  });

  it('is given up in jsonb before the stack is used up', () => {
    const jsonb = typeNamed('jsonb');
    expect(formatStored(nestedJson(2000), jsonb, context)).toBe('['.repeat(2000) + ']'.repeat(2000));
    const deep = nestedJson(20_000);
    expect(() => formatStored(deep, jsonb, context)).toThrow('nested too deeply');
  });

  it('is no limit for the words of a tsquery', () => {
    const count = 20_000;
    const items = new DataView(new ArrayBuffer((count * 2 - 1) * 12));
    for (let i = 0; i < count; i++) {
      // an operator (AND) and its right operand, last of all the first word
      const at = i * 24;
      const isLast = i === count - 1;
      if (!isLast) items.setUint16(at, 0x0202, true);
      const word = isLast ? at : at + 12;
      items.setUint8(word, 1);
      items.setUint32(word + 8, ((i * 2) << 12) | 1, true);
    }
    const words = new TextEncoder().encode('w\0'.repeat(count));
    const bytes = varlena(packed(u32(count * 2 - 1), raw(new Uint8Array(items.buffer)), raw(words)));
    const text = formatStored(bytes, typeNamed('tsquery'), context);
    expect(text === Array(count).fill("'w'").join(' & ')).toBe(true);
  });

  it('lacks what the bytes do not have', () => {
    const lone = varlena(packed(u32(1), u8(2), u8(2), u16(0), u32(1), u32(0)));
    expect(() => formatStored(lone, typeNamed('tsquery'), context)).toThrow('lacks an operand');
    const unknown = varlena(packed(u32(1), u8(2), u8(9), u16(0), u32(1), u32(0)));
    expect(() => formatStored(unknown, typeNamed('tsquery'), context)).toThrow('operator 9');
  });
});

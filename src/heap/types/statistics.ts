import { formatF } from '../../text/printf.js';
import type { ByteView } from '../../wal/byte-view.js';
import { WalError } from '../../wal/error.js';
import { message } from '../../wal/message.js';
import type { Output } from './type.js';

/**
 * Extended statistics (PostgreSQL: src/backend/statistics/mvdistinct.c, dependencies.c; since 19
 * src/backend/utils/adt/pg_ndistinct.c, pg_dependencies.c): a magic number, a type, a count, and the items without any
 * alignment. They print as JSON, before 19 in another form of it.
 */

const NDISTINCT_MAGIC = 0xa352bfa4;
const DEPENDENCIES_MAGIC = 0xb4549a2c;

interface Item {
  value: number;
  /** Numbers of columns; negative for expressions. */
  attributes: number[];
}

export const ndistinct: Output = (v, { version }) => {
  const items = readItems(v, NDISTINCT_MAGIC, 4);
  if (version < 19)
    return `{${items.map(({ value, attributes }) => `"${attributes.join(', ')}": ${toInt(value)}`).join(', ')}}`;
  const texts = items.map(
    ({ value, attributes }) => `{"attributes": [${attributes.join(', ')}], "ndistinct": ${toInt(value)}}`,
  );
  return `[${texts.join(', ')}]`;
};

export const dependencies: Output = (v, { version }) => {
  const texts = readItems(v, DEPENDENCIES_MAGIC, 2).map(({ value, attributes }) => {
    const from = attributes.slice(0, -1).join(', ');
    const to = attributes.at(-1);
    return version < 19
      ? `"${from} => ${to}": ${formatF(value)}`
      : `{"attributes": [${from}], "dependency": ${to}, "degree": ${formatF(value)}}`;
  });
  return version < 19 ? `{${texts.join(', ')}}` : `[${texts.join(', ')}]`;
};

/** @param countSize bytes of the number of attributes */
function readItems(v: ByteView, magic: number, countSize: 2 | 4): Item[] {
  if (v.u32(0) !== magic || v.u32(4) !== 1)
    throw new WalError('corrupt-value', message`no statistics of that kind`);
  const items: Item[] = [];
  let at = 12;
  for (let left = v.u32(8); left > 0; left--) {
    const value = v.f64(at);
    const count = countSize === 2 ? v.u16(at + 8) : v.u32(at + 8);
    const start = at + 8 + countSize;
    at = start + count * 2;
    v.bytes(start, count * 2);
    items.push({ value, attributes: Array.from({ length: count }, (_, i) => v.i16(start + i * 2)) });
  }
  return items;
}

const INT_MIN = -(2 ** 31);

/** C's conversion of a double to an int, on x86-64 where it does not fit. */
const toInt = (value: number): number =>
  value > INT_MIN - 1 && value < -INT_MIN ? Math.trunc(value) : INT_MIN;

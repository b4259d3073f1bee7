import type { ByteView } from '../../wal/byte-view.js';
import { WalError } from '../../wal/error.js';
import { message } from '../../wal/message.js';
import { storedSize } from '../tuple.js';
import { formatArray } from './array.js';
import type { Output, Type } from './type.js';

/** What indexes keep of many values: such types are in index tuples, and hardly ever in a table. */

/** gtsvector: flags, then hashes of words or a bitmap of them (src/backend/utils/adt/tsgistidx.c). */
export const gtsvector: Output = (v, { version }) => {
  const flags = v.u32(0);
  const data = v.bytes(4);
  if (flags & ARRAY_KEY) return `${data.length >> 2} unique words`;
  if (flags & ALL_TRUE && version >= 17) return 'all true bits';
  const all = data.length * 8;
  let set = 0;
  for (const byte of flags & ALL_TRUE ? [] : data) for (let bits = byte; bits; bits &= bits - 1) set++;
  return `${flags & ALL_TRUE ? all : set} true bits, ${flags & ALL_TRUE ? 0 : all - set} false bits`;
};

const ARRAY_KEY = 1;
const ALL_TRUE = 4;

/** pg_brin_bloom_summary: flags, number of hash functions, bits, those set (src/backend/access/brin/brin_bloom.c). */
export const bloomSummary: Output = (v) =>
  `{mode: hashed  nhashes: ${v.u8(2)}  nbits: ${v.u32(4)}  nbits_set: ${v.u32(8)}}`;

export const MINMAX_MULTI_SUMMARY = 4601;

export const minmaxMultiType = (v: ByteView): number => v.u32(0);

/**
 * pg_brin_minmax_multi_summary: type of the values, numbers of ranges and of single values, their greatest number;
 * then the values without any alignment, of a range two (src/backend/access/brin/brin_minmax_multi.c).
 * @param print prints a stored value of `type`
 */
export function formatMinmaxMulti(v: ByteView, type: Type, print: (stored: Uint8Array) => string): string {
  const ranges = v.u32(4);
  const singles = v.u32(8);
  const bytes = v.bytes(16);
  if (ranges * 2 + singles > bytes.length)
    throw new WalError('corrupt-value', message`a summary of ${ranges} ranges and ${singles} values`);
  let at = 0;
  const next = (): string => {
    const size = storedSize(bytes, at, type);
    at += size;
    return print(bytes.subarray(at - size, at));
  };
  const rangeTexts = Array.from({ length: ranges }, () => `${next()} ... ${next()}`);
  const singleTexts = Array.from({ length: singles }, next);
  const list = (name: string, texts: string[]): string =>
    texts.length === 0
      ? ''
      : ` ${name}: ${formatArray({ lengths: [texts.length], lowerBounds: [1], elements: [] }, texts, ',')}`;
  const counts = `nranges: ${ranges}  nvalues: ${singles}  maxvalues: ${v.u32(12)}`;
  return `{${counts}${list('ranges', rangeTexts)}${list('values', singleTexts)}}`;
}

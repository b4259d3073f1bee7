import { type Input, sizeOf } from './input.js';
import type { Random } from './random.js';

/** Larger inputs are no longer made longer: what they show, smaller ones show sooner. */
const LARGEST = 64 * 1024;
const MOST_PARTS = 64;

/** Numbers at which lengths, counts and offsets go wrong. */
const EDGES = [
  0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 127, 128, 255, 256, 511, 512, 1023, 1024, 4095, 4096, 8160,
  8168, 8176, 8191, 8192, 8193, 16383, 32767, 32768, 65535, 65536, 0xfffff, 0x100000, 0x7fffffff, 0x80000000,
  0xfffffffe, 0xffffffff,
];
/** The same in texts. */
const NUMBERS = [
  ...EDGES.map(String),
  '-1',
  '00',
  '9999999999',
  '18446744073709551615',
  '9007199254740993',
  '1e9',
];

/** What another input has, or what a target's texts are made of. */
export interface Material {
  corpus: readonly Input[];
  words: readonly string[];
}

/** One input made into another, by one change or several. */
export function mutate(input: Input, { corpus, words }: Material, random: Random): Input {
  const parts = [...input];
  for (let left = 1 << random.small(5); left > 0; left--) {
    const other = random.pick(corpus);
    if (random.below(input.length > 1 ? 5 : 40) === 0) changeParts(parts, other, random);
    if (parts.length === 0) parts.push(new Uint8Array(0));
    const at = random.below(parts.length);
    parts[at] = changed(parts[at], random.pick(other) ?? parts[at], words, random);
  }
  return sizeOf(parts) <= Math.max(LARGEST, 2 * sizeOf(input)) ? parts : input;
}

function changeParts(parts: Uint8Array[], other: Input, random: Random): void {
  const at = random.below(parts.length);
  switch (random.below(5)) {
    case 0:
      parts.splice(at, 1 + random.small(3));
      break;
    case 1:
      parts.splice(random.below(parts.length + 1), 0, parts[at]);
      break;
    case 2: {
      const [part] = parts.splice(at, 1);
      parts.splice(random.below(parts.length + 1), 0, part);
      break;
    }
    case 3:
      parts[at] = random.pick(other) ?? parts[at];
      break;
    default: {
      const from = random.below(other.length);
      parts.splice(random.below(parts.length + 1), 0, ...other.slice(from, from + 1 + random.small(4)));
    }
  }
  parts.length = Math.min(parts.length, MOST_PARTS);
}

/** The bytes of a part with something else in one place. */
function changed(bytes: Uint8Array, other: Uint8Array, words: readonly string[], random: Random): Uint8Array {
  const at = random.below(bytes.length);
  switch (random.below(words.length > 0 ? 14 : 11)) {
    case 0:
      return over(bytes, at, [bytes[at] ^ (1 << random.below(8))]);
    case 1:
      return over(bytes, at, [random.below(256)]);
    case 2:
      return over(bytes, at, [bytes[at] + (random.below(2) ? 1 + random.small(16) : -1 - random.small(16))]);
    case 3:
      return over(bytes, at, littleEndian(random.pick(EDGES), 1 << random.below(4)));
    case 4:
      return over(bytes, at, littleEndian(lengthNear(bytes, random), 1 << random.below(3)));
    case 5:
      return replaced(bytes, at, random.small(bytes.length - at + 1), []);
    case 6:
      return bytes.subarray(0, random.below(bytes.length + 1));
    case 7: {
      const piece = bytes.subarray(at, at + 1 + random.small(64));
      return replaced(bytes, random.below(bytes.length + 1), 0, piece);
    }
    case 8: {
      const from = random.below(other.length);
      const piece = other.subarray(from, from + 1 + random.small(256));
      return random.below(2) ? over(bytes, at, piece) : replaced(bytes, at, 0, piece);
    }
    case 9: {
      const noise = Array.from({ length: 1 + random.small(random.below(8) ? 8 : 1024) }, () =>
        random.below(256),
      );
      return random.below(2) ? over(bytes, at, noise) : replaced(bytes, at, 0, noise);
    }
    case 10: {
      const run = new Uint8Array(1 + random.small(512)).fill(random.pick([0, 0xff, 0x20, bytes[at] ?? 0]));
      return random.below(2) ? over(bytes, at, run) : replaced(bytes, at, 0, run);
    }
    case 11:
      return withNumber(bytes, at, random.pick(NUMBERS));
    default:
      return replaced(bytes, at, random.below(2) && random.small(16), textBytes(random.pick(words)));
  }
}

const lengthNear = (bytes: Uint8Array, random: Random): number =>
  Math.max(0, bytes.length - random.below(32) + random.below(8));

const littleEndian = (value: number, size: number): number[] =>
  Array.from({ length: size }, (_, i) => (i < 4 ? value >>> (8 * i) : value > 0x7fffffff ? 0xff : 0) & 0xff);

const textBytes = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** Puts bytes in the place of others, as far as there are others. */
function over(bytes: Uint8Array, at: number, piece: ArrayLike<number>): Uint8Array {
  const result = bytes.slice();
  for (let i = 0; i < piece.length && at + i < result.length; i++) result[at + i] = piece[i];
  return result;
}

function replaced(bytes: Uint8Array, at: number, gone: number, piece: ArrayLike<number>): Uint8Array {
  const end = Math.min(bytes.length, at + gone);
  const result = new Uint8Array(at + piece.length + bytes.length - end);
  result.set(bytes.subarray(0, at));
  result.set(piece, at);
  result.set(bytes.subarray(end), at + piece.length);
  return result;
}

/** The next digits from `at` on become another number. */
function withNumber(bytes: Uint8Array, at: number, number: string): Uint8Array {
  const isDigit = (i: number): boolean => bytes[i] >= 0x30 && bytes[i] <= 0x39;
  let start = at;
  while (start < bytes.length && !isDigit(start)) start++;
  let end = start;
  while (isDigit(end)) end++;
  return replaced(bytes, start, end - start, textBytes(number));
}

import { decodeText } from '../../text/encoding.js';
import { ByteView } from '../../wal/byte-view.js';
import { WalError } from '../../wal/error.js';
import { message } from '../../wal/message.js';
import { align } from '../tuple.js';
import { detoast, noToast, varlenaSize } from '../varlena.js';
import { quoteJson } from './jsonb.js';
import { numeric } from './numeric.js';
import type { Output, TypeContext } from './type.js';

/**
 * jsonpath: a header, then items that refer to each other by their distance (PostgreSQL: src/include/utils/jsonpath.h,
 * src/backend/utils/adt/jsonpath.c; 12 to 19). An item is a byte that tells its kind, the distance of the one that
 * goes on from it, and what its kind has, all of it in words of four bytes.
 */

const LAX = 0x80000000;
const FORMAT = 1;

/** Kinds, by their numbers; those without a text of their own are in {@link formatOne}. */
const [NULL, STRING, NUMERIC, BOOL] = [0, 1, 2, 3];
const [NOT, IS_UNKNOWN, PLUS, MINUS] = [6, 7, 19, 20];
const [ANY_ARRAY, ANY_KEY, INDEX_ARRAY, ANY, KEY] = [21, 22, 23, 24, 25];
const [CURRENT, ROOT, VARIABLE, FILTER, EXISTS, LAST, LIKE_REGEX] = [26, 27, 28, 29, 30, 40, 42];

/** Operators between two operands, and how strongly they bind. */
const BINARY: Readonly<Record<number, readonly [text: string, priority: number]>> = {
  4: ['&&', 1],
  5: ['||', 0],
  8: ['==', 2],
  9: ['!=', 2],
  10: ['<', 2],
  11: ['>', 2],
  12: ['<=', 2],
  13: ['>=', 2],
  14: ['+', 3],
  15: ['-', 3],
  16: ['*', 4],
  17: ['/', 4],
  18: ['%', 4],
  41: ['starts with', 2],
};
const SIGN_PRIORITY = 5;
const NO_OPERATOR = 6;

/** Methods, and how many arguments they may have; later ones came with 13, 17 and 19. */
const METHODS: Readonly<Record<number, readonly [name: string, places: 0 | 1 | 2]>> = {
  31: ['type', 0],
  32: ['size', 0],
  33: ['abs', 0],
  34: ['floor', 0],
  35: ['ceiling', 0],
  36: ['double', 0],
  37: ['datetime', 1],
  38: ['keyvalue', 0],
  43: ['bigint', 0],
  44: ['boolean', 0],
  45: ['date', 0],
  46: ['decimal', 2],
  47: ['integer', 0],
  48: ['number', 0],
  49: ['string', 0],
  50: ['time', 1],
  51: ['time_tz', 1],
  52: ['timestamp', 1],
  53: ['timestamp_tz', 1],
  54: ['replace', 2],
  55: ['lower', 0],
  56: ['upper', 0],
  57: ['ltrim', 1],
  58: ['rtrim', 1],
  59: ['btrim', 1],
  60: ['initcap', 0],
  61: ['split_part', 2],
};

/** Letters of the flags of like_regex, by their bits. */
const REGEX_FLAGS = 'ismxq';

/** Deeper nesting is taken for damage: the server itself has no room for more than some thousands. */
const MAX_DEPTH = 2000;

export const jsonPath: Output = (v, context) => {
  const header = v.u32(0);
  if ((header & ~LAX) !== FORMAT)
    throw new WalError('corrupt-value', message`a jsonpath of the unknown format ${header}`);
  return (header & LAX ? '' : 'strict ') + new Printer(v, context).chain(4, false, true, 0);
};

class Printer {
  /** Each item is at least a word besides its text, and is printed once. */
  private wordsLeft: number;

  constructor(
    private readonly v: ByteView,
    private readonly context: TypeContext,
  ) {
    this.wordsLeft = v.length / 4;
  }

  /**
   * An item and those that go on from it.
   * @param isStep whether it goes on from another one
   * @param bracketed whether an operator goes in parentheses
   */
  chain(start: number, isStep: boolean, bracketed: boolean, depth: number): string {
    let text = this.one(start, isStep, bracketed, depth);
    for (let at = this.next(start); at !== undefined; at = this.next(at))
      text += this.one(at, true, true, depth);
    return text;
  }

  private word(item: number, index: number): number {
    return this.v.i32(align(item + 1, 4) + index * 4);
  }

  /** Items that overlap could come to any length. */
  private spend(words: number): void {
    this.wordsLeft -= words;
    if (this.wordsLeft < 0) throw new WalError('corrupt-value', message`a jsonpath goes round in circles`);
  }

  private next(item: number): number | undefined {
    const distance = this.word(item, 0);
    return distance > 0 ? item + distance : undefined;
  }

  /** What a word of an item refers to; nothing where it is 0. */
  private target(item: number, index: number): number | undefined {
    const distance = this.word(item, index);
    if (distance < 0)
      throw new WalError('corrupt-value', message`a jsonpath refers to something before itself`);
    return distance === 0 ? undefined : item + distance;
  }

  private operand(item: number, index: number, depth: number, bracketed = false): string {
    const target = this.target(item, index);
    if (target === undefined) throw new WalError('corrupt-value', message`a jsonpath lacks an operand`);
    return this.chain(target, false, bracketed, depth + 1);
  }

  /** An operand in parentheses where it binds no more than that. */
  private within(item: number, index: number, priority: number, depth: number): string {
    const target = this.target(item, index) ?? item;
    return this.operand(item, index, depth, priorityOf(this.v.u8(target)) <= priority);
  }

  private text(item: number, index: number): string {
    const length = this.word(item, index);
    this.spend(length / 4);
    return quoteJson(decodeText(this.v.bytes(align(item + 1, 4) + (index + 1) * 4, length)));
  }

  private one(item: number, isStep: boolean, bracketed: boolean, depth: number): string {
    if (depth > MAX_DEPTH)
      throw new WalError('corrupt-value', message`a jsonpath is nested too deeply to be read`);
    this.spend(1);
    const kind = this.v.u8(item);
    const method = METHODS[kind];
    if (method) return `.${method[0]}(${this.methodArguments(item, method[1], depth)})`;
    const binary = BINARY[kind];
    if (binary) {
      const [operator, priority] = binary;
      const sides = [1, 2].map((index) => this.within(item, index, priority, depth));
      return inBrackets(sides.join(` ${operator} `), bracketed);
    }
    const step = isStep ? '.' : '';
    switch (kind) {
      case NULL:
        return 'null';
      case STRING:
        return this.text(item, 1);
      case NUMERIC:
        return this.number(item);
      case BOOL:
        return this.v.u8(align(item + 1, 4) + 4) ? 'true' : 'false';
      case NOT:
        return `!(${this.operand(item, 1, depth)})`;
      case IS_UNKNOWN:
        return `(${this.operand(item, 1, depth)}) is unknown`;
      case PLUS:
      case MINUS: {
        const operand = this.within(item, 1, SIGN_PRIORITY, depth);
        return inBrackets((kind === PLUS ? '+' : '-') + operand, bracketed);
      }
      case ANY_ARRAY:
        return '[*]';
      case ANY_KEY:
        return `${step}*`;
      case INDEX_ARRAY:
        return `[${this.subscripts(item, depth).join(',')}]`;
      case ANY:
        return `${step}**${levels(this.word(item, 1) >>> 0, this.word(item, 2) >>> 0)}`;
      case KEY:
        return step + this.text(item, 1);
      case CURRENT:
        return '@';
      case ROOT:
        return '$';
      case VARIABLE:
        return `$${this.text(item, 1)}`;
      case FILTER:
        return `?(${this.operand(item, 1, depth)})`;
      case EXISTS:
        return `exists (${this.operand(item, 1, depth)})`;
      case LAST:
        return 'last';
      case LIKE_REGEX:
        return inBrackets(this.likeRegex(item, depth), bracketed);
      default:
        throw new WalError('corrupt-value', message`a jsonpath item of the unknown kind ${kind}`);
    }
  }

  private methodArguments(item: number, places: number, depth: number): string {
    const [first, second] = Array.from({ length: places }, (_, i) => {
      const target = this.target(item, i + 1);
      return target === undefined ? undefined : this.chain(target, false, false, depth + 1);
    });
    return (first ?? '') + (second === undefined ? '' : `,${second}`);
  }

  /** A number that something goes on from is in parentheses since 15. */
  private number(item: number): string {
    const bytes = this.v.bytes(align(item + 1, 4) + 4);
    const value = detoast(bytes.subarray(0, varlenaSize(bytes, 0)), noToast);
    const text = numeric(ByteView.of(value), this.context);
    return inBrackets(text, this.context.version >= 15 && this.next(item) !== undefined);
  }

  private subscripts(item: number, depth: number): string[] {
    const count = this.word(item, 1);
    if (count < 0 || count > this.v.length / 8)
      throw new WalError('corrupt-value', message`a jsonpath of ${count} subscripts`);
    return Array.from({ length: count }, (_, i) => {
      const from = this.operand(item, 2 + i * 2, depth);
      return this.target(item, 3 + i * 2) === undefined
        ? from
        : `${from} to ${this.operand(item, 3 + i * 2, depth)}`;
    });
  }

  private likeRegex(item: number, depth: number): string {
    const operand = this.within(item, 2, priorityOf(LIKE_REGEX), depth);
    const flags = this.word(item, 1);
    const letters = [...REGEX_FLAGS].filter((_, bit) => flags & (1 << bit)).join('');
    return `${operand} like_regex ${this.text(item, 3)}${flags === 0 ? '' : ` flag "${letters}"`}`;
  }
}

const inBrackets = (text: string, bracketed: boolean): string => (bracketed ? `(${text})` : text);

function priorityOf(kind: number): number {
  if (kind === PLUS || kind === MINUS) return SIGN_PRIORITY;
  return BINARY[kind]?.[1] ?? NO_OPERATOR;
}

const LAST_LEVEL = 0xffffffff;

/** `{2 to last}` behind `**`. */
function levels(first: number, last: number): string {
  if (first === 0 && last === LAST_LEVEL) return '';
  const level = (n: number): string => (n === LAST_LEVEL ? 'last' : String(n));
  return first === last ? `{${level(first)}}` : `{${level(first)} to ${level(last)}}`;
}

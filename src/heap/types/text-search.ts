import type { ByteView } from '../../wal/byte-view.js';
import { WalError } from '../../wal/error.js';
import { message } from '../../wal/message.js';
import { align } from '../tuple.js';
import { characters } from './strings.js';
import { corruptValue, type Output } from './type.js';

/** tsvector and tsquery (PostgreSQL: src/include/tsearch/ts_type.h). */

const quote = (lexeme: string): string => `'${lexeme.replace(/['\\]/g, '$&$&')}'`;

/** A count, one entry for each lexeme (bit 0: has positions, 11 bits length, 20 bits place), then the data. */
export const tsvector: Output = (v) => {
  const count = v.u32(0);
  const base = 4 + count * 4;
  if (count === 0 && v.length !== 4) throw corruptValue(message`a tsvector of no words in ${v.length} bytes`);
  const lexemes: string[] = [];
  const spend = budget(v.length);
  for (let i = 0; i < count; i++) {
    const entry = v.u32(4 + i * 4);
    const length = (entry >>> 1) & 0x7ff;
    const start = base + (entry >>> 12);
    spend(length);
    const positions = entry & 1 ? formatPositions(v, base + align((entry >>> 12) + length, 2), spend) : '';
    lexemes.push(quote(characters(v, start, length)) + positions);
  }
  return lexemes.join(' ');
};

/** Words and positions that overlap could come to any length: there are no more bytes of them than of the value. */
function budget(bytes: number): (spent: number) => void {
  let left = bytes;
  return (spent) => {
    left -= spent;
    if (left < 0) throw corruptValue(message`words that lie in one another`);
  };
}

function formatPositions(v: ByteView, at: number, spend: (bytes: number) => void): string {
  const count = v.u16(at);
  spend(count * 2);
  const positions: string[] = [];
  for (let i = 1; i <= count; i++) {
    const position = v.u16(at + i * 2);
    positions.push(`${position & 0x3fff}${['', 'C', 'B', 'A'][position >> 14]}`);
  }
  return count > 0 ? `:${positions.join(',')}` : '';
}

const ITEM_SIZE = 12;
const VALUE = 1;
const NOT = 1;
const AND = 2;
const OR = 3;
const PHRASE = 4;

const PRIORITY: Record<number, number> = { [OR]: 1, [AND]: 2, [PHRASE]: 3, [NOT]: 4 };

/** A part of a tsquery: a word, or an operator with all that it goes with. */
interface Part {
  text: string;
  /** Of its operator, infinite for a word. */
  priority: number;
}

/**
 * Items in Polish notation, an operator before its right operand and that before its left one; then the words. Read
 * from the end, so that the operands are there when their operator comes: a query of words one after the other is as
 * deep as it has words.
 */
export const tsquery: Output = (v) => {
  const count = v.u32(0);
  if (count === 0 && v.length !== 4) throw corruptValue(message`a tsquery of no words in ${v.length} bytes`);
  if (count === 0) return '';
  const words = v.slice(4 + count * ITEM_SIZE);
  const parts: Part[] = [];
  const spend = budget(words.length);
  const operand = (): Part => {
    const part = parts.pop();
    if (!part) throw new WalError('corrupt-value', message`a tsquery lacks an operand`);
    return part;
  };
  for (let item = count - 1; item >= 0; item--) {
    const at = 4 + item * ITEM_SIZE;
    if (v.u8(at) === VALUE) {
      parts.push({ text: formatOperand(v, at, words, spend), priority: Number.POSITIVE_INFINITY });
      continue;
    }
    const operator = v.u8(at + 1);
    const priority = PRIORITY[operator];
    if (priority === undefined)
      throw new WalError('corrupt-value', message`unknown tsquery operator ${operator}`);
    const text =
      operator === NOT
        ? `!${within(operand(), priority)}`
        : binary(operator, priority, operand(), operand(), v.i16(at + 2));
    parts.push({ text, priority });
  }
  const whole = operand();
  if (parts.length > 0) throw corruptValue(message`a tsquery with more operands than its operators take`);
  return whole.text;
};

function binary(operator: number, priority: number, right: Part, left: Part, distance: number): string {
  if (operator === PHRASE) {
    const sign = `<${distance === 1 ? '-' : distance}>`;
    // a phrase on the right is one of its own
    return `${within(left, priority)} ${sign} ${within(right, priority + 1)}`;
  }
  return `${within(left, priority)} ${operator === AND ? '&' : '|'} ${within(right, priority)}`;
}

/** An operand, in parentheses where it binds less than that. */
const within = ({ text, priority }: Part, least: number): string => (priority < least ? `( ${text} )` : text);

function formatOperand(v: ByteView, at: number, words: ByteView, spend: (bytes: number) => void): string {
  const weight = v.u8(at + 1);
  const prefix = v.u8(at + 2) !== 0;
  const place = v.u32(at + 8);
  spend(place & 0xfff);
  const word = quote(characters(words, place >>> 12, place & 0xfff));
  if (weight === 0 && !prefix) return word;
  const weights = [8, 4, 2, 1].map((bit, i) => (weight & bit ? 'ABCD'[i] : '')).join('');
  return `${word}:${prefix ? '*' : ''}${weights}`;
}

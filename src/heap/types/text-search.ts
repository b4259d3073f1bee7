import type { ByteView } from '../../wal/byte-view.js';
import { WalError } from '../../wal/error.js';
import { decodeText } from '../../wal/text.js';
import { align } from '../tuple.js';
import type { Output } from './type.js';

/** tsvector and tsquery (PostgreSQL: src/include/tsearch/ts_type.h). */

const quote = (lexeme: string): string => `'${lexeme.replace(/['\\]/g, '$&$&')}'`;

/** A count, one entry for each lexeme (bit 0: has positions, 11 bits length, 20 bits place), then the data. */
export const tsvector: Output = (v) => {
  const count = v.u32(0);
  const base = 4 + count * 4;
  const lexemes: string[] = [];
  for (let i = 0; i < count; i++) {
    const entry = v.u32(4 + i * 4);
    const length = (entry >>> 1) & 0x7ff;
    const start = base + (entry >>> 12);
    const positions = entry & 1 ? formatPositions(v, base + align((entry >>> 12) + length, 2)) : '';
    lexemes.push(quote(decodeText(v.bytes(start, length))) + positions);
  }
  return lexemes.join(' ');
};

function formatPositions(v: ByteView, at: number): string {
  const count = v.u16(at);
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

/** Items in Polish notation, an operator before its right operand and that before its left one; then the words. */
export const tsquery: Output = (v) => {
  const count = v.u32(0);
  if (count === 0) return '';
  const words = v.slice(4 + count * ITEM_SIZE);
  let item = 0;

  const next = (parentPriority: number, rightOfPhrase: boolean): string => {
    if (item >= count) throw new WalError('corrupt-value', 'a tsquery lacks an operand');
    const at = 4 + item++ * ITEM_SIZE;
    if (v.u8(at) === VALUE) return formatOperand(v, at, words);
    const operator = v.u8(at + 1);
    const priority = PRIORITY[operator];
    if (priority === undefined) throw new WalError('corrupt-value', `unknown tsquery operator ${operator}`);
    const text = operator === NOT ? `!${next(priority, false)}` : binary(operator, priority, v.i16(at + 2));
    return priority < parentPriority || (operator === PHRASE && rightOfPhrase) ? `( ${text} )` : text;
  };

  const binary = (operator: number, priority: number, distance: number): string => {
    const right = next(priority, operator === PHRASE);
    const left = next(priority, false);
    if (operator === PHRASE) return `${left} <${distance === 1 ? '-' : distance}> ${right}`;
    return `${left} ${operator === AND ? '&' : '|'} ${right}`;
  };

  return next(-1, false);
};

function formatOperand(v: ByteView, at: number, words: ByteView): string {
  const weight = v.u8(at + 1);
  const prefix = v.u8(at + 2) !== 0;
  const place = v.u32(at + 8);
  const word = quote(decodeText(words.bytes(place >>> 12, place & 0xfff)));
  if (weight === 0 && !prefix) return word;
  const weights = [8, 4, 2, 1].map((bit, i) => (weight & bit ? 'ABCD'[i] : '')).join('');
  return `${word}:${prefix ? '*' : ''}${weights}`;
}

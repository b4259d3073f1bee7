import { ByteView } from '../../wal/byte-view.js';
import { WalError } from '../../wal/error.js';
import { message } from '../../wal/message.js';
import { align } from '../tuple.js';
import { detoast, noToast } from '../varlena.js';
import { numeric } from './numeric.js';
import { characters } from './strings.js';
import { corruptValue, type Output, type TypeContext } from './type.js';

/**
 * jsonb: a tree of containers, each a count with flags, one entry for each element (objects: all keys, then all
 * values) and the elements' data (PostgreSQL: src/include/utils/jsonb.h).
 */

const COUNT = 0x0fffffff;
const SCALAR = 0x10000000;
const OBJECT = 0x20000000;
const ARRAY = 0x40000000;
/** What a container can be; a single value is in an array of its own. */
const KINDS: ReadonlySet<number> = new Set([OBJECT, ARRAY, ARRAY | SCALAR]);
const HAS_OFFSET = 0x80000000;

const ENTRY_STRING = 0;
const ENTRY_NUMERIC = 1;
const ENTRY_FALSE = 2;
const ENTRY_TRUE = 3;
const ENTRY_NULL = 4;
const ENTRY_CONTAINER = 5;

/** As deep as the stack of the engine allows, with room to spare: 5,000 levels are too many for it. */
const MAX_DEPTH = 2000;

export const jsonb: Output = (v, context) => formatContainer(v, context, 0);

function formatContainer(v: ByteView, context: TypeContext, depth: number): string {
  if (depth > MAX_DEPTH) throw corruptValue(message`a jsonb value is nested too deeply to be read`);
  const header = v.u32(0);
  if (!KINDS.has((header & ~COUNT) >>> 0))
    throw corruptValue(message`a jsonb container of the unknown kind ${header >>> 28}`);
  const count = header & COUNT;
  const isObject = (header & OBJECT) !== 0;
  const children = isObject ? count * 2 : count;
  const base = 4 + children * 4;
  const elements: string[] = [];
  let start = 0;
  // an element's place is the sum of the lengths before it; every so often an entry has the end itself
  for (let i = 0; i < children; i++) {
    const entry = v.u32(4 + i * 4);
    const value = entry & COUNT;
    const end = entry & HAS_OFFSET ? value : start + value;
    if (end < start) throw corruptValue(message`a jsonb element ends before it starts`);
    const kind = (entry >>> 28) & 7;
    if (isObject && i < count && kind !== ENTRY_STRING)
      throw corruptValue(message`a jsonb key that is no string`);
    elements.push(formatElement(v, kind, base, start, end, context, depth));
    start = end;
  }
  if (base + start !== v.length)
    throw corruptValue(message`a jsonb container of ${base + start} bytes in ${v.length}`);
  if (isObject) {
    const pairs = elements.slice(0, count).map((key, i) => `${key}: ${elements[count + i]}`);
    return `{${pairs.join(', ')}}`;
  }
  if (header & SCALAR && count !== 1) throw corruptValue(message`a jsonb value that is ${count} values`);
  return header & SCALAR ? elements.join('') : `[${elements.join(', ')}]`;
}

function formatElement(
  v: ByteView,
  kind: number,
  base: number,
  start: number,
  end: number,
  context: TypeContext,
  depth: number,
): string {
  // numbers and containers are aligned within the data
  const aligned = align(start, 4);
  switch (kind) {
    case ENTRY_STRING:
      return quoteJson(characters(v, base + start, end - start));
    case ENTRY_NUMERIC:
      return numeric(ByteView.of(detoast(v.bytes(base + aligned, end - aligned), noToast)), context);
    case ENTRY_FALSE:
      return 'false';
    case ENTRY_TRUE:
      return 'true';
    case ENTRY_NULL:
      return 'null';
    case ENTRY_CONTAINER:
      return formatContainer(v.slice(base + aligned, end - aligned), context, depth + 1);
    default:
      throw new WalError('corrupt-value', message`a jsonb element of the unknown kind ${kind}`);
  }
}

const ESCAPES: Record<string, string> = {
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '"': '\\"',
  '\\': '\\\\',
};

/** PostgreSQL's `escape_json`: only what JSON must escape. */
export function quoteJson(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what JSON escapes
  const escaped = text.replace(/[\u0000-\u001f"\\]/g, (c) => {
    return ESCAPES[c] ?? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return `"${escaped}"`;
}

/** What is parsed of JSON takes many times its bytes: so many objects and lists, and values in all, fit into memory. */
const MOST_OBJECTS = 1_100_000;
const MOST_VALUES = 8_000_000;

const COMMA = 0x2c;
const BRACKET = 0x5b;
const BRACE = 0x7b;

/**
 * Whether JSON has more in it than fits into memory once it is parsed (docs/decisions/repositories.md): more than what
 * is told of a million files. It need not be JSON at all.
 */
export function isTooMuchJson(bytes: Uint8Array): boolean {
  let objects = 0;
  let values = 0;
  for (const byte of bytes) {
    if (byte === COMMA) values++;
    else if (byte === BRACE || byte === BRACKET) objects++;
  }
  return objects > MOST_OBJECTS || objects + values > MOST_VALUES;
}

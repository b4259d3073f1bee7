/**
 * What a terminal acts upon instead of showing it: control characters (C0, DEL and C1, also as the lone bytes that
 * `decodeText` keeps as surrogates), those that turn the direction of writing, line and paragraph separators.
 */
const UNPRINTABLE = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\udc80-\udc9f]/gu;

/**
 * Text that came with the input (names of files and tables, labels, reasons, values), fit for a terminal and for one
 * line: what a terminal must not obey is written as JSON has it, `\n`, `\u001b`, `\u009b`.
 */
export function printable(text: string): string {
  return escapeUnprintable(text, escapeOf);
}

/** The same for JSON, which has such characters in strings only, but for the ends of its lines. It means the same. */
export function printableJson(json: string): string {
  return escapeUnprintable(json, (character) => (character === '\n' ? character : escapeOf(character)));
}

function escapeOf(character: string): string {
  const json = JSON.stringify(character).slice(1, -1);
  return json === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : json;
}

/** The same with another way to write such a character. */
export function escapeUnprintable(text: string, written: (character: string) => string): string {
  return text.replace(UNPRINTABLE, written);
}

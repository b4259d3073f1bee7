import { decodeText, encodeText } from '../text/encoding.js';

/** A line of a configuration file that sets something, or includes (`include`, `include_if_exists`, `include_dir`). */
export interface ConfigLine {
  /** As it is spelt: the server compares names without regard to case. */
  name: string;
  value: string;
}

const LETTER = 'A-Za-z_\\u0080-\\uffff';
const ID = `[${LETTER}][${LETTER}0-9]*`;

/** Of tokens of the same length the first one counts, of others the longest. A line ends with `\n` and nothing else. */
const TOKENS = {
  end: /\n/y,
  blank: /[ \t\r]+/y,
  comment: /#[^\n]*/y,
  id: new RegExp(ID, 'y'),
  qualified: new RegExp(`${ID}\\.${ID}`, 'y'),
  string: /'(?:[^'\\\n]|\\[^\n]|'')*'/y,
  unquoted: new RegExp(`[${LETTER}][${LETTER}0-9._:/-]*`, 'y'),
  integer: /[-+]?(?:0x[0-9a-fA-F]+|[0-9]+)[a-zA-Z]*/y,
  real: /[-+]?[0-9]*\.[0-9]*(?:[Ee][-+]?[0-9]+)?/y,
  equals: /=/y,
  other: /[^\n]/y,
};

type TokenKind = keyof typeof TOKENS;

interface Token {
  kind: TokenKind;
  text: string;
}

const NAMES: ReadonlySet<TokenKind> = new Set(['id', 'qualified']);
const VALUES: ReadonlySet<TokenKind> = new Set(['id', 'string', 'integer', 'real', 'unquoted']);

/**
 * Reads a file of the form of `postgresql.conf`, which `recovery.conf` and `postgresql.auto.conf` have as well, in the
 * order of its lines. A line that the server cannot read, at which it does not start, is left out
 * (`ParseConfigFp`, src/backend/utils/misc/guc-file.l).
 */
export function parseServerConfig(bytes: Uint8Array): ConfigLine[] {
  return logicalLines(decodeText(bytes)).flatMap(([name, ...rest]) => {
    const [value, ...more] = rest[0]?.kind === 'equals' ? rest.slice(1) : rest;
    if (name === undefined || value === undefined || more.length > 0) return [];
    if (!NAMES.has(name.kind) || !VALUES.has(value.kind)) return [];
    return [{ name: name.text, value: value.kind === 'string' ? unquoted(value.text) : value.text }];
  });
}

function logicalLines(text: string): Token[][] {
  const lines: Token[][] = [[]];
  for (let at = 0; at < text.length; ) {
    const token = tokenAt(text, at);
    // a line that has what is no token is none to the server, whatever comes behind that
    at = token.kind === 'other' ? endOfLine(text, at) : at + token.text.length;
    if (token.kind === 'end') lines.push([]);
    else if (token.kind !== 'blank' && token.kind !== 'comment') lines[lines.length - 1].push(token);
  }
  return lines;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

function tokenAt(text: string, at: number): Token {
  let longest: Token = { kind: 'other', text: '' };
  for (const kind of Object.keys(TOKENS) as TokenKind[]) {
    const pattern = TOKENS[kind];
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? [''];
    if (found.length > longest.text.length) longest = { kind, text: found };
  }
  return longest;
}

const ESCAPED: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
/** Of a single byte that is no text by itself: `decodeText`. */
const LONE_BYTE = 0xdc00;

/** `DeescapeQuotedString`; the bytes that octal digits give may be characters together. */
function unquoted(token: string): string {
  const text = token
    .slice(1, -1)
    .replaceAll(/\\([0-7]{1,3})|\\(.)|''/gs, (_, octal?: string, one?: string) => {
      if (octal === undefined) return one === undefined ? "'" : (ESCAPED[one] ?? one);
      const byte = Number.parseInt(octal, 8) & 0xff;
      return String.fromCharCode(byte < 0x80 ? byte : LONE_BYTE + byte);
    });
  return decodeText(encodeText(text));
}

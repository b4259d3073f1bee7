/**
 * Text out of WAL is in the encoding of some database, which WAL does not name. It is read as UTF-8, and each
 * byte that is not part of valid UTF-8 becomes the lone surrogate U+DC00 + byte, so that {@link encodeText}
 * gives back exactly the bytes that were read (the scheme of Python's PEP 383).
 */
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

const ESCAPE = 0xdc00;

/** Bytes to a string from which {@link encodeText} makes the same bytes again. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return decodeLossless(bytes);
  }
}

function decodeLossless(bytes: Uint8Array): string {
  let text = '';
  /** Up to here the bytes are in `text`. */
  let done = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = utf8Length(bytes, at);
    at += length || 1;
    if (length > 0) continue;
    text += strict.decode(bytes.subarray(done, at - 1)) + String.fromCharCode(ESCAPE + bytes[at - 1]);
    done = at;
  }
  return text + strict.decode(bytes.subarray(done));
}

/**
 * The length of the valid UTF-8 sequence that starts at `at`, or 0 where none does (RFC 3629, section 4). Not by trying to
 * decode it: an error for each byte would take seconds for a megabyte.
 */
export function utf8Length(bytes: Uint8Array, at: number, end = bytes.length): number {
  const first = bytes[at];
  if (first < 0x80) return 1;
  const length = first >= 0xf5 ? 0 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (at + length > end) return 0;
  // what is neither longer than it has to be, nor half a surrogate pair, nor beyond the last character
  const [low, high] = SECOND_BYTES[first] ?? [0x80, 0xbf];
  for (let i = 1; i < length; i++) {
    const byte = bytes[at + i];
    if (byte < (i === 1 ? low : 0x80) || byte > (i === 1 ? high : 0xbf)) return 0;
  }
  return length;
}

/** After these first bytes not every second one is right. */
const SECOND_BYTES: { [first: number]: [low: number, high: number] } = {
  224: [0xa0, 0xbf],
  237: [0x80, 0x9f],
  240: [0x90, 0xbf],
  244: [0x80, 0x8f],
};

/** The bytes of a string made by {@link decodeText}; any other string in UTF-8. */
export function encodeText(text: string): Uint8Array {
  if (!/[\udc80-\udcff]/.test(text)) return encoder.encode(text);
  const out: number[] = [];
  // the u flag keeps surrogate pairs together: only lone low surrogates are escapes
  for (const part of text.match(/[\udc80-\udcff]|[^\udc80-\udcff]+/gu) ?? []) {
    const code = part.charCodeAt(0);
    if (part.length === 1 && code >= ESCAPE + 0x80 && code <= ESCAPE + 0xff) out.push(code - ESCAPE);
    else for (const byte of encoder.encode(part)) out.push(byte);
  }
  return Uint8Array.from(out);
}

import type { RecordField } from '../../engine/api.js';

/** Sixteen bytes, in the pieces that belong to different fields. */
export interface HexLine {
  offset: number;
  parts: { field: number; name: string; bytes: Uint8Array }[];
}

/** So many lines of a record's bytes from one on. @param fields cover the bytes without a gap */
export function hexLines(
  bytes: Uint8Array,
  fields: readonly RecordField[],
  first: number,
  count: number,
): HexLine[] {
  const lines: HexLine[] = [];
  let field = 0;
  for (let offset = 16 * first; offset < bytes.length && lines.length < count; offset += 16) {
    const parts: HexLine['parts'] = [];
    const end = Math.min(offset + 16, bytes.length);
    for (let from = offset; from < end; ) {
      while (field < fields.length && endOf(fields[field]!) <= from) field++;
      const { name } = fields[field] ?? { name: '' };
      const to = field < fields.length ? Math.min(end, endOf(fields[field]!)) : end;
      parts.push({ field, name, bytes: bytes.subarray(from, to) });
      from = to;
    }
    lines.push({ offset, parts });
  }
  return lines;
}

const endOf = ({ offset, length }: RecordField): number => offset + length;

/** Printable ASCII as it is, a point for all else. */
export const bytesText = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');

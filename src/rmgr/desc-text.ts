/** A two-digit upper-case hexadecimal number for each byte: C's `%02X`. */
const HEX_BYTES: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).toUpperCase().padStart(2, '0'),
);

/** Flags as `0x%02X`. */
export function hexByte(byte: number): string {
  return `0x${HEX_BYTES[byte]}`;
}

/** Bytes as `%02X`, with a space between. */
export function hexBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => HEX_BYTES[byte]).join(' ');
}

/** A C `bool` in descriptions: `T` or `F`. */
export function flagLetter(flag: boolean): string {
  return flag ? 'T' : 'F';
}

/** The names of the flags that are set, in the order given. */
export function flagNames(flags: number, names: readonly (readonly [number, string])[]): string[] {
  return names.filter(([bit]) => flags & bit).map(([, name]) => name);
}

/** A full transaction id (64 bits) as `epoch:xid`. */
export function formatFullXid(xid: bigint): string {
  return `${xid >> 32n}:${xid & 0xffffffffn}`;
}

/**
 * A log sequence number: the byte position in the WAL of a cluster, 0 … 2^64-1
 * (PostgreSQL: `XLogRecPtr`, src/include/access/xlogdefs.h). Zero is "invalid".
 */
export type Lsn = bigint;

export const INVALID_LSN: Lsn = 0n;

const LSN_PATTERN = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/;

/** The LSN as walscan prints it everywhere: `%X/%08X`, as in `0/04000680`. */
export function formatLsn(lsn: Lsn): string {
  return formatLsnParts(Number(lsn >> 32n), Number(lsn & 0xffffffffn));
}

/** {@link formatLsn} of an LSN held as its two unsigned 32-bit halves. */
export function formatLsnParts(hi: number, lo: number): string {
  return `${hi.toString(16).toUpperCase()}/${lo.toString(16).toUpperCase().padStart(8, '0')}`;
}

/** The LSN as PostgreSQL before 19 prints it in messages and descriptions: `%X/%X`, as in `0/4000680`. */
export function formatLsnShort(lsn: Lsn): string {
  return `${(lsn >> 32n).toString(16)}/${(lsn & 0xffffffffn).toString(16)}`.toUpperCase();
}

/** The LSN as that major version of PostgreSQL prints it in messages and descriptions. */
export function formatLsnOf(lsn: Lsn, version: number): string {
  return version >= 19 ? formatLsn(lsn) : formatLsnShort(lsn);
}

/** Reads `X/X` in either form; undefined when the text is no LSN. */
export function parseLsn(text: string): Lsn | undefined {
  const match = LSN_PATTERN.exec(text);
  if (!match) return undefined;
  return (BigInt(`0x${match[1]}`) << 32n) | BigInt(`0x${match[2]}`);
}

/** The lowest of LSNs, some of which may not be known; undefined where none is. */
export const lowest = (all: readonly (Lsn | undefined)[]): Lsn | undefined =>
  all.reduce(
    (best, lsn) => (best === undefined || (lsn !== undefined && lsn < best) ? lsn : best),
    undefined,
  );

/** The highest of LSNs, some of which may not be known; undefined where none is. */
export const highest = (all: readonly (Lsn | undefined)[]): Lsn | undefined =>
  all.reduce(
    (best, lsn) => (best === undefined || (lsn !== undefined && lsn > best) ? lsn : best),
    undefined,
  );

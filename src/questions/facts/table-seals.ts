import { crc32c } from '../../wal/crc32c.js';
import { WalError } from '../../wal/error.js';
import { message } from '../../wal/message.js';
import type { FactFile } from './collector.js';

/** By which a table is known to be what was written. */
export interface TableSeal {
  bytes: number;
  /** CRC-32C of these. */
  crc: number;
}

/** Of the tables in a folder, by their names. */
export type TableSeals = ReadonlyMap<string, TableSeal>;

export const sealOf = (bytes: Uint8Array): TableSeal => ({ bytes: bytes.length, crc: crc32c(bytes) });

export const isSameSeal = (a: TableSeal | undefined, b: TableSeal | undefined): boolean =>
  a?.bytes === b?.bytes && a?.crc === b?.crc;

/** Whether bytes are those of a table; without any, whether there is to be none. */
export const isSealed = (bytes: Uint8Array | undefined, seal: TableSeal | undefined): boolean =>
  bytes?.length === seal?.bytes && (bytes === undefined || crc32c(bytes) === seal?.crc);

/** As a column has them: an object of `[bytes, crc]` by the tables' names. */
export const sealsJson = (files: readonly FactFile[]): string =>
  JSON.stringify(Object.fromEntries(files.map(({ table, bytes }) => [table, [bytes.length, crc32c(bytes)]])));

/**
 * Reads what {@link sealsJson} made.
 * @param file as messages name it
 * @throws WalError `bad-facts`
 */
export function parseSeals(text: string, file: string): TableSeals {
  const seals = sealsIn(text);
  if (seals !== undefined) return seals;
  throw new WalError('bad-facts', message`what ${file} says of the tables beside it cannot be read`, {
    file,
  });
}

function sealsIn(text: string): TableSeals | undefined {
  const seals = new Map<string, TableSeal>();
  const values = objectIn(text);
  if (values === undefined) return undefined;
  for (const [table, value] of Object.entries(values)) {
    if (!Array.isArray(value) || value.length !== 2 || !value.every(isUint32)) return undefined;
    const [bytes, crc] = value as number[];
    seals.set(table, { bytes, crc });
  }
  return seals;
}

function objectIn(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const isUint32 = (value: unknown): boolean => typeof value === 'number' && value >>> 0 === value;

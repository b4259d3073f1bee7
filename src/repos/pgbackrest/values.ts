import { type Lsn, parseLsn } from '../../wal/lsn.js';
import { type Message, message } from '../../wal/message.js';
import { POSTGRES_EPOCH_US, type TimestampTz } from '../../wal/timestamp.js';

/** What a value of an information file should be and is not; whoever reads the file says which one it is. */
export class BadValue extends Error {
  constructor(readonly said: Message) {
    super(String(said));
  }
}

/** Labels of backups: a full one's time, and after it the time of one that builds on it (`backupLabelFormat`). */
const LABEL = /^\d{8}-\d{6}F(?:_\d{8}-\d{6}[DI])?$/;

export const isLabel = (name: string): boolean => LABEL.test(name);

/** A JSON object, of which `unknown` values are asked for by name. */
export type Fields = Readonly<Record<string, unknown>>;

export function fieldsOf(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new BadValue(message`is no object`);
  return value as Fields;
}

/** System identifiers need 64 bits, which JSON.parse rounds: they are read as strings. */
export const fieldsWithIds = (json: string): Fields =>
  fieldsOf(JSON.parse(json.replace(/("db-(?:system-)?id":)(\d+)/g, '$1"$2"')));

export function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new BadValue(message`is no text`);
  return value;
}

export const jsonText = (json: string): string => textOf(JSON.parse(json));

/** A number of bytes, blocks or seconds. */
export function countOf(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new BadValue(message`is no number that it can be`);
  }
  return value;
}

export function maybe<T>(value: unknown, read: (value: unknown) => T): T | undefined {
  return value === undefined || value === null ? undefined : read(value);
}

export function labelOf(value: unknown): string {
  const label = textOf(value);
  if (!isLabel(label)) throw new BadValue(message`is no label of a backup`);
  return label;
}

export function lsnOf(value: unknown): Lsn {
  const lsn = parseLsn(textOf(value));
  if (lsn === undefined) throw new BadValue(message`is no LSN`);
  return lsn;
}

/** The timeline of a segment by its name. */
export function timelineOf(segment: unknown): number {
  const name = textOf(segment);
  if (!/^[0-9A-F]{24}$/.test(name)) throw new BadValue(message`is no name of a segment`);
  return Number.parseInt(name.slice(0, 8), 16);
}

/** Seconds since 1970. */
export function timeOf(value: unknown): TimestampTz {
  return BigInt(countOf(value)) * 1_000_000n - POSTGRES_EPOCH_US;
}

export function idOf(value: unknown): bigint {
  const digits = typeof value === 'number' ? String(value) : textOf(value);
  if (!/^\d{1,20}$/.test(digits)) throw new BadValue(message`is no identifier`);
  return BigInt(digits);
}

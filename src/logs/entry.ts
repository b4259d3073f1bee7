import type { TimestampTz } from '../wal/timestamp.js';

/** The session that a line of the log is of; undefined for what the line does not tell. */
export interface LogSession {
  user: string | undefined;
  database: string | undefined;
  /** Host or address, with the port where the log has it: `10.0.0.7(51234)`, `[local]`. */
  client: string | undefined;
  application: string | undefined;
  pid: number | undefined;
  /** `%c`: when the process began and its id, both hexadecimal. */
  session: string | undefined;
}

/** What a server wrote into its log at once. */
export interface LogEntry extends LogSession {
  /** Undefined where the log has none, or in a zone that is not known. */
  time: TimestampTz | undefined;
  /** What the time may be too early by, in microseconds: clocks of logs show milliseconds or seconds. */
  precision: bigint;
  /** Of the transaction that the session is in: `3/12`; `3/0` in none. */
  virtualXid: string | undefined;
  /** Of that transaction; 0 where it has none yet, or there is no transaction. */
  xid: number | undefined;
  /** In English: `LOG`, `ERROR`, … */
  severity: string;
  message: string;
  /** What comes with a message: the parameters of a statement, or what it was prepared as. */
  detail: string | undefined;
  /** The statement that a message is about. */
  statement: string | undefined;
}

/** A line of which nothing but its message is known. */
export const emptyEntry = (): LogEntry => ({
  user: undefined,
  database: undefined,
  client: undefined,
  application: undefined,
  pid: undefined,
  session: undefined,
  time: undefined,
  precision: 0n,
  virtualXid: undefined,
  xid: undefined,
  severity: 'LOG',
  message: '',
  detail: undefined,
  statement: undefined,
});

/** Text of a log, undefined where the server had nothing to tell. */
export const known = (text: string | undefined): string | undefined =>
  text === undefined || text === '' || UNKNOWN.has(text) ? undefined : text;

/** What the server puts for names that it does not know yet, in the languages of its catalogs of messages. */
const UNKNOWN = new Set([
  ...['[unknown]', '[unbekannt]', '[desconocido]', '[inconnu]', '[sconosciuto]', '[不明]', '[უცნობი]'],
  ...[
    '[알수없음]',
    '[н/д]',
    '[okänd]',
    '[未知]',
    '[tidak diketahui]',
    '[nieznany]',
    '[desconhecido]',
    '[bilinmeyen]',
  ],
]);

/** A whole number; undefined where the text is none. */
export const numberOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;

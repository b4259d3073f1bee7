import type { LogClock } from './clock.js';
import { emptyEntry, known, type LogEntry } from './entry.js';
import { severityOf } from './words.js';

/** What is taken of an entry. */
type Key =
  | ('timestamp' | 'user' | 'dbname' | 'pid' | 'remote_host' | 'remote_port' | 'session_id' | 'vxid' | 'txid')
  | ('error_severity' | 'message' | 'detail' | 'statement' | 'application_name');

type Fields = Readonly<Partial<Record<Key, unknown>>>;

/** An object of jsonlog; undefined where a line is none. */
function fieldsOf(line: string): Fields | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Fields;
  } catch {
    return undefined;
  }
}

/** Whether a line is one of jsonlog. */
export const looksLikeJson = (line: string): boolean => typeof fieldsOf(line)?.error_severity === 'string';

/** An entry of jsonlog, which has each on a line of its own (`write_jsonlog`, src/backend/utils/error/jsonlog.c; since 15). */
export function jsonEntry(line: string, clock: LogClock): LogEntry | undefined {
  const fields = fieldsOf(line);
  if (fields === undefined) return undefined;
  const text = (key: Key): string | undefined => {
    const value = fields[key];
    return typeof value === 'string' ? known(value) : undefined;
  };
  const number = (key: Key): number | undefined => {
    const value = fields[key];
    return typeof value === 'number' ? value : undefined;
  };
  const severity = text('error_severity');
  if (severity === undefined) return undefined;
  return {
    ...emptyEntry(),
    ...clock.read(text('timestamp') ?? ''),
    user: text('user'),
    database: text('dbname'),
    client: clientOf(text('remote_host'), number('remote_port')),
    application: text('application_name'),
    pid: number('pid'),
    session: text('session_id'),
    virtualXid: text('vxid'),
    xid: number('txid'),
    severity: severityOf(severity),
    message: text('message') ?? '',
    detail: text('detail'),
    statement: text('statement'),
  };
}

const clientOf = (host: string | undefined, port: number | undefined): string | undefined =>
  host === undefined || port === undefined ? host : `${host}:${port}`;

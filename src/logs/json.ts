import type { LogClock } from './clock.js';
import { emptyEntry, known, type LogEntry } from './entry.js';
import { isCutOff } from './lines.js';
import { severityOf } from './words.js';

/** What is taken of an entry. */
type Key =
  | ('timestamp' | 'user' | 'dbname' | 'pid' | 'remote_host' | 'remote_port' | 'session_id' | 'vxid' | 'txid')
  | ('error_severity' | 'message' | 'detail' | 'statement' | 'application_name');

type Fields = Readonly<Partial<Record<Key, unknown>>>;

/** An object of jsonlog, of one that is cut off as much as there is; undefined where a line is none. */
function fieldsOf(line: string): Fields | undefined {
  if (!line.startsWith('{')) return undefined;
  return parsed(line) ?? (isCutOff(line) ? parsed(`${line.replace(HALF_ESCAPE, '$1')}"}`) : undefined);
}

/** A backslash that escapes what is not there any more. */
const HALF_ESCAPE = /((?:^|[^\\])(?:\\\\)*)\\(?:u[\da-f]{0,3})?$/i;

function parsed(text: string): Fields | undefined {
  try {
    return JSON.parse(text) as Fields;
  } catch {
    return undefined;
  }
}

/** How the server begins a line, which may be too long to be there as a whole. */
const BEGINS = /^\{"timestamp":"[^"]{1,64}",.{0,4096}?"error_severity":"/;

/** Whether a line is one of jsonlog. */
export const looksLikeJson = (line: string): boolean =>
  BEGINS.test(line) || typeof fieldsOf(line)?.error_severity === 'string';

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

import type { ByteSource } from '../../sources/byte-source.js';
import { readWhole } from '../../sources/read.js';
import type { Reading } from '../../sources/reading.js';
import { decodeText } from '../../text/encoding.js';
import { WalError } from '../../wal/error.js';
import { type Lsn, parseLsn } from '../../wal/lsn.js';
import { type Message, message } from '../../wal/message.js';
import { POSTGRES_EPOCH_US, type TimestampTz } from '../../wal/timestamp.js';
import type { StoredTablespace } from '../repository.js';

/** What Barman writes of a backup (`BackupInfo`, barman/infofile.py, 3.4 to 3.17); undefined is its `None`. */
export interface BackupInfo {
  /** `EMPTY`, `STARTED`, `FAILED`, `WAITING_FOR_WALS`, `DONE` or `SYNCING`. */
  status: string;
  /** What went wrong, of one that failed. */
  error: string | undefined;
  /** What its configuration calls the cluster. */
  serverName: string | undefined;
  /** `postgres`, `rsync`, `rsync-exclusive`, `rsync-concurrent`, `local-to-cloud`, `snapshot` … */
  mode: string | undefined;
  /** Of a backup that is `INCREMENTAL.*` files, since PostgreSQL 17. */
  parent: string | undefined;
  /** The tool that its files are encrypted with, since 3.15. */
  encryption: string | undefined;
  compression: string | undefined;
  /** The major version. */
  version: number | undefined;
  systemIdentifier: bigint | undefined;
  timeline: number | undefined;
  startLsn: Lsn | undefined;
  /** With `mode=postgres` where the server was when the copy was done, which is after the end of the backup. */
  endLsn: Lsn | undefined;
  startTime: TimestampTz | undefined;
  endTime: TimestampTz | undefined;
  /** Bytes of its files, packed as they are. */
  size: number | undefined;
  /** The same without those that are hard links to another backup's. */
  ownSize: number | undefined;
  tablespaces: readonly StoredTablespace[];
}

/** Real ones have some kilobytes. */
const LARGEST_INFO = 4 * 1024 * 1024;

/** @throws WalError `bad-repository` where it is no `backup.info`; `unreadable`, `file-too-large` */
export async function readBackupInfo(source: ByteSource, reading: Reading): Promise<BackupInfo> {
  return parseBackupInfo(decodeText(await readWhole(source, LARGEST_INFO, reading)), source.name);
}

/**
 * Lines of `name=value`; empty ones and those that begin with `#` say nothing (`FieldListFile.load`).
 * @throws WalError `bad-repository`
 */
export function parseBackupInfo(text: string, file: string): BackupInfo {
  const bad = (why: Message): WalError =>
    new WalError('bad-repository', message`${file} is no backup.info of Barman: ${why}`, { file });
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const equals = line.indexOf('=');
    if (equals < 0) throw bad(message`it has a line without "="`);
    const value = line.slice(equals + 1).trim();
    if (value !== 'None') fields.set(line.slice(0, equals).trim(), value);
  }
  const value = (name: string): string | undefined => fields.get(name);
  const parsed = <T>(name: string, parse: (text: string) => T | undefined): T | undefined => {
    const found = value(name);
    if (found === undefined) return undefined;
    const result = parse(found);
    if (result === undefined) throw bad(message`its ${name} cannot be understood`);
    return result;
  };
  const status = value('status');
  if (status === undefined) throw bad(message`it has no status`);
  const version = parsed('version', wholeNumber);
  return {
    status,
    error: value('error'),
    serverName: value('server_name'),
    mode: value('mode'),
    parent: value('parent_backup_id'),
    encryption: value('encryption'),
    compression: value('compression'),
    version: version === undefined || version < 100_000 ? undefined : Math.floor(version / 10_000),
    systemIdentifier: parsed('systemid', (digits) => (isDigits(digits) ? BigInt(digits) : undefined)),
    timeline: parsed('timeline', wholeNumber),
    startLsn: parsed('begin_xlog', parseLsn),
    endLsn: parsed('end_xlog', parseLsn),
    startTime: timeOf(value('begin_time')),
    endTime: timeOf(value('end_time')),
    size: parsed('size', wholeNumber),
    ownSize: parsed('deduplicated_size', wholeNumber),
    tablespaces: parsed('tablespaces', tablespacesOf) ?? [],
  };
}

const isDigits = (text: string): boolean => /^\d{1,20}$/.test(text);

function wholeNumber(text: string): number | undefined {
  const number = isDigits(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(number) ? number : undefined;
}

const TIME = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(?:Z|([+-]\d\d):?(\d\d))$/;

/** Undefined as well where no zone is written, as old versions did: it is that of the machine of then. */
function timeOf(text: string | undefined): TimestampTz | undefined {
  const match = TIME.exec(text ?? '');
  if (!match) return undefined;
  const [, date, time, fraction = '', hours = '+00', minutes = '00'] = match;
  const milliseconds = Date.parse(`${date}T${time}${hours}:${minutes}`);
  if (Number.isNaN(milliseconds)) return undefined;
  return BigInt(milliseconds) * 1000n + BigInt(fraction.padEnd(6, '0')) - POSTGRES_EPOCH_US;
}

const STRING = String.raw`u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")`;
const TABLESPACE = String.raw`\(${STRING}, (\d{1,10}), ${STRING}\)`;
const TABLESPACES = new RegExp(`^\\[(?:${TABLESPACE}(?:, )?)*\\]$`);

/** As Python writes a list: `[('ts1', 16384, '/srv/ts1')]`. */
function tablespacesOf(text: string): StoredTablespace[] | undefined {
  if (!TABLESPACES.test(text)) return undefined;
  return [...text.matchAll(new RegExp(TABLESPACE, 'g'))].map(([, name, oid, path]) => ({
    name: stringOf(name),
    oid: Number(oid),
    path: stringOf(path),
  }));
}

const ESCAPE = /\\(?:x([\da-f]{2})|u([\da-f]{4})|U([\da-f]{8})|([abfnrtv])|(.))/g;
const CONTROLS: Readonly<Record<string, string>> = {
  ...{ a: '\x07', b: '\b', f: '\f' },
  ...{ n: '\n', r: '\r', t: '\t', v: '\v' },
};

/** What Python's text in quotes says (`repr`). */
function stringOf(quoted: string): string {
  return quoted.slice(1, -1).replace(ESCAPE, (_, x, u, long, control, other) => {
    const code = Number.parseInt(x ?? u ?? long ?? '', 16);
    if (code <= 0x10ffff) return String.fromCodePoint(code);
    return control === undefined ? (other ?? '') : CONTROLS[control];
  });
}

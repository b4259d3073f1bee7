import { namedZone } from '../../node/timezone.js';
import { WalError } from '../../wal/error.js';
import { message } from '../../wal/message.js';
import type { Io } from '../io.js';
import { printDetail } from '../telling.js';
import type { Setting, Settings } from './settings.js';

/** Options that settings may stand for, or go with. */
export interface SettledOptions {
  backup?: string | string[] | false;
  database?: string;
  table?: string | string[];
  columns?: string;
  facts?: string;
  utc?: true;
  tz?: unknown;
}

/** What a command takes of settings besides the zone. */
export interface Takes {
  /** Paths where the WAL is. */
  archive?: boolean;
  backup?: boolean;
  /** The database of `--table`. */
  database?: boolean;
}

/**
 * The paths: those given, or else those set; facts stand for paths, too.
 * @param needsPath whether there has to be one: where there has not, that of a running server (PGDATA) is none
 */
export function settledPaths(
  paths: readonly string[],
  { facts }: SettledOptions,
  { archives }: Settings,
  needsPath: boolean,
  io: Io,
): readonly string[] {
  if (paths.length > 0 || facts !== undefined) return paths;
  const archive = archives.find(({ from }) => needsPath || from !== 'PGDATA');
  return taken('paths', archive, io) ?? [];
}

/** The options, with settings where they say nothing. @param hasPaths whether paths are given as arguments */
export function settledOptions<T extends SettledOptions>(
  options: T,
  { backup, backupOfArchive, database }: Settings,
  takes: Takes,
  hasPaths: boolean,
  io: Io,
): T {
  const settled = { ...options };
  // --no-backup is an answer, too, and --columns stand in for one
  if (takes.backup && options.backup === undefined && options.columns === undefined) {
    const chosen = taken('backup', backup ?? (hasPaths ? undefined : backupOfArchive), io);
    if (chosen !== undefined) settled.backup = [chosen];
  }
  if (takes.database && options.table !== undefined && options.database === undefined) {
    settled.database = taken('database', database, io);
  }
  return settled;
}

/** The world in whose zone times are. @throws WalError `usage` where what is set is no zone */
export function inSettledZone(io: Io, { utc, tz: given }: SettledOptions, { tz }: Settings): Io {
  if (utc || given !== undefined || tz === undefined) return io;
  if (namedZone(tz.value) === undefined) {
    const text = message`${tz.from}: "${tz.value}" is no time zone: set it to one such as Europe/Madrid`;
    throw new WalError('usage', text);
  }
  taken('tz', tz, io);
  return Object.create(io, { env: { value: { ...io.env, TZ: tz.value } } });
}

function taken<T extends string | readonly string[]>(
  name: string,
  setting: Setting<T> | undefined,
  io: Io,
): T | undefined {
  if (setting !== undefined) {
    printDetail(message`${name}: ${[setting.value].flat().join(' ')} (${setting.from})`, io);
  }
  return setting?.value;
}

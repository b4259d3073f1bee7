import { join } from 'node:path';
import type { Io } from '../io.js';
import { readConfig, usualConfigFile } from './file.js';

/** A value that no argument gives, and what does. */
export interface Setting<T> {
  value: T;
  /** The name of a variable or of a file. */
  from: string;
}

/** What is taken where arguments say nothing. */
export interface Settings {
  /** The file that was read. */
  file: string | undefined;
  /** Where the WAL is, what goes before first; of `PGDATA` its pg_wal. */
  archives: readonly Setting<readonly string[]>[];
  /** Of the variable: beside any paths, as `--backup` would be. */
  backup: Setting<string> | undefined;
  /** Of the file: it belongs to an archive that is set, too. */
  backupOfArchive: Setting<string> | undefined;
  tz: Setting<string> | undefined;
  database: Setting<string> | undefined;
}

/**
 * Variables go before the file.
 * @param file undefined: the user's own, if there is one
 * @throws WalError where the file cannot be read, or has something that is no setting
 */
export async function readSettings(file: string | undefined, env: Io['env']): Promise<Settings> {
  const path = file ?? usualConfigFile(env);
  const config = path === undefined ? undefined : await readConfig(path, file === undefined);
  const { PGDATA } = env;
  const variable = (name: string): Setting<string> | undefined => setting(env[name] || undefined, name);
  const archive = variable('WALSCAN_ARCHIVE');
  return {
    file: config && path,
    archives: [
      setting(archive && [archive.value], archive?.from),
      setting(PGDATA ? [join(PGDATA, 'pg_wal')] : undefined, 'PGDATA'),
      setting(config?.archive, path),
    ].filter((one) => one !== undefined),
    backup: variable('WALSCAN_BACKUP'),
    backupOfArchive: setting(config?.backup, path),
    tz: variable('WALSCAN_TZ') ?? setting(config?.tz, path),
    database: variable('WALSCAN_DATABASE') ?? setting(config?.database, path),
  };
}

const setting = <T>(value: T | undefined, from = ''): Setting<T> | undefined =>
  value === undefined ? undefined : { value, from };

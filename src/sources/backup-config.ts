import { type ConfigLine, parseServerConfig } from '../cluster/server-config.js';
import type { Backup } from './backup-parts.js';

/** A setting as a backup's files have it. */
export interface ConfigSetting extends ConfigLine {
  /** Its path in the data folder. */
  file: string;
}

/** How the server of a backup was configured, as far as the files in its data folder tell it. */
export interface BackupConfig {
  /** `postgresql.conf`, what that includes, and `postgresql.auto.conf`: in the order in which the server reads them. */
  server: ConfigSetting[];
  /** `recovery.conf`, with what it includes. Since 12 the server does not start where there is one. */
  recovery: ConfigSetting[];
  /** Those of {@link MARKERS} that are there. */
  markers: string[];
}

/** Files that by being there tell the server what to do. */
const MARKERS = ['standby.signal', 'recovery.conf'];

/** `CONF_FILE_MAX_DEPTH` (src/include/utils/conffiles.h) */
const DEEPEST = 10;
/** Files that include each other could go on for ever, and large ones take much memory. */
const MOST_FILES = 200;
const MOST_BYTES = 4 * 1024 * 1024;

/**
 * Reads a backup's configuration. Files included from elsewhere, by an absolute path for instance, are left out.
 * @returns undefined where the backup given holds none
 * @throws WalError what reading a backup's files throws
 */
export async function readBackupConfig(backup: Backup): Promise<BackupConfig | undefined> {
  const there = new Set(await backup.configNames(''));
  const reader = new ConfigReader(backup);
  // no more is asked of a folder that may have much WAL in it besides
  const settings = (name: string): Promise<ConfigSetting[]> | [] =>
    there.has(name) ? reader.settings(name) : [];
  const markers = MARKERS.filter((name) => there.has(name));
  if (!there.has('postgresql.conf') && !there.has('postgresql.auto.conf') && markers.length === 0) {
    return undefined;
  }
  return {
    server: [...(await settings('postgresql.conf')), ...(await settings('postgresql.auto.conf'))],
    recovery: await settings('recovery.conf'),
    markers,
  };
}

/** Follows files into those that they include (`ParseConfigFp`, `GetConfFilesInDir`, src/backend/utils/misc). */
class ConfigReader {
  private files = 0;
  private bytes = 0;

  constructor(private readonly backup: Backup) {}

  /** Of a file, or none where it is not there. */
  async settings(file: string, depth = 0): Promise<ConfigSetting[]> {
    if (depth > DEEPEST || ++this.files > MOST_FILES) return [];
    const found = await this.backup.configFile(file);
    this.bytes += found?.bytes.length ?? 0;
    if (found === undefined || this.bytes > MOST_BYTES) return [];
    const settings: ConfigSetting[][] = [];
    for (const line of parseServerConfig(found.bytes)) {
      const included = await this.included(file, line);
      if (included === undefined) settings.push([{ file, ...line }]);
      else for (const one of included) settings.push(await this.settings(one, depth + 1));
    }
    return settings.flat();
  }

  /** Undefined for a line that includes nothing. */
  private async included(file: string, { name, value }: ConfigLine): Promise<string[] | undefined> {
    const kind = name.toLowerCase();
    if (kind !== 'include' && kind !== 'include_if_exists' && kind !== 'include_dir') return undefined;
    if (value.startsWith('/') || this.files > MOST_FILES) return [];
    const path = beside(file, value);
    if (kind !== 'include_dir') return [path];
    const names = await this.backup.configNames(path);
    return names
      .filter((one) => one.endsWith('.conf') && !one.startsWith('.'))
      .map((one) => (path === '' ? one : `${path}/${one}`));
  }
}

/** A path that is relative to the folder of the file that it is named in. */
function beside(file: string, path: string): string {
  const folder = file.split('/').slice(0, -1);
  for (const part of path.split('/')) {
    if (part === '..') folder.pop();
    else if (part !== '' && part !== '.') folder.push(part);
  }
  return folder.join('/');
}

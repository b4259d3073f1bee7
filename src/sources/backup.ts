import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { WalError } from '../wal/error.js';
import { decompressed } from './decompress.js';
import { type ByteSource, fileSource, unreadable } from './source.js';
import { tarMembers } from './tar.js';

/** Takes a file of a backup; its bytes pass by once. */
export type BackupVisitor = (path: string, body: AsyncIterable<Uint8Array>) => Promise<void>;

/** A base backup: the files of a data folder, in a folder or in the tar files of `pg_basebackup -F t`. */
export interface Backup {
  /** As messages name it. */
  name: string;
  /**
   * Gives all files that are wanted, by their path in the data folder, in the order in which they come.
   * @throws WalError `unreadable`, `corrupt-tar`, `corrupt-compression`
   */
  visit(wanted: (path: string) => boolean, take: BackupVisitor): Promise<void>;
}

const BASE_TAR = /^base\.tar(\.\w+)?$/;
/** The tar file of a tablespace is named after its oid. */
const TABLESPACE_TAR = /^(\d+)\.tar(\.\w+)?$/;

/**
 * Opens a base backup: a data folder, a folder with `base.tar` (compressed or not) and the tar files of
 * tablespaces, or such a `base.tar` itself.
 * @throws WalError `unreadable`, `not-a-backup`
 */
export async function openBackup(path: string): Promise<Backup> {
  try {
    if (!(await stat(path)).isDirectory()) return tarBackup(path, [{ prefix: '', tar: fileSource(path) }]);
    const names = await readdir(path);
    if (names.includes('PG_VERSION')) return folderBackup(path);
    const base = names.find((name) => BASE_TAR.test(name));
    if (base !== undefined) return tarBackup(path, tarFiles(path, names));
  } catch (error) {
    throw unreadable(path, error);
  }
  throw new WalError('not-a-backup', `${path} is no base backup: it has neither PG_VERSION nor base.tar`, {
    file: path,
  });
}

interface BackupTar {
  /** What comes before the members' paths in the data folder. */
  prefix: string;
  tar: ByteSource;
}

function tarFiles(folder: string, names: string[]): BackupTar[] {
  return names.flatMap((name) => {
    const tar = fileSource(join(folder, name));
    if (BASE_TAR.test(name)) return [{ prefix: '', tar }];
    const tablespace = TABLESPACE_TAR.exec(name);
    return tablespace ? [{ prefix: `pg_tblspc/${tablespace[1]}/`, tar }] : [];
  });
}

function tarBackup(name: string, tars: readonly BackupTar[]): Backup {
  return {
    name,
    async visit(wanted, take) {
      for (const { prefix, tar } of tars) {
        for await (const member of tarMembers(tar)) {
          const path = prefix + member.name.replace(/^\.\//, '');
          if (wanted(path)) await take(path, member.body);
        }
      }
    },
  };
}

const isTablespace = (path: string): boolean => /^pg_tblspc\/[^/]+$/.test(path);

/** Undefined for a link to what is not there, such as a pg_wal that was left on the server. */
async function leadsToFolder(link: string): Promise<boolean | undefined> {
  try {
    return (await stat(link)).isDirectory();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unreadable(link, error);
  }
}

function deadLink(path: string): WalError {
  return new WalError('unreadable', `cannot read ${path}: it is a link to what is not there`, { file: path });
}

function folderBackup(root: string): Backup {
  const visitFolder = async (
    folder: string,
    wanted: (path: string) => boolean,
    take: BackupVisitor,
  ): Promise<void> => {
    for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      const full = join(root, path);
      // a tablespace is a symbolic link
      const isFolder = entry.isSymbolicLink() ? await leadsToFolder(full) : entry.isDirectory();
      if (isFolder === undefined && !isTablespace(path) && !wanted(path)) continue;
      if (isFolder === undefined) throw deadLink(full);
      if (isFolder) await visitFolder(path, wanted, take);
      else if (wanted(path)) await take(path, decompressed(fileSource(full)));
    }
  };
  return {
    name: root,
    async visit(wanted, take) {
      try {
        await visitFolder('', wanted, take);
      } catch (error) {
        throw error instanceof WalError ? error : unreadable(root, error);
      }
    },
  };
}

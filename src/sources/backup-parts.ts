import type { BackupHistory } from '../cluster/backup-label.js';
import { type BackupManifest, parseBackupManifest, WITHOUT_MANIFEST } from '../cluster/backup-manifest.js';
import type { MappedTablespace } from '../cluster/tablespace-map.js';
import { type ErrorCode, WalError } from '../wal/error.js';
import { type Message, message } from '../wal/message.js';
import type { ByteSource, SourceFolder } from './byte-source.js';
import type { NamedBytes } from './input.js';
import { readBeginning, readWhole } from './read.js';
import type { Reading } from './reading.js';

/** Takes a file of a backup; its bytes pass by once. */
export type BackupVisitor = (path: string, body: AsyncIterable<Uint8Array>) => Promise<void>;

/**
 * A base backup in whatever form it is there: as a data folder, in the tar files of `pg_basebackup -F t`, or no more
 * of it than its label, its `.backup` file or its manifest. Nothing is read before it is asked for; what a form lacks
 * is undefined.
 */
export interface Backup {
  /** As messages name it. */
  readonly name: string;
  /** Whether its files come one after the other, so that to get at one all before it are read. */
  readonly isStream: boolean;
  /** Its backup_label as it is. */
  label(): Promise<NamedBytes | undefined>;
  /** The `.backup` file, which a primary archives. */
  history(): Promise<BackupHistory | undefined>;
  manifest(): Promise<BackupManifest | undefined>;
  /** Its pg_control as it is, for a damaged one can be looked at as well. */
  control(): Promise<NamedBytes | undefined>;
  /**
   * A file by which the server is configured, by its path in the data folder: one that ends in `.conf` or `.signal`, or
   * `tablespace_map`.
   * @throws WalError `file-too-large`
   */
  configFile(path: string): Promise<NamedBytes | undefined>;
  /** The names of those in a folder of the data folder (`''` for itself); none where it is not there. */
  configNames(path: string): Promise<string[]>;
  /** Its tablespaces that are links in `pg_tblspc`, and where those lead: there a server that starts uses them. */
  tablespaceLinks(): Promise<MappedTablespace[]>;
  /** The WAL that came with it: its own `pg_wal`. */
  wal(): Promise<SourceFolder | undefined>;
  /**
   * What is known to be damaged or missing of it without reading its files: a copy is sound, a tablespace is gone, or its
   * tool found it as it copied them.
   */
  readonly passedOver?: readonly WalError[] | undefined;
  /** The names of the backups that it is put together of, the full one first. */
  readonly chain?: readonly string[] | undefined;
  /** Its files each by itself, where they need not be read one after the other. */
  readonly files?: BackupFiles | undefined;
  /**
   * Gives all files that are wanted, by their path in the data folder, in the order in which they come.
   * @throws WalError `not-a-backup` where there are none; `unreadable`, `corrupt-tar`, `corrupt-compression`
   */
  visit(wanted: (path: string) => boolean, take: BackupVisitor): Promise<void>;
}

/** The files of a base backup, each of which can be read by itself. */
export interface BackupFiles {
  /** Their paths in the data folder, in any order; a tablespace's begin with `pg_tblspc/`. */
  paths(): AsyncIterable<string>;
  /** A file as it was in the data folder; undefined where there is none. */
  file(path: string): Promise<ByteSource | undefined>;
  /** Of a file that is put together of several others: in which of them a byte of it lies, by its place. */
  partsOf?(path: string): Promise<((at: number) => string) | undefined>;
}

export const LARGEST_LABEL = 1024 * 1024;
/** Some thirty times what initdb makes. */
const LARGEST_CONFIG_FILE = 1024 * 1024;
/** A manifest has some 150 bytes for each file of the cluster, 280 with the longest checksums (docs/decisions/repositories.md). */
export const LARGEST_MANIFEST = 192 * 1024 * 1024;
/** `PG_CONTROL_FILE_SIZE` */
export const CONTROL_FILE_SIZE = 8192;

const nothing = async (): Promise<undefined> => undefined;

/** A form that has nothing, for others to add to. */
export function noBackup(name: string): Backup {
  return {
    name,
    isStream: false,
    label: nothing,
    history: nothing,
    manifest: nothing,
    control: nothing,
    configFile: nothing,
    configNames: async () => [],
    tablespaceLinks: async () => [],
    wal: nothing,
    async visit() {
      const text = message`${name} is not all of a base backup: give its data folder or base.tar`;
      throw new WalError('not-a-backup', text, { file: name });
    },
  };
}

export const CONFIG_FILE = /\.(?:conf|signal)$|^tablespace_map$/;

export const CONTROL_FILE = 'global/pg_control';
export const VERSION_FILE = 'PG_VERSION';
export const MANIFEST_FILE = 'backup_manifest';
/** More than it ever has: a number and the end of its line. */
export const VERSION_FILE_SIZE = 64;

const readSmall =
  (limit: number, advice?: Message) =>
  async (source: ByteSource, reading: Reading): Promise<NamedBytes> => ({
    name: source.name,
    bytes: await readWhole(source, limit, reading, advice),
  });

export const readConfigFile = readSmall(LARGEST_CONFIG_FILE);
export const readLabel = readSmall(LARGEST_LABEL);

/** The bytes of a `backup_manifest`. */
export const readManifestBytes = readSmall(LARGEST_MANIFEST, message`: ${WITHOUT_MANIFEST}`);

export async function readManifest(source: ByteSource, reading: Reading): Promise<BackupManifest> {
  const { bytes, name } = await readManifestBytes(source, reading);
  return parseBackupManifest(bytes, name);
}

export async function readControl(source: ByteSource, reading: Reading): Promise<NamedBytes> {
  return { name: source.name, bytes: await readBeginning(source, CONTROL_FILE_SIZE, reading) };
}

/** What of a file says that it is damaged as it is packed. */
const BROKEN: readonly ErrorCode[] = ['corrupt-tar', 'corrupt-compression'];

/**
 * Reads files that parts of a backup are packed in.
 * @throws WalError `damaged-backup` where one is damaged; what `read` throws else
 */
export async function unpacking<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof WalError) || !BROKEN.includes(error.code)) throw error;
    const { said, file, lsn } = error;
    throw new WalError('damaged-backup', message`${said}; ${ANOTHER_COPY}`, { file, lsn, cause: error });
  }
}

const ANOTHER_COPY = message`the backup is damaged or not all there: give another copy of it, or another backup`;

/** Of a file that is called a tar file. */
export const noTar = (file: string): WalError =>
  new WalError(
    'damaged-backup',
    message`${file} is no tar file, as its name says that it is; ${ANOTHER_COPY}`,
    {
      file,
    },
  );

/** @param what is wrong with a file of a backup: `ends too early` */
export function damaged(file: string, what: Message): WalError {
  return new WalError('damaged-backup', message`${file} ${what}: the backup is damaged, take another one`, {
    file,
  });
}

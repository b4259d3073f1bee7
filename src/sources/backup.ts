import { parseBackupHistory } from '../cluster/backup-label.js';
import { parseBackupManifest } from '../cluster/backup-manifest.js';
import { decodeText } from '../text/encoding.js';
import { WalError } from '../wal/error.js';
import { message } from '../wal/message.js';
import {
  type Backup,
  type BackupFiles,
  type BackupVisitor,
  CONFIG_FILE,
  CONTROL_FILE,
  LARGEST_LABEL,
  MANIFEST_FILE,
  noBackup,
  noTar,
  readConfigFile,
  readControl,
  readLabel,
  readManifest,
  readManifestBytes,
  unpacking,
  VERSION_FILE,
  VERSION_FILE_SIZE,
} from './backup-parts.js';
import { type ByteSource, type FolderEntry, fileNameOf, isFolder, type SourceFolder } from './byte-source.js';
import { COMPRESSED_SUFFIX } from './codecs/index.js';
import { fileKind } from './file-name.js';
import { fileBelow, findBelow, listFolder } from './folders.js';
import { type Input, type NamedBytes, openInput } from './input.js';
import type { BackupFile } from './inventory.js';
import { readBeginning, readWhole } from './read.js';
import type { Reading } from './reading.js';
import { problemOf, storedBytes } from './stored-bytes.js';
import { looksLikeTar, memberSource, tarMembers } from './tar.js';

/** Enough to tell the kinds of file apart, and all of a backup label. */
const BEGINNING = 8192;
/**
 * Opens a base backup, whichever of its forms is given: see {@link Backup}. All but data folders' pages may be
 * compressed in any way.
 * @throws WalError `unreadable`, `not-a-backup`
 */
export async function openBackup(input: Input | Backup, reading: Reading): Promise<Backup> {
  if (isBackup(input)) return input;
  const opened = await openInput(input, reading);
  return isFolder(opened) ? openFolder(opened, reading) : openFile(opened, reading);
}

const isBackup = (input: Input | Backup): input is Backup =>
  typeof input === 'object' && input !== null && 'visit' in input;

/** The forms of a backup in a folder, told from what the folder holds: the first that it is counts. */
const FOLDER_FORMS: readonly ((
  folder: SourceFolder,
  entries: readonly FolderEntry[],
  reading: Reading,
) => Backup | undefined)[] = [
  (folder, entries, reading) => (has(entries, 'PG_VERSION') ? dataFolder(folder, reading) : undefined),
  tarFolder,
  (folder, entries, reading) =>
    has(entries, 'backup_label') || has(entries, 'global') ? dataFolder(folder, reading) : undefined,
  (folder, entries, reading) => {
    const manifest = manifestAmong(entries);
    return manifest && { ...manifestAlone(manifest, reading), name: folder.name };
  },
];

const has = (entries: readonly FolderEntry[], wanted: string): boolean =>
  entries.some(({ kind, name }) => name === wanted && (kind === 'file' || kind === 'folder'));

async function openFolder(folder: SourceFolder, reading: Reading): Promise<Backup> {
  const entries = await listFolder(folder, reading);
  for (const form of FOLDER_FORMS) {
    const backup = form(folder, entries, reading);
    if (backup !== undefined) return backup;
  }
  throw notABackup(folder.name);
}

async function openFile(source: ByteSource, reading: Reading): Promise<Backup> {
  const beginning = await unpacking(() => readBeginning(source, BEGINNING, reading));
  if (looksLikeTar(beginning)) {
    const manifest = async (): Promise<ByteSource | undefined> =>
      manifestAmong(await besides(source, reading));
    return backupOfTars(source.name, [{ prefix: '', tar: source }], manifest, reading);
  }
  const text = decodeText(beginning).trimStart();
  if (text.startsWith('{')) return manifestAlone(source, reading);
  if (TAR.test(source.name)) throw noTar(source.name);
  if (!text.startsWith('START WAL LOCATION')) throw notABackup(source.name);
  return /^STOP WAL LOCATION/m.test(text) ? historyAlone(source, reading) : labelAlone(source, reading);
}

/** The backup that a file of it tells of, met among WAL. */
export function backupOfFile({ kind, source }: BackupFile, reading: Reading): Backup {
  switch (kind) {
    case 'backup-history':
      return historyAlone(source, reading);
    case 'backup-label':
      return labelAlone(source, reading);
    case 'backup-manifest':
      return manifestAlone(source, reading);
  }
}

export function notABackup(name: string): WalError {
  return new WalError(
    'not-a-backup',
    message`${name} is no base backup: give a data folder, base.tar, backup_label, a .backup file or backup_manifest`,
    { file: name },
  );
}

function manifestAlone(source: ByteSource, reading: Reading): Backup {
  return { ...noBackup(source.name), manifest: () => readManifest(source, reading) };
}

function historyAlone(source: ByteSource, reading: Reading): Backup {
  return {
    ...noBackup(source.name),
    history: async () => parseBackupHistory(await readWhole(source, LARGEST_LABEL, reading), source.name),
  };
}

/**
 * With what is beside it, if anything is: pg_control says where a backup from a standby ends, and the configuration
 * what is left over from an earlier recovery.
 */
function labelAlone(source: ByteSource, reading: Reading): Backup {
  const { folder } = source;
  return {
    ...noBackup(source.name),
    ...(folder && configBelow(folder, reading)),
    label: () => readLabel(source, reading),
    async manifest() {
      // beside a file of another name it may be that of another backup
      const isNamed = fileKind(fileNameOf(source)).kind === 'backup-label';
      const beside = isNamed ? manifestAmong(await besides(source, reading)) : undefined;
      return beside && readManifest(beside, reading);
    },
    async control() {
      return folder && controlBelow(folder, reading);
    },
  };
}

function configBelow(
  folder: SourceFolder,
  reading: Reading,
): Pick<Backup, 'configFile' | 'configNames' | 'tablespaceLinks'> {
  return {
    async configFile(path) {
      const source = CONFIG_FILE.test(path) ? await fileBelow(folder, path, reading) : undefined;
      return source && readConfigFile(source, reading);
    },
    async configNames(path) {
      const found = path === '' ? folder : await findBelow(folder, path, reading);
      if (found === undefined || !isFolder(found)) return [];
      const entries = await listFolder(found, reading);
      return entries.flatMap(({ kind, name }) => (kind === 'file' && CONFIG_FILE.test(name) ? [name] : []));
    },
    async tablespaceLinks() {
      const found = await findBelow(folder, 'pg_tblspc', reading);
      if (found === undefined || !isFolder(found)) return [];
      const entries = await listFolder(found, reading);
      return entries.flatMap((entry) =>
        'link' in entry && entry.link !== undefined && /^\d+$/.test(entry.name)
          ? [{ oid: Number(entry.name), path: entry.link }]
          : [],
      );
    },
  };
}

/** In its place in a data folder, or kept beside the label. */
async function controlBelow(folder: SourceFolder, reading: Reading): Promise<NamedBytes | undefined> {
  const source =
    (await fileBelow(folder, CONTROL_FILE, reading)) ?? (await fileBelow(folder, 'pg_control', reading));
  return source && readControl(source, reading);
}

function dataFolder(folder: SourceFolder, reading: Reading): Backup {
  const file = (path: string): Promise<ByteSource | undefined> => fileBelow(folder, path, reading);
  const visitFolder = async (
    { in: below, prefix }: { in: SourceFolder; prefix: string },
    wanted: (path: string) => boolean,
    take: BackupVisitor,
  ): Promise<void> => {
    for (const entry of await listFolder(below, reading)) {
      const path = prefix + entry.name;
      switch (entry.kind) {
        case 'folder': // a tablespace is a link to one
          await visitFolder({ in: entry.folder, prefix: `${path}/` }, wanted, take);
          break;
        case 'file':
          if (wanted(path)) await take(path, storedBytes(entry.source, reading));
          break;
        case 'dead-link': // such as a pg_wal that was left on the server
          if (isTablespace(path) || wanted(path)) throw deadLink(entry.error);
          break;
        case 'special': // such as the socket of the server
          if (wanted(path)) throw entry.error;
          break;
        case 'unreadable':
          throw entry.error;
      }
    }
  };
  return {
    ...noBackup(folder.name),
    ...configBelow(folder, reading),
    async label() {
      const source = await file('backup_label');
      return source && readLabel(source, reading);
    },
    control: () => controlBelow(folder, reading),
    async manifest() {
      const source = manifestAmong(await listFolder(folder, reading));
      return source && readManifest(source, reading);
    },
    async wal() {
      const found = await findBelow(folder, 'pg_wal', reading);
      return found && isFolder(found) ? found : undefined;
    },
    files: { paths: () => pathsIn(folder, '', reading), file },
    visit: (wanted, take) => visitFolder({ in: folder, prefix: '' }, wanted, take),
  };
}

async function* pathsIn(folder: SourceFolder, prefix: string, reading: Reading): AsyncGenerator<string> {
  for (const entry of await listFolder(folder, reading)) {
    const path = prefix + entry.name;
    if (entry.kind === 'file') yield path;
    else if (entry.kind === 'folder') yield* pathsIn(entry.folder, `${path}/`, reading);
  }
}

/** A base backup of files of which each can be read by itself. */
export function backupOfFiles(name: string, files: BackupFiles, reading: Reading): Backup {
  const read = async <T>(
    path: string,
    how: (source: ByteSource, reading: Reading) => Promise<T>,
  ): Promise<T | undefined> => {
    const source = await files.file(path);
    return source && how(source, reading);
  };
  return {
    ...noBackup(name),
    files,
    label: () => read('backup_label', readLabel),
    control: () => read(CONTROL_FILE, readControl),
    manifest: () => read(MANIFEST_FILE, readManifest),
    configFile: async (path) => (CONFIG_FILE.test(path) ? read(path, readConfigFile) : undefined),
    async configNames(path) {
      const folder = path === '' ? '' : `${path}/`;
      const names: string[] = [];
      for await (const one of files.paths()) {
        const name = one.slice(folder.length);
        if (one.startsWith(folder) && !name.includes('/') && CONFIG_FILE.test(name)) names.push(name);
      }
      return names.sort();
    },
    async visit(wanted, take) {
      for await (const path of files.paths()) {
        if (!wanted(path)) continue;
        const source = await files.file(path);
        if (source) await take(path, storedBytes(source, reading));
      }
    },
  };
}

const isTablespace = (path: string): boolean => /^pg_tblspc\/[^/]+$/.test(path);

function deadLink({ file = '' }: WalError): WalError {
  return new WalError('unreadable', message`cannot read ${file}: it is a link to what is not there`, {
    file,
  });
}

export interface BackupTar {
  /** What comes before the members' paths in the data folder. */
  prefix: string;
  tar: ByteSource;
}

const TAR = new RegExp(`\\.tar${COMPRESSED_SUFFIX}$`);
const BASE_TAR = new RegExp(`^base\\.tar${COMPRESSED_SUFFIX}$`);
/** The tar file of a tablespace is named after its oid. */
const TABLESPACE_TAR = new RegExp(`^(\\d+)\\.tar${COMPRESSED_SUFFIX}$`);

function tarFolder(
  folder: SourceFolder,
  entries: readonly FolderEntry[],
  reading: Reading,
): Backup | undefined {
  const tars = entries.flatMap((entry): BackupTar[] => {
    if (entry.kind !== 'file') return [];
    if (BASE_TAR.test(entry.name)) return [{ prefix: '', tar: entry.source }];
    const tablespace = TABLESPACE_TAR.exec(entry.name);
    return tablespace ? [{ prefix: `pg_tblspc/${tablespace[1]}/`, tar: entry.source }] : [];
  });
  if (!tars.some(({ prefix }) => prefix === '')) return undefined;
  return backupOfTars(folder.name, tars, async () => manifestAmong(entries), reading);
}

/** Of the codecs that hold what they unpack against a checksum; zstd's and LZ4's are passed over. */
const CHECKED_SUFFIX = /\.(?:gz|bz2|xz)$/;

/**
 * A base backup in tar files, each of which may be cut into several.
 * @param manifest beside the tar files; where they went through a pipe, it is in the one that there is
 */
export function backupOfTars(
  name: string,
  tars: readonly BackupTar[],
  manifest: () => Promise<ByteSource | undefined>,
  reading: Reading,
): Backup {
  const base = new SmallFiles(
    tars.flatMap(({ prefix, tar }) => (prefix === '' ? [tar] : [])),
    reading,
  );
  return {
    ...noBackup(name),
    isStream: true,
    label: () => base.file('backup_label'),
    control: () => base.file(CONTROL_FILE),
    configFile: (path) => base.file(path),
    configNames: (path) => base.configNames(path === '' ? '' : `${path}/`),
    async manifest() {
      const source = await manifest();
      if (source) return readManifest(source, reading);
      // what has a checksum of its own that is looked at need not be read once more for another one
      if (tars.every(({ tar }) => CHECKED_SUFFIX.test(tar.name))) return undefined;
      const inside = await base.file(MANIFEST_FILE);
      return inside && parseBackupManifest(inside.bytes, inside.name);
    },
    visit: (wanted, take) =>
      unpacking(async () => {
        for (const { prefix, tar } of tars) {
          for await (const member of tarMembers(tar, reading)) {
            const path = prefix + pathOf(member.name);
            if (wanted(path)) await take(path, member.body);
          }
        }
      }),
  };
}

const pathOf = (memberName: string): string => memberName.replace(/^\.\//, '');

/**
 * The label, pg_control, the manifest and the configuration out of tar files, which are read once to the end for all but
 * the label: that comes first in those of `pg_basebackup`, pg_control and the manifest last.
 */
class SmallFiles {
  /** One that is too large is an error to those who ask for it. */
  private readonly passed = new Map<string, NamedBytes | WalError>();
  private isRead = false;

  constructor(
    private readonly tars: readonly ByteSource[],
    private readonly reading: Reading,
  ) {}

  async file(path: string): Promise<NamedBytes | undefined> {
    if (!this.passed.has(path) && !this.isRead) await unpacking(() => this.readTo(path));
    const file = this.passed.get(path);
    if (file instanceof WalError) throw file;
    return file;
  }

  /** @param folder with a slash at its end, if it is not the data folder */
  async configNames(folder: string): Promise<string[]> {
    if (!this.isRead) await unpacking(() => this.readTo(undefined));
    return [...this.passed.keys()]
      .filter((path) => CONFIG_FILE.test(path) && path.startsWith(folder))
      .filter((path) => !path.includes('/', folder.length))
      .map((path) => path.slice(folder.length))
      .sort();
  }

  private async readTo(path: string | undefined): Promise<void> {
    for (const tar of this.tars) {
      for await (const { name, body } of tarMembers(tar, this.reading)) {
        const known = pathOf(name);
        const take = takerOf(known);
        if (take === undefined) continue;
        const source = memberSource(tar, name, () => body);
        this.passed.set(known, await take(source, this.reading).catch(tooLarge));
        if (known === 'backup_label' && known === path) return;
      }
    }
    this.isRead = true;
  }
}

function tooLarge(error: unknown): WalError {
  if (error instanceof WalError && error.code === 'file-too-large') return error;
  throw error;
}

/** How a file that {@link SmallFiles} keeps is read; undefined for all others. */
function takerOf(path: string): ((source: ByteSource, reading: Reading) => Promise<NamedBytes>) | undefined {
  if (path === 'backup_label') return readLabel;
  if (path === CONTROL_FILE) return readControl;
  if (path === MANIFEST_FILE) return readManifestBytes;
  return CONFIG_FILE.test(path) && !/^(?:base|global|pg_\w+)\//.test(path) ? readConfigFile : undefined;
}

function manifestAmong(entries: readonly FolderEntry[]): ByteSource | undefined {
  for (const entry of entries) {
    if (entry.kind === 'file' && fileKind(entry.name).kind === 'backup-manifest') return entry.source;
  }
  return undefined;
}

/** What lies in the same folder; nothing where that is not known, or closed to us. */
async function besides({ folder }: ByteSource, reading: Reading): Promise<FolderEntry[]> {
  if (folder === undefined) return [];
  try {
    return await listFolder(folder, reading);
  } catch (error) {
    problemOf(error);
    return [];
  }
}

/** A pg_control, and what the data folder around it says of itself. */
export interface FoundControl extends NamedBytes {
  /** The major version that its PG_VERSION says; undefined where there is none. */
  clusterVersion: number | undefined;
}

/**
 * The bytes of pg_control and where they were found: given itself, in a data folder, or in the tar file of one.
 * @throws WalError `unreadable`; `not-a-backup` where a tar file has none
 */
export async function readControlFile(input: Input, reading: Reading): Promise<FoundControl> {
  const opened = await openInput(input, reading);
  if (isFolder(opened)) return controlInFolder(opened, reading);
  const control = await readControl(opened, reading);
  return looksLikeTar(control.bytes)
    ? controlInTar(opened, reading)
    : { ...control, clusterVersion: undefined };
}

async function controlInFolder(folder: SourceFolder, reading: Reading): Promise<FoundControl> {
  const file = await fileBelow(folder, CONTROL_FILE, reading);
  if (file === undefined) {
    const name = `${folder.name.replace(/\/+$/, '')}/${CONTROL_FILE}`;
    throw new WalError('unreadable', message`cannot read ${name}: no such file or folder; check the path`, {
      file: name,
    });
  }
  const version = await fileBelow(folder, VERSION_FILE, reading);
  return {
    ...(await readControl(file, reading)),
    clusterVersion: version && (await readVersion(version, reading)),
  };
}

/** PG_VERSION comes before pg_control, which base backups have last of all. */
async function controlInTar(tar: ByteSource, reading: Reading): Promise<FoundControl> {
  let clusterVersion: number | undefined;
  for await (const { name, body } of tarMembers(tar, reading)) {
    const member = memberSource(tar, name, () => body);
    if (/^(?:\.\/|[^/]+\/)?PG_VERSION$/.test(name)) clusterVersion = await readVersion(member, reading);
    if (/^(?:.*\/)?global\/pg_control$/.test(name)) {
      return { ...(await readControl(member, reading)), clusterVersion };
    }
  }
  throw new WalError(
    'not-a-backup',
    message`${tar.name} has no global/pg_control: it is not the tar file of a data folder`,
  );
}

/** Up to 9, PG_VERSION has two numbers (9.6). */
async function readVersion(source: ByteSource, reading: Reading): Promise<number | undefined> {
  const text = decodeText(await readBeginning(source, VERSION_FILE_SIZE, reading));
  return /^\d+\s*$/.test(text) ? Number(text) : undefined;
}

import type { BackupManifest, ManifestFile } from '../../cluster/backup-manifest.js';
import { backupOfFiles } from '../../sources/backup.js';
import type { Backup, BackupFiles } from '../../sources/backup-parts.js';
import type { ByteSource, SourceFolder } from '../../sources/byte-source.js';
import { findBelow } from '../../sources/folders.js';
import type { Reading } from '../../sources/reading.js';
import { WalError } from '../../wal/error.js';
import { message } from '../../wal/message.js';
import { NOTHING_KNOWN, type StoredBackup } from '../repository.js';
import { badInfo, readEither } from './info-file.js';
import { type Manifest, readManifest, type StoredFile } from './manifest.js';
import type { BackupSummary } from './repo-info.js';
import { type BackupPlace, partsOfBlocks, placeOf, plainBytes } from './stored-file.js';
import { BadValue, countOf, lsnOf, maybe, timelineOf, timeOf } from './values.js';

export const MANIFEST_FILE = 'backup.manifest';

/** The folder of a stanza's backups, and what opens their manifests. */
export interface BackupFolder {
  folder: SourceFolder;
  cipherPass: string | undefined;
}

const TYPES = { full: 'full', diff: 'differential', incr: 'incremental' } as const;

/** A backup by what `backup.info` says of it. @param problem why it cannot be restored */
export function backupOfInfo(
  name: string,
  { type, prior, fields }: BackupSummary,
  place: BackupFolder,
  problem: WalError | undefined,
  reading: Reading,
): StoredBackup {
  try {
    return {
      name,
      type: TYPES[type],
      parent: prior,
      startLsn: maybe(fields['backup-lsn-start'], lsnOf),
      endLsn: maybe(fields['backup-lsn-stop'], lsnOf),
      timeline: maybe(fields['backup-archive-start'], timelineOf),
      startTime: maybe(fields['backup-timestamp-start'], timeOf),
      stopTime: maybe(fields['backup-timestamp-stop'], timeOf),
      size: maybe(fields['backup-info-size'], countOf),
      storedSize: maybe(fields['backup-info-repo-size-delta'], countOf),
      problem,
      open: () => openStoredBackup(name, place, reading),
    };
  } catch (error) {
    if (!(error instanceof BadValue)) throw error;
    throw badInfo(
      `${place.folder.name}/backup.info`,
      message`something that it says of ${name} ${error.said}`,
    );
  }
}

/** One that `backup.info` does not know, by its manifest, as the tool takes it in again (`infoBackupLoadFileReconstruct`). */
export function backupOfManifest(manifest: Manifest, place: BackupFolder, reading: Reading): StoredBackup {
  const { label, type, prior, lsnStart, lsnStop, archiveStart, timestampStart, timestampStop, files } =
    manifest;
  const own = [...files.values()].filter(({ reference }) => reference === undefined);
  const fields = {
    'backup-lsn-start': lsnStart,
    'backup-lsn-stop': lsnStop,
    'backup-archive-start': archiveStart,
    'backup-timestamp-start': timestampStart,
    'backup-timestamp-stop': timestampStop,
    'backup-info-size': sum([...files.values()].map(({ size }) => size)),
    'backup-info-repo-size-delta': sum(own.map(({ storedSize }) => storedSize)),
  };
  const summary = { type, prior, references: manifest.references, databaseId: 0, fields };
  return backupOfInfo(label, summary, place, undefined, reading);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

/** A backup that cannot be restored, of which nothing else is known. */
export function brokenBackup(name: string, problem: WalError): StoredBackup {
  const type = name.endsWith('D') ? 'differential' : name.endsWith('I') ? 'incremental' : 'full';
  return { ...NOTHING_KNOWN, name, type, problem, open: () => Promise.reject(problem) };
}

/** The manifest in a backup's folder, or its copy. */
export async function manifestIn(
  folder: SourceFolder,
  cipherPass: string | undefined,
  reading: Reading,
  onPassedOver?: (problem: WalError) => void,
): Promise<Manifest | undefined> {
  const read = (source: ByteSource) => readManifest(source, cipherPass, reading);
  return readEither(folder, MANIFEST_FILE, reading, read, onPassedOver);
}

async function openStoredBackup(
  label: string,
  { folder, cipherPass }: BackupFolder,
  reading: Reading,
): Promise<Backup> {
  const folders = new Map<string, Promise<SourceFolder>>();
  const folderOf = (other: string): Promise<SourceFolder> => {
    let found = folders.get(other);
    if (found === undefined) {
      found = backupFolder(other, label, folder, reading);
      folders.set(other, found);
    }
    return found;
  };
  const own = await folderOf(label);
  const passedOver: WalError[] = [];
  const manifest = await manifestIn(own, cipherPass, reading, (problem) => passedOver.push(problem));
  const file = `${own.name}/${MANIFEST_FILE}`;
  if (manifest === undefined) throw badInfo(file, message`it is missing`);
  if (manifest.label !== label) throw badInfo(file, message`it is the manifest of ${manifest.label}`);
  const place = { manifest, folderOf };
  return {
    ...backupOfFiles(own.name, filesOf(place, own, reading), reading),
    passedOver: [...passedOver, ...wrongPages(place, folder)],
    manifest: async () => postgresManifest(place, folder),
    wal: async () => walOf(place, own, reading),
    tablespaceLinks: async () => manifest.tablespaces,
  };
}

/** So many files are named by what the tool found when it copied them. */
const MOST_WRONG = 1000;

/** Damage that was in the cluster already: the tool copies it, and notes it. */
function wrongPages({ manifest }: BackupPlace, backups: SourceFolder): WalError[] {
  const { files, compressType, label } = manifest;
  return [...manifest.wrongPages].slice(0, MOST_WRONG).map(([path, pages]) => {
    const stored = files.get(path)!;
    const file = `${backups.name}/${stored.reference ?? label}/${placeOf(stored, compressType)}`;
    const which = pages === '' ? message`pages` : message`pages (${pages})`;
    const text = message`${path} (${file}) has ${which} whose checksums were wrong in the cluster already when pgBackRest copied it, as its manifest says`;
    return new WalError('damaged-backup', text, { file });
  });
}

async function backupFolder(
  label: string,
  wantedBy: string,
  backups: SourceFolder,
  reading: Reading,
): Promise<SourceFolder> {
  const found = await findBelow(backups, label, reading);
  if (found !== undefined && 'list' in found) return found;
  throw missingBackup(label, wantedBy, backups);
}

export function missingBackup(label: string, wantedBy: string, { name }: SourceFolder): WalError {
  const file = `${name}/${label}`;
  const text =
    label === wantedBy
      ? message`the backup ${label} is not there any more: ${file} is missing`
      : message`the backup ${wantedBy} builds on ${label}, and ${file} is missing`;
  return new WalError('missing-backup', text, { file });
}

function filesOf(place: BackupPlace, own: SourceFolder, reading: Reading): BackupFiles {
  const { files } = place.manifest;
  return {
    async *paths() {
      yield* files.keys();
    },
    async file(path) {
      const file = files.get(path);
      return file && storedSource(place, file, `${own.name}/${file.path}`, reading);
    },
    async partsOf(path) {
      const file = files.get(path);
      return file?.blocks && partsOfBlocks(place, file, reading);
    },
  };
}

/** The backup's own `pg_wal`: there is WAL in it with `archive-copy`, and where the server was stopped. */
function walOf(place: BackupPlace, own: SourceFolder, reading: Reading): SourceFolder | undefined {
  const found = [...place.manifest.files].filter(([path]) => /^pg_wal\/[^/]+$/.test(path));
  if (found.length === 0) return undefined;
  const folder: SourceFolder = {
    name: `${own.name}/pg_data/pg_wal`,
    async *list() {
      for (const [path, file] of found) {
        const source = storedSource(place, file, `${own.name}/${file.path}`, reading);
        yield { kind: 'file', name: path.slice('pg_wal/'.length), source: { ...source, folder } };
      }
    },
  };
  return folder;
}

function storedSource(place: BackupPlace, file: StoredFile, name: string, reading: Reading): ByteSource {
  return {
    name,
    // bytes are counted where they are asked for
    open: ({ signal } = {}) => plainBytes(place, file, { ...reading, signal, onBytes: undefined }),
  };
}

/** A file as PostgreSQL's own manifest would have it, made of what is kept of it as it is: there may be a million. */
class FileInManifest implements ManifestFile {
  readonly lastModified = undefined;

  /** @param backups what the folder of all backups is called */
  constructor(
    readonly path: string,
    private readonly file: StoredFile,
    private readonly manifest: Manifest,
    private readonly backups: string,
  ) {}

  get size(): number {
    return this.file.size;
  }

  get checksum(): ManifestFile['checksum'] {
    const { checksum } = this.file;
    return checksum === undefined ? undefined : { algorithm: 'SHA1', hex: checksum };
  }

  get storedIn(): string {
    const { label, compressType } = this.manifest;
    return `${this.backups}/${this.file.reference ?? label}/${placeOf(this.file, compressType)}`;
  }
}

/** What the manifest says, as PostgreSQL's own would: by it the files are checked as they are read. */
function postgresManifest({ manifest }: BackupPlace, backups: SourceFolder): BackupManifest {
  const { files, lsnStart, lsnStop, archiveStart, cluster } = manifest;
  const hasRange = lsnStart !== undefined && lsnStop !== undefined && archiveStart !== undefined;
  return {
    version: 2,
    systemIdentifier: cluster.systemIdentifier,
    files: Array.from(files, ([path, file]) => new FileInManifest(path, file, manifest, backups.name)),
    walRanges: hasRange
      ? [{ timeline: timelineOf(archiveStart), startLsn: lsnOf(lsnStart), endLsn: lsnOf(lsnStop) }]
      : [],
  };
}

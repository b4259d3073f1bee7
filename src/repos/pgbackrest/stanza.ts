import type { ByteSource, SourceFolder } from '../../sources/byte-source.js';
import { listFolder } from '../../sources/folders.js';
import type { Reading } from '../../sources/reading.js';
import { givenBy, problemOf } from '../../sources/stored-bytes.js';
import { WalError } from '../../wal/error.js';
import { message } from '../../wal/message.js';
import { lookUp } from '../look-up.js';
import type { Repository, StoredBackup } from '../repository.js';
import { decipheredFolder } from './cipher.js';
import { badInfo } from './info-file.js';
import {
  ARCHIVE_INFO,
  type BackupInfo,
  type ClusterId,
  type RepoInfo,
  readArchiveInfo,
  readBackupInfo,
} from './repo-info.js';
import {
  type BackupFolder,
  backupOfInfo,
  backupOfManifest,
  brokenBackup,
  MANIFEST_FILE,
  manifestIn,
  missingBackup,
} from './stored-backup.js';
import { isLabel } from './values.js';

/** The folders of a stanza; a repository may lack either. */
export interface StanzaFolders {
  name: string;
  archive: SourceFolder | undefined;
  backup: SourceFolder | undefined;
  /** Why its backups cannot be looked at. */
  closed?: WalError | undefined;
}

/** A cluster of a stanza. */
export interface StanzaCluster {
  repository: Repository;
  /** The names of its folders of WAL: `15-2`. */
  archiveIds: readonly string[];
}

/** A stanza's clusters, and what opens its WAL. */
export interface Stanza {
  clusters: readonly StanzaCluster[];
  /** As it is found in the archive, deciphered. */
  wal<T extends ByteSource | SourceFolder>(found: T, decipher: (found: T, passphrase: string) => T): T;
}

const keyOf = ({ version, systemIdentifier }: ClusterId): string => `${version} ${systemIdentifier}`;

/**
 * Opens a stanza: a repository for each cluster of which it has WAL or backups, the oldest first.
 * @throws WalError `bad-repository`, `encrypted`, `wrong-passphrase`
 */
export async function openStanza(folders: StanzaFolders, reading: Reading): Promise<Stanza> {
  const { name, archive, backup } = folders;
  const passedOver: WalError[] = [];
  const pass = (problem: WalError): void => {
    passedOver.push(problem);
  };
  const archiveInfo = archive && (await readArchiveInfo(archive, reading, pass));
  let { closed } = folders;
  const backupInfo =
    backup &&
    (await readBackupInfo(backup, reading, pass).catch((error: unknown) => {
      const problem = problemOf(error);
      // the WAL does not need it, and backups that are not encrypted tell of themselves
      if (archiveInfo === undefined) throw problem;
      if (archiveInfo.cipherPass !== undefined || problem.kind === 'system') closed ??= problem;
      else pass(lostBackupInfo(problem));
      return undefined;
    }));
  const found = new Map<
    string,
    { id: ClusterId; number: number; archiveIds: string[]; wal: SourceFolder[] }
  >();
  const cluster = (id: ClusterId, number: number) => {
    const known = found.get(keyOf(id)) ?? { id, number, archiveIds: [], wal: [] };
    known.number = Math.max(known.number, number);
    found.set(keyOf(id), known);
    return known;
  };
  // the tool keeps the histories of both the same
  for (const [number, id] of historyOf(archiveInfo ?? backupInfo)) {
    const one = cluster(id, number);
    const archiveId = `${id.version}-${number}`;
    one.archiveIds.push(archiveId);
    const [entry] = archive ? await lookUp(archive, [archiveId], reading) : [];
    if (entry?.kind === 'folder' && !(await isEmpty(entry.folder, reading))) one.wal.push(entry.folder);
  }
  const lost = lostArchiveInfo(folders, archiveInfo, backupInfo);
  if (lost !== undefined && [...found.values()].some(({ wal }) => wal.length > 0)) pass(lost);
  for (const [number, id] of historyOf(backupInfo)) cluster(id, number);
  const backups = backup && new StanzaBackups(backup, backupInfo, reading);
  if (backups !== undefined && found.size === 0) for (const id of await backups.clusters()) cluster(id, 0);
  const passphrase = archiveInfo?.cipherPass;
  const isClosed = archiveInfo === undefined && backupInfo?.cipherPass !== undefined;
  const opened = (one: SourceFolder): SourceFolder => {
    if (isClosed && lost) return closedFolder(one, lost);
    return passphrase === undefined ? one : decipheredFolder(one, passphrase, reading);
  };
  const clusters: StanzaCluster[] = [];
  for (const { id, number, archiveIds, wal } of [...found.values()].sort((a, b) => a.number - b.number)) {
    // what an upgrade left behind that is gone in the meantime
    if (wal.length === 0 && (closed !== undefined || !(await backups?.hasAny(id)))) continue;
    const repository: Repository = {
      tool: 'pgbackrest',
      name: archive ? `${archive.name}/${id.version}-${number}` : backup!.name,
      cluster: name,
      version: Number(id.version),
      systemIdentifier: id.systemIdentifier,
      wal: wal.map(opened),
      passedOver,
      async backups() {
        if (closed !== undefined) throw closed;
        return backups?.of(id) ?? [];
      },
    };
    clusters.push({ repository, archiveIds });
  }
  if (clusters.length === 0 && closed !== undefined) throw closed;
  return {
    clusters,
    wal: (one, decipher) => (passphrase === undefined ? one : decipher(one, passphrase)),
  };
}

/** Without `archive.info` the tool archives no more; the passphrase of encrypted WAL is in it alone. */
function lostArchiveInfo(
  { name: stanza, archive }: StanzaFolders,
  archiveInfo: RepoInfo | undefined,
  backupInfo: RepoInfo | undefined,
): WalError | undefined {
  if (archive === undefined || archiveInfo !== undefined || backupInfo === undefined) return undefined;
  const gone = message`it is missing, and its copy, too`;
  const advice =
    backupInfo.cipherPass === undefined
      ? message`the WAL is read by what backup.info says of it; pgbackrest --stanza=${stanza} stanza-create makes it anew`
      : message`the WAL is encrypted by a passphrase that is in it alone: put back archive.info or archive.info.copy, from another copy of the repository`;
  return badInfo(`${archive.name}/${ARCHIVE_INFO}`, message`${gone}; ${advice}`);
}

/** Neither it nor its copy can be used. */
function lostBackupInfo({ code, said, file, lsn }: WalError): WalError {
  const what = message`${said}; the backups are told by their own manifests instead`;
  return new WalError(code, what, { file, lsn });
}

/** A folder that nothing can be read of. */
const closedFolder = ({ name }: SourceFolder, problem: WalError): SourceFolder => ({
  name,
  // biome-ignore lint/correctness/useYield: it has nothing to give
  async *list() {
    throw problem;
  },
});

const historyOf = (info: RepoInfo | undefined): [number, ClusterId][] => [...(info?.history ?? [])];

async function isEmpty(folder: SourceFolder, { signal }: Reading): Promise<boolean> {
  for await (const _ of givenBy(folder.name, () => folder.list({ signal }), signal)) return false;
  return true;
}

interface FoundBackup {
  /** Undefined where it has to be guessed. */
  cluster: ClusterId | undefined;
  backup: StoredBackup;
}

/** The backups of all clusters of a stanza. */
class StanzaBackups {
  private all: Promise<FoundBackup[]> | undefined;
  private readonly place: BackupFolder;

  constructor(
    private readonly folder: SourceFolder,
    private readonly info: BackupInfo | undefined,
    private readonly reading: Reading,
  ) {
    this.place = { folder, cipherPass: info?.cipherPass };
  }

  async hasAny(id: ClusterId): Promise<boolean> {
    return (await this.of(id)).length > 0;
  }

  /** Those of a cluster, the oldest first. */
  async of(id: ClusterId): Promise<StoredBackup[]> {
    const [newest] = historyOf(this.info).reverse();
    return (await this.read()).flatMap(({ cluster = newest?.[1] ?? id, backup }) =>
      keyOf(cluster) === keyOf(id) ? [backup] : [],
    );
  }

  /** Those that the backups themselves tell of. */
  async clusters(): Promise<ClusterId[]> {
    return (await this.read()).flatMap(({ cluster }) => cluster ?? []);
  }

  private read(): Promise<FoundBackup[]> {
    this.all ??= this.readAll();
    return this.all;
  }

  private async readAll(): Promise<FoundBackup[]> {
    const { folder, info, place, reading } = this;
    const entries = await listFolder(folder, reading);
    const labels = new Map(
      entries.flatMap((one) => (one.kind === 'folder' && isLabel(one.name) ? [[one.name, one.folder]] : [])),
    );
    const found: FoundBackup[] = [];
    for (const [label, summary] of info?.backups ?? []) {
      const cluster = info?.history.get(summary.databaseId);
      const missing = [label, ...summary.references].find((one) => !labels.has(one));
      const problem = missing === undefined ? undefined : missingBackup(missing, label, folder);
      found.push({ cluster, backup: backupOfInfo(label, summary, place, problem, reading) });
    }
    for (const [label, own] of labels) {
      if (!info?.backups.has(label)) found.push(await this.unlisted(label, own));
    }
    return found.sort((a, b) => (a.backup.name < b.backup.name ? -1 : 1));
  }

  /** One that `backup.info` does not have: it was not finished, or has been left out there. */
  private async unlisted(label: string, folder: SourceFolder): Promise<FoundBackup> {
    const { place, reading } = this;
    const [main] = await lookUp(folder, [MANIFEST_FILE], reading);
    try {
      const manifest = await manifestIn(folder, place.cipherPass, reading);
      if (main !== undefined && manifest !== undefined) {
        return { cluster: manifest.cluster, backup: backupOfManifest(manifest, place, reading) };
      }
      return { cluster: manifest?.cluster, backup: brokenBackup(label, unfinished(label, folder)) };
    } catch (error) {
      return { cluster: undefined, backup: brokenBackup(label, problemOf(error)) };
    }
  }
}

function unfinished(label: string, { name }: SourceFolder): WalError {
  const text = message`the backup ${label} was not finished: ${name} has no ${MANIFEST_FILE}`;
  return new WalError('unknown-backup', text, { file: name });
}

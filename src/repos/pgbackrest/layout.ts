import { type ByteSource, fileNameOf, isFolder, type SourceFolder } from '../../sources/byte-source.js';
import { readBeginning } from '../../sources/read.js';
import type { Reading } from '../../sources/reading.js';
import { givenBy, problemOf } from '../../sources/stored-bytes.js';
import { decodeText } from '../../text/encoding.js';
import type { WalError } from '../../wal/error.js';
import { lookUp } from '../look-up.js';
import { ownName, quietly } from '../places.js';
import type { RepositoryLayout, RepositoryPlace } from '../repository.js';
import { decipheredFolder, decipheredSource } from './cipher.js';
import { looksLikeInfo } from './info-file.js';
import { ARCHIVE_INFO, BACKUP_INFO } from './repo-info.js';
import { openStanza, type StanzaFolders } from './stanza.js';
import { MANIFEST_FILE } from './stored-backup.js';
import { isLabel } from './values.js';

/** pgBackRest's repositories: `archive/<stanza>` and `backup/<stanza>` below a folder. */
export const pgBackRest: RepositoryLayout = {
  tool: 'pgbackrest',
  async find(place, reading) {
    // what is above it may be closed to us: then it is of no repository
    const spot = await quietly(
      () => (isFolder(place) ? spotOfFolder(place, reading) : spotOfFile(place, reading)),
      undefined,
    );
    return spot && openSpot(spot, reading);
  },
};

/** What a place is of a repository. */
interface Spot {
  stanzas: StanzaFolders[];
  /** Why not all WAL that they have can be looked at. */
  closed?: WalError | undefined;
  /** That cluster alone: `15-2`. */
  archiveId?: string;
  backup?: string;
  /** That part of the archive alone. */
  part?: ByteSource | SourceFolder;
}

async function openSpot(
  { stanzas, closed, archiveId, backup, part }: Spot,
  reading: Reading,
): Promise<RepositoryPlace | undefined> {
  if (closed !== undefined) throw closed;
  const repositories: RepositoryPlace['repositories'][number][] = [];
  let wal: RepositoryPlace['wal'];
  for (const folders of stanzas) {
    const stanza = await openStanza(folders, reading);
    for (const { repository, archiveIds } of stanza.clusters) {
      if (archiveId !== undefined && !archiveIds.includes(archiveId)) continue;
      if (backup !== undefined && !(await repository.backups()).some(({ name }) => name === backup)) continue;
      repositories.push(repository);
    }
    if (part !== undefined) {
      wal = [
        stanza.wal(part, (one, passphrase) =>
          isFolder(one)
            ? decipheredFolder(one, passphrase, reading)
            : decipheredSource(one, passphrase, reading),
        ),
      ];
    }
  }
  return repositories.length > 0 ? { repositories, backup, wal } : undefined;
}

/** What a stanza has below the root of a repository, and the file there that is read first. */
const SIDES = { archive: ARCHIVE_INFO, backup: BACKUP_INFO } as const;
type Side = keyof typeof SIDES;

/** A cluster's folder of WAL (`15-2`), and one of a part of it (16 digits: a timeline and half of a segment's number). */
const ARCHIVE_ID = /^\d+(?:\.\d+)?-\d+$/;
const WAL_FOLDER = /^[0-9A-F]{16}$/;
/** What a backup has beside its manifest. */
const BACKUP_PARTS = ['pg_data', 'pg_tblspc', 'bundle'];
/** A folder called `archive` that has so much else before a stanza is none of a repository, such as one of WAL. */
const MOST_STRANGERS = 8;
/** The newest backup: a link or, where links were copied as what they say, its label. */
const LATEST = 'latest';

const copyOf = (file: string): string => `${file}.copy`;

async function spotOfFolder(folder: SourceFolder, reading: Reading): Promise<Spot | undefined> {
  const side = await sideOf(folder, reading);
  if (side !== undefined) return { stanzas: [await stanzaAround(folder, side, reading)] };
  const bare = await bareStanza(folder, reading);
  if (bare !== undefined) return { stanzas: [bare] };
  const name = ownName(folder);
  if (isLabel(name)) return backupAt(folder, reading);
  const [archive, backup] = await foldersIn(folder, ['archive', 'backup'], reading);
  if (archive !== undefined || backup !== undefined) {
    const spot = await stanzasOf({ archive, backup }, reading);
    if (spot !== undefined) return spot;
  }
  const { parent } = folder;
  if (name === 'archive' || name === 'backup') {
    const [archive, backup] = parent ? await foldersIn(parent, ['archive', 'backup'], reading) : [];
    return stanzasOf({ archive, backup, [name]: folder }, reading);
  }
  if (parent === undefined) return undefined;
  if (BACKUP_PARTS.includes(name) && isLabel(ownName(parent))) return backupAt(parent, reading);
  if (ARCHIVE_ID.test(name)) return archiveAt(folder, reading);
  return WAL_FOLDER.test(name) ? partOfArchive(folder, parent, reading) : undefined;
}

async function spotOfFile(file: ByteSource, reading: Reading): Promise<Spot | undefined> {
  const { folder } = file;
  if (folder === undefined) return undefined;
  const name = fileNameOf(file);
  for (const side of ['archive', 'backup'] as const) {
    if (name !== SIDES[side] && name !== copyOf(SIDES[side])) continue;
    return (await looksLikeInfo(file, reading))
      ? { stanzas: [await stanzaAround(folder, side, reading)] }
      : undefined;
  }
  if (name === MANIFEST_FILE || name === copyOf(MANIFEST_FILE)) return backupAt(folder, reading);
  if (name === LATEST) {
    const label = decodeText(await readBeginning(file, LONGEST_LABEL, reading)).trim();
    return isLabel(label) && (await sideOf(folder, reading)) === 'backup'
      ? { stanzas: [await stanzaAround(folder, 'backup', reading)], backup: label }
      : undefined;
  }
  if (ARCHIVE_ID.test(ownName(folder))) return partOfArchive(file, folder, reading);
  const { parent } = folder;
  return WAL_FOLDER.test(ownName(folder)) && parent ? partOfArchive(file, parent, reading) : undefined;
}

const LONGEST_LABEL = 64;

/** Which of a stanza's folders a folder is. */
async function sideOf(folder: SourceFolder, reading: Reading): Promise<Side | undefined> {
  const files = Object.values(SIDES);
  const entries = await lookUp(folder, [...files, ...files.map(copyOf)], reading);
  for (const [i, entry] of entries.entries()) {
    if (entry?.kind !== 'file' || !(await looksLikeInfo(entry.source, reading))) continue;
    return i % 2 === 0 ? 'archive' : 'backup';
  }
  return undefined;
}

/** The stanza of which a folder is known, and its other folder, where the repository has it. */
async function stanzaAround(folder: SourceFolder, side: Side, reading: Reading): Promise<StanzaFolders> {
  const name = ownName(folder);
  const { parent } = folder;
  const root = parent && ownName(parent) === side ? parent.parent : undefined;
  const [beside] = root ? await foldersIn(root, [side === 'archive' ? 'backup' : 'archive'], reading) : [];
  const [other] = beside ? await foldersIn(beside, [name], reading) : [];
  if (side === 'backup') return { name, archive: other, backup: folder };
  const closed = beside && (await closedIn(beside, name, 'backup', reading));
  return { name, archive: folder, backup: other, closed };
}

/** A stanza by its folder of WAL that has lost its information file, where the one of backups still has its own. */
async function bareStanza(folder: SourceFolder, reading: Reading): Promise<StanzaFolders | undefined> {
  if (folder.parent === undefined || ownName(folder.parent) !== 'archive') return undefined;
  const around = await stanzaAround(folder, 'archive', reading);
  return around.backup && (await sideOf(around.backup, reading)) === 'backup' ? around : undefined;
}

/**
 * All stanzas below the two folders of a repository. Of one it is enough that either has its information file. Where one
 * of these is known by the one and closed in the other, what it has there is not taken for nothing.
 */
async function stanzasOf(
  sides: Partial<Record<Side, SourceFolder | undefined>>,
  reading: Reading,
): Promise<Spot | undefined> {
  const stanzas = new Map<string, StanzaFolders>();
  const closed: Partial<Record<Side, WalError | undefined>> = {};
  for (const side of ['archive', 'backup'] as const) {
    const folder = sides[side];
    try {
      for await (const one of folder ? stanzasIn(folder, side, reading) : []) {
        const name = ownName(one);
        const known = stanzas.get(name) ?? { name, archive: undefined, backup: undefined };
        stanzas.set(name, { ...known, [side]: one });
      }
    } catch (error) {
      closed[side] = problemOf(error);
    }
  }
  if (stanzas.size === 0) return undefined;
  for (const [name, known] of stanzas) {
    const { archive, backup } = sides;
    if (known.archive === undefined && archive && closed.archive === undefined) {
      closed.archive = await closedIn(archive, name, 'archive', reading);
      const [bare] = await foldersIn(archive, [name], reading);
      stanzas.set(name, { ...known, archive: bare });
    }
    if (known.backup === undefined && backup) {
      const own = closed.backup ?? (await closedIn(backup, name, 'backup', reading));
      const [bare] = own === undefined ? await foldersIn(backup, [name], reading) : [];
      stanzas.set(name, { ...known, backup: bare, closed: own });
    }
  }
  const all = [...stanzas.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { stanzas: all, closed: closed.archive };
}

/** Why it cannot be told whether one of a repository's folders has something of a stanza. */
async function closedIn(
  folder: SourceFolder,
  stanza: string,
  side: Side,
  reading: Reading,
): Promise<WalError | undefined> {
  const [own] = await lookUp(folder, [stanza], reading);
  const found = own?.kind === 'folder' ? await lookUp(own.folder, [SIDES[side]], reading) : [own];
  return found[0]?.kind === 'unreadable' ? found[0].error : undefined;
}

/** The stanzas' folders in one of a repository's, which holds nothing else. */
async function* stanzasIn(folder: SourceFolder, side: Side, reading: Reading): AsyncGenerator<SourceFolder> {
  const { signal } = reading;
  let stanzas = 0;
  let strangers = 0;
  for await (const entry of givenBy(folder.name, () => folder.list({ signal }), signal)) {
    const isStanza = entry.kind === 'folder' && !WAL_FOLDER.test(entry.name);
    if (isStanza && (await sideOf(entry.folder, reading)) === side) {
      stanzas++;
      yield entry.folder;
    } else if (++strangers >= MOST_STRANGERS && stanzas === 0) return;
  }
}

/** The backup in a folder with a label as its name; what lies beside it is its stanza's. */
async function backupAt(folder: SourceFolder, reading: Reading): Promise<Spot | undefined> {
  const { parent } = folder;
  const backup = ownName(folder);
  if (parent === undefined || !isLabel(backup)) return undefined;
  return { stanzas: [await stanzaAround(parent, 'backup', reading)], backup };
}

async function archiveAt(folder: SourceFolder, reading: Reading): Promise<Spot | undefined> {
  const { parent } = folder;
  if (parent === undefined) return undefined;
  const isStanza = (await sideOf(parent, reading)) === 'archive' || (await bareStanza(parent, reading));
  if (!isStanza) return undefined;
  return { stanzas: [await stanzaAround(parent, 'archive', reading)], archiveId: ownName(folder) };
}

/** @param archive the folder of all WAL of the cluster */
async function partOfArchive(
  part: ByteSource | SourceFolder,
  archive: SourceFolder,
  reading: Reading,
): Promise<Spot | undefined> {
  const spot = ARCHIVE_ID.test(ownName(archive)) ? await archiveAt(archive, reading) : undefined;
  return spot && { ...spot, part };
}

async function foldersIn(
  folder: SourceFolder,
  names: readonly string[],
  reading: Reading,
): Promise<(SourceFolder | undefined)[]> {
  const entries = await lookUp(folder, names, reading);
  return entries.map((entry) => (entry?.kind === 'folder' ? entry.folder : undefined));
}

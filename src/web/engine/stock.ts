import type { Asking } from '../../questions/asking.js';
import { openGiven } from '../../questions/given.js';
import { unusedSegments } from '../../questions/unused-segments.js';
import { takeInventoryFor } from '../../replay/wal-of-backup.js';
import { findRepository } from '../../repos/index.js';
import { type ByteSource, fileNameOf, type SourceFolder } from '../../sources/byte-source.js';
import { COMPRESSED_SUFFIX } from '../../sources/codecs/index.js';
import { fileKind, isUnsupportedSegment } from '../../sources/file-name.js';
import type { Input } from '../../sources/input.js';
import type { Inventory, UsableInventory } from '../../sources/inventory.js';
import type { Reading } from '../../sources/reading.js';
import type { WalError } from '../../wal/error.js';
import type { PassedOver } from './api.js';
import { DroppedFolder } from './dropped-files.js';

/** A base backup among what was dropped. */
export interface FoundBackup {
  /** To choose it by. */
  name: string;
  /** As questions take it: of a repository its name there. */
  input: Input;
  /** The relations are there, and not only what tells of the backup. */
  hasRelations: boolean;
}

/** What was dropped, once it is known what it is. */
export interface Stock {
  /** Where the WAL is, as questions take it. */
  inputs: Input[];
  inventory: UsableInventory;
  backups: FoundBackup[];
  passedOver: PassedOver[];
  problems: WalError[];
}

const TAR = new RegExp(`\\.(?:tar${COMPRESSED_SUFFIX}|tgz)$`);
const BASE_TAR = new RegExp(`^base\\.tar${COMPRESSED_SUFFIX}$`);
const TABLESPACE_TAR = new RegExp(`^\\d+\\.tar${COMPRESSED_SUFFIX}$`);

/**
 * Takes stock of what was dropped, as commands do of the paths that they are given: of each folder and of each file by
 * itself. Tar files are opened wherever they are; those of a base backup where there is no WAL but theirs.
 * @throws WalError as `openGiven` and `takeUsableInventory` do
 */
export async function takeStock(root: DroppedFolder, asking: Asking): Promise<Stock> {
  asking.enter('inventory');
  const { reading } = asking;
  const loose = await outsideRepositories(root, reading);
  const tars = loose.filter((file) => BASE_TAR.test(fileNameOf(file)));
  const inputs = inputsIn(root, loose);
  const given = await openGiven(inputs, undefined, reading);
  const backups = tars.map((tar) => backupOfTar(tar, root));
  const inventory = await takeInventoryFor(backups[0]?.input, given.wal, reading);
  for (const repository of given.repositories) {
    for (const { name, problem } of await repository.backups()) {
      if (problem === undefined) addNew(backups, { name, input: name, hasRelations: true });
    }
  }
  for (const one of backupsOf(inventory, root)) addNew(backups, one);
  return {
    inputs,
    inventory,
    backups,
    passedOver: passedOver(loose, inventory, backups),
    problems: [...inventory.problems, ...unusedSegments(inventory)],
  };
}

/** The files that are of no repository of a backup tool: what is in one is for its tool to say. */
async function outsideRepositories(root: DroppedFolder, reading: Reading): Promise<ByteSource[]> {
  const files = [...root.files];
  for (const folder of root.folders.values()) {
    // what is wrong with one is told when it is opened
    const isOne = await findRepository(folder, reading).then(
      (found) => found !== undefined,
      () => true,
    );
    if (!isOne) files.push(...folder.all());
  }
  return files;
}

/**
 * Folders as they are, files that are known by their names as those of a folder, and all others by themselves. A base
 * backup is looked through for WAL where there is no other.
 */
function inputsIn(root: DroppedFolder, loose: readonly ByteSource[]): Input[] {
  const isKnown = (file: ByteSource): boolean => fileKind(fileNameOf(file)).kind !== 'other';
  const single = loose.filter(
    (file) => TAR.test(fileNameOf(file)) || (file.folder === root && !isKnown(file)),
  );
  const inputs: Input[] = [...root.folders.values(), ...single.filter((file) => !isOfBackup(file))];
  if (root.files.some(isKnown)) inputs.unshift(filesAlone(root, isKnown));
  const hasRepository = [...root.folders.values()].some(
    (folder) => !loose.some((file) => isBelow(file, folder)),
  );
  const hasWal = hasRepository || loose.some((file) => mayHaveWal(fileNameOf(file)) && !isOfBackup(file));
  return hasWal ? inputs : [...inputs, ...single.filter((file) => BASE_TAR.test(fileNameOf(file)))];
}

/** Some of the files that were dropped without a folder, as those of the one that commands are called in. */
const filesAlone = (root: DroppedFolder, isWanted: (file: ByteSource) => boolean): SourceFolder => ({
  name: '.',
  async *list() {
    for await (const entry of root.list()) {
      if (entry.kind === 'file' && isWanted(entry.source)) yield entry;
    }
  },
});

const isBelow = (file: ByteSource, folder: DroppedFolder): boolean => file.name.startsWith(`${folder.name}/`);

const mayHaveWal = (name: string): boolean => fileKind(name).kind === 'segment' || TAR.test(name);

/** Whether it is a tar file of a base backup that `pg_basebackup` wrote; that of its WAL is one of WAL. */
const isOfBackup = (file: ByteSource): boolean =>
  BASE_TAR.test(fileNameOf(file)) || TABLESPACE_TAR.test(fileNameOf(file));

/** With the tar files of tablespaces beside it. */
function backupOfTar(tar: ByteSource, root: DroppedFolder): FoundBackup {
  const input = tar.folder === undefined || tar.folder === root ? tar : tar.folder;
  return { name: input.name, input, hasRelations: true };
}

/** Those whose labels were met: data folders, and tar files of any name. */
function* backupsOf({ backups }: Inventory, root: DroppedFolder): Generator<FoundBackup> {
  for (const { kind, source } of backups) {
    const { tar, folder } = source;
    if (kind !== 'backup-label') continue;
    if (tar !== undefined) yield { name: tar.name, input: tar, hasRelations: true };
    else if (folder === undefined || folder === root)
      yield { name: source.name, input: source, hasRelations: false };
    else {
      const hasRelations = folder instanceof DroppedFolder && folder.folders.has('global');
      yield { name: folder.name, input: folder, hasRelations };
    }
  }
}

function addNew(backups: FoundBackup[], one: FoundBackup): void {
  if (!backups.some(({ name }) => name === one.name)) backups.push(one);
}

/** What was dropped and is of no use: neither WAL nor what tells of it, nor part of a backup. */
function passedOver(
  loose: readonly ByteSource[],
  { segments, unused }: Inventory,
  backups: readonly FoundBackup[],
): PassedOver[] {
  const passed: PassedOver[] = unused.map(({ source, reason }) => ({ path: source.name, reason }));
  const used = new Set(segments.flatMap(({ source, copies }) => [source, ...copies]).map(({ name }) => name));
  const folders = backups.map(({ name }) => `${name}/`);
  for (const file of loose) {
    const name = fileNameOf(file);
    if (fileKind(name).kind !== 'other' || isUnsupportedSegment(name) || TAR.test(name)) continue;
    if (used.has(file.name) || folders.some((folder) => file.name.startsWith(folder))) continue;
    passed.push({ path: file.name, reason: 'no-wal' });
  }
  return passed;
}

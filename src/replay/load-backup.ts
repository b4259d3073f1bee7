import { groupBy } from '../cluster/group-by.js';
import { HeapPage } from '../heap/page.js';
import { faultOfPage, type PageFault } from '../heap/page-check.js';
import { formatLocator } from '../rmgr/locator.js';
import { type Backup, type BackupVisitor, unpacking } from '../sources/backup-parts.js';
import type { FileFault, ManifestCheck } from '../sources/manifest-check.js';
import { PageCutter } from '../sources/page-cutter.js';
import { concat } from '../wal/concat.js';
import { WalError } from '../wal/error.js';
import { message } from '../wal/message.js';
import { BLCKSZ, type RelFileLocator } from '../wal/record.js';
import { BLOCKS_PER_FILE, relationFile } from '../wal/relation-path.js';
import { ClusterFiles, isVersionOfDatabase, relationPartOf } from './cluster-files.js';
import type { ReplayedRelation } from './replayed-relation.js';

/** More than any of the small files has: one of pg_xact has 256 KiB. */
const SMALL_FILE_LIMIT = 16 * 1024 * 1024;

/** The relation of a file, where it is wanted. */
type RelationOf = (file: RelFileLocator) => ReplayedRelation | undefined;

/**
 * Reads a backup's small files, and on the way the blocks of relations that are wanted already.
 * @param note told what is damaged of the small files
 * @throws WalError
 */
export async function loadClusterFiles(
  backup: Backup,
  check: ManifestCheck,
  relationOf: RelationOf,
  note: (problem: WalError) => void,
): Promise<ClusterFiles> {
  const files = new ClusterFiles(backup.name);
  const parts: LoadedPart[] = [];
  const folders = new Set<string>();
  const homes = new Set<string>();
  const wanted = (path: string): boolean => {
    if (relationPartOf(path)) folders.add(folderOf(path));
    if (isVersionOfDatabase(path)) homes.add(folderOf(path));
    return ClusterFiles.wants(path) || isWantedRelation(path, relationOf);
  };
  const take: BackupVisitor = async (path, body) => {
    if (!ClusterFiles.wants(path)) {
      parts.push(await loadPart(path, body, check, relationOf, true));
      return;
    }
    const watched = check.watch(path, body);
    files.add(path, await readSmallFile(path, watched.body));
    const fault = watched.fault();
    if (fault) note(fault.problem);
  };
  await unpacking(() => backup.visit(wanted, take));
  const { blockSize, blocksPerRelationSegment } = files.control;
  if (blockSize !== BLCKSZ) {
    throw new WalError('unsupported-block-size', message`${backup.name} has blocks of ${blockSize} bytes`);
  }
  if (blocksPerRelationSegment !== BLOCKS_PER_FILE) {
    throw new WalError(
      'unsupported-segment-size',
      message`${backup.name} has relations in files of ${blocksPerRelationSegment} blocks`,
    );
  }
  for (const { fault } of check.missing(ClusterFiles.needs)) note(fault.problem);
  // a backup can be of some databases only: that the map of one that is not in it is missing is of no matter
  const isLost = (path: string): boolean => ClusterFiles.isMap(path) && folders.has(folderOf(path));
  for (const { path, fault } of check.missing(isLost)) files.addLostMap(path, fault.problem);
  // without a manifest it is known at least that databases have one, where their PG_VERSION is
  for (const folder of [...homes, ...folders]) {
    const path = `${folder}/pg_filenode.map`;
    if (!files.knowsMapOf(path)) files.addLostMap(path, lostMap(backup, path));
  }
  await settle(parts, backup, check, files.hasChecksums);
  return files;
}

/**
 * Reads the blocks of relations out of a backup.
 * @param sources the files of those whose blocks lie in another relation's
 * @throws WalError
 */
export async function loadRelations(
  backup: Backup,
  check: ManifestCheck,
  relations: readonly ReplayedRelation[],
  hasChecksums: boolean,
  sources?: ReadonlyMap<ReplayedRelation, RelFileLocator>,
): Promise<void> {
  const byFile = new Map(
    relations.map((relation) => [formatLocator(sources?.get(relation) ?? relation.file), relation]),
  );
  const relationOf: RelationOf = (file) => byFile.get(formatLocator(file));
  const parts: LoadedPart[] = [];
  const isWanted = (path: string): boolean => isWantedRelation(path, relationOf);
  const take: BackupVisitor = async (path, body) => {
    parts.push(await loadPart(path, body, check, relationOf, hasChecksums));
  };
  await unpacking(() => backup.visit(isWanted, take));
  await settle(parts, backup, check, hasChecksums);
  const loaded = new Set(parts.map(({ relation }) => relation));
  for (const relation of relations) if (!loaded.has(relation)) noteAbsent(relation, 0, backup);
}

/** Notes that a file of a relation is lacking, the one that begins with a block. */
function noteAbsent({ file, damage }: ReplayedRelation, block: number, { name }: Backup): void {
  const path = relationFile(file, block);
  const text = message`the backup ${name} has no file ${path}, and the WAL does not say that it was made since`;
  const problem = new WalError('damaged-backup', text, { file: `${name}/${path}` });
  damage.addFile({ kind: 'missing', problem }, []);
}

function lostMap({ name }: Backup, path: string): WalError {
  const text = message`the backup ${name} is damaged: ${path} is not in it, though others of its folder are`;
  return new WalError('damaged-backup', text, { file: `${name}/${path}` });
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));

function isWantedRelation(path: string, relationOf: RelationOf): boolean {
  const part = relationPartOf(path);
  return part !== undefined && relationOf(part.file) !== undefined;
}

/** A file of a relation that was read, and what is wrong with it. */
interface LoadedPart {
  path: string;
  relation: ReplayedRelation;
  /** Its first block, and the one after its last. */
  from: number;
  to: number;
  pages: Map<number, PageFault>;
  file: FileFault | undefined;
}

async function loadPart(
  path: string,
  body: AsyncIterable<Uint8Array>,
  check: ManifestCheck,
  relationOf: RelationOf,
  mayHaveChecksums: boolean,
): Promise<LoadedPart> {
  const part = relationPartOf(path);
  const relation = part && relationOf(part.file);
  if (!part || !relation) throw new WalError('unreadable', message`${path} is no relation that is wanted`);
  const watched = check.watch(path, body);
  const pages = new Map<number, PageFault>();
  const from = part.part * BLOCKS_PER_FILE;
  let block = from;
  const cutter = new PageCutter();
  for await (const piece of watched.body) {
    for (const cut of cutter.pagesOf(piece)) {
      const page = new Uint8Array(cut); // which is written to when WAL is applied
      const fault = relation.load(block, page) ? faultOfPage(page, block, mayHaveChecksums) : undefined;
      if (fault) pages.set(block, fault);
      block++;
    }
  }
  // a block that was just being added when the file was read comes whole in the WAL
  return { path, relation, from, to: block, pages, file: watched.fault() };
}

/** Once it is known whether pages have checksums: takes out those that are damaged, and notes what is. */
async function settle(
  parts: readonly LoadedPart[],
  backup: Backup,
  check: ManifestCheck,
  hasChecksums: boolean,
): Promise<void> {
  for (const { path, relation, from, to, pages, file } of parts) {
    const damaged = [...pages].filter(([, { kind }]) => hasChecksums || kind !== 'checksum');
    const place = check.placeOf(path);
    const fileOf = damaged.length > 0 ? await backup.files?.partsOf?.(path) : undefined;
    for (const [block, fault] of damaged) {
      for (const offset of itemsOf(relation.store.read(block))) {
        relation.noteUnknown({ block, offset, xmin: undefined, xmax: undefined, ctid: { block, offset } });
      }
      // as a page that nothing is known of
      relation.store.write(block, new Uint8Array(BLCKSZ));
      const file = fileOf?.((block - from) * BLCKSZ) ?? place.file;
      relation.damage.addPage(block, { ...place, file, fault });
    }
    // where pages have checksums, those say which of them are not as they were
    if (file === undefined || (file.kind === 'checksum' && hasChecksums && damaged.length > 0)) continue;
    relation.damage.addFile(
      file,
      Array.from({ length: to - from }, (_, i) => from + i),
    );
  }
  const starts = groupBy(parts, ({ relation }) => relation);
  const loaded = new Map([...starts.keys()].map((relation) => [formatLocator(relation.file), relation]));
  const relationOf: RelationOf = (file) => loaded.get(formatLocator(file));
  for (const { path, fault } of check.missing((path) => isWantedRelation(path, relationOf))) {
    const relation = relationOf(relationPartOf(path)!.file)!;
    relation.damage.addFile(fault, []);
    starts.delete(relation);
  }
  // without a manifest it is known at least that no file is there without those before it
  for (const [relation, some] of starts) {
    const there = new Set(some.map(({ from }) => from));
    const gap = [...there].findIndex((_, i) => !there.has(i * BLOCKS_PER_FILE));
    if (gap >= 0) noteAbsent(relation, gap * BLOCKS_PER_FILE, backup);
  }
}

/** `MaxHeapTuplesPerPage` (src/include/access/htup_details.h) */
const MOST_ITEMS = 291;

/** The items that may be rows, as far as a damaged page tells. */
function itemsOf(bytes: Uint8Array | undefined): number[] {
  try {
    if (bytes === undefined) return [];
    const page = new HeapPage(bytes);
    const offsets = Array.from({ length: Math.min(page.itemCount, MOST_ITEMS) }, (_, i) => i + 1);
    return offsets.filter((offset) => page.item(offset).length > 0);
  } catch (error) {
    if (error instanceof WalError) return [];
    throw error;
  }
}

async function readSmallFile(path: string, body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    pieces.push(piece);
    size += piece.length;
    if (size > SMALL_FILE_LIMIT)
      throw new WalError('file-too-large', message`${path} has more bytes than can be right`);
  }
  return concat(pieces);
}

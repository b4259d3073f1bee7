import { concat } from '../wal/concat.js';
import { WalError } from '../wal/error.js';
import { message } from '../wal/message.js';
import { otherWal } from '../wal/other-wal.js';
import { parseLongPageHeader } from '../wal/page-header.js';
import { type ByteSource, type FolderEntry, fileNameOf, isFolder, type SourceFolder } from './byte-source.js';
import { compressionOf } from './decompress.js';
import { type FileKind, fileKind, isUnsupportedSegment } from './file-name.js';
import { listFolder } from './folders.js';
import type { IdentifiedSegment } from './identified-segment.js';
import { type Inputs, inputsOf, openInput } from './input.js';
import { memorySource } from './memory-source.js';
import { readBeginning } from './read.js';
import type { Reading } from './reading.js';
import { problemOf, storedBytes } from './stored-bytes.js';
import { looksLikeTar, memberSource, TarFile, tarMembers } from './tar.js';

/** Enough to know WAL and tar files by. */
const BEGINNING = 512;
/**
 * The most that is kept of history and backup files met in a tar file, and what each takes beside its bytes. Real ones
 * have some hundred bytes; what goes beyond that is read again when its turn comes.
 */
const MOST_KEPT = 4 * 1024 * 1024;
const KEPT_EACH = 1024;
/** The most characters that the names of what is found in a tar file may have in all: of a million of segments. */
const MOST_NAMES = 64 * 1024 * 1024;

/** A file that matters to walscan, known by its name or, where it was named by the user, by its content. */
export interface FoundFile {
  source: ByteSource;
  /** `unnamed-segment`: WAL by its content, given by the user under a name that says nothing. */
  kind: Exclude<FileKind, { kind: 'other' }> | { kind: 'unnamed-segment' };
  /** The first bytes, unpacked: 512, or all where there are fewer. */
  beginning(): Promise<Uint8Array>;
  /** What it is, where facts tell that without a look into it. */
  known?: IdentifiedSegment;
}

/**
 * Where WAL-G and WAL-E put segments that they fetch in advance, in the server's `pg_wal`: in `prefetch` below these,
 * half fetched ones in `prefetch/running` (`getPrefetchLocations` in WAL-G's internal/databases/postgres/prefetch.go).
 * What is of use there is in the archive.
 */
const SCRATCH_FOLDERS = ['.wal-g', '.wal-e'];

/**
 * Looks through files and folders, in any order and mixture, for what {@link fileKind} knows. Folders are
 * searched recursively, symbolic links followed, each folder once. A tar file is opened where it is named
 * itself, and passed over where a folder search meets it. Other files are passed over, and so is what WAL-G and
 * WAL-E have fetched in advance.
 * @param problem told of what could not be read within a folder or tar file, so that the search goes on
 * @throws WalError `unreadable` where one of the inputs themselves cannot be read; `source-failed`
 */
export async function* findFiles(
  inputs: Inputs,
  reading: Reading,
  problem: (error: WalError) => void,
): AsyncGenerator<FoundFile> {
  const search = new Search(reading, problem);
  let number = 0;
  for (const input of inputsOf(inputs)) {
    const opened = await openInput(input, reading, ++number);
    if (isFolder(opened)) yield* search.folder(opened);
    else if (search.isNew(opened.id)) yield* search.namedFile(opened);
  }
}

/** A class, since there may be hundreds of thousands: functions of its own take memory. */
class Found implements FoundFile {
  constructor(
    readonly source: ByteSource,
    readonly kind: FoundFile['kind'],
    private readonly reading: Reading,
  ) {}

  beginning(): Promise<Uint8Array> {
    return readBeginning(this.source, BEGINNING, this.reading);
  }
}

class Search {
  /** By folder, so that the beginning of a path is not kept with each file. */
  private readonly seen = new Map<string, Set<string>>();
  /** What is kept of small files. */
  private kept = 0;
  /** Characters of members' names. */
  private names = 0;

  constructor(
    private readonly reading: Reading,
    private readonly problem: (error: WalError) => void,
  ) {}

  /**
   * Whether a file or folder is met for the first time.
   * @param name its last part, where that is there already: the same text is not kept twice
   */
  isNew(id: string | undefined, name = ''): boolean {
    if (id === undefined) return true;
    const end = id.endsWith(`/${name}`) ? name : id.slice(id.lastIndexOf('/') + 1);
    const beginning = id.slice(0, id.length - end.length);
    let known = this.seen.get(beginning);
    if (known === undefined) {
      known = new Set();
      this.seen.set(beginning, known);
    }
    const { size } = known;
    return known.add(end).size > size;
  }

  async *folder(folder: SourceFolder): AsyncGenerator<FoundFile> {
    if (!this.isNew(folder.id)) return;
    for (const entry of await this.entriesOf(folder)) {
      const kind = fileKind(entry.name);
      if (entry.kind === 'folder') {
        if (!SCRATCH_FOLDERS.includes(entry.name)) yield* this.folder(entry.folder);
      } else if (entry.kind !== 'file') {
        // what is not there matters only where its name says that WAL was meant; what cannot be looked at may be all
        if (kind.kind !== 'other' || entry.kind === 'unreadable') this.problem(entry.error);
      } else if (kind.kind !== 'other') {
        const { source } = entry;
        if (this.isNew(source.id, entry.name)) yield this.found(source, kind);
      } else if (isUnsupportedSegment(entry.name)) this.problem(unsupported(entry.source.name));
    }
  }

  private async entriesOf(folder: SourceFolder): Promise<FolderEntry[]> {
    try {
      return await listFolder(folder, this.reading);
    } catch (error) {
      this.problem(problemOf(error));
      return [];
    }
  }

  /** A file that the user named: where its name says nothing, its content may. */
  async *namedFile(source: ByteSource): AsyncGenerator<FoundFile> {
    const kind = fileKind(fileNameOf(source));
    if (kind.kind !== 'other') {
      yield this.found(source, kind);
      return;
    }
    if (isUnsupportedSegment(fileNameOf(source))) {
      this.problem(unsupported(source.name));
      return;
    }
    const beginning = await readBeginning(source, BEGINNING, this.reading);
    if (looksLikeTar(beginning)) yield* this.tarFile(source);
    else if (isWal(beginning)) {
      yield { source, kind: { kind: 'unnamed-segment' }, beginning: () => Promise.resolve(beginning) };
    } else {
      const other = otherWal(beginning);
      // what is encrypted and has no name of WAL may be anything
      if (other && other.code !== 'encrypted')
        this.problem(
          new WalError(other.code, message`${source.name} is ${other.what}`, { file: source.name }),
        );
    }
  }

  private async *tarFile(source: ByteSource): AsyncGenerator<FoundFile> {
    const isPlain = (await compressionOf(source, this.reading)) === undefined;
    const tar = new TarFile(source, this.reading, isPlain);
    this.reading.closeLater?.(() => tar.end());
    let index = -1;
    const without = (name: string, error: WalError): void => {
      if (isWanted(name)) this.problem(error);
    };
    try {
      for await (const member of tarMembers(source, this.reading, without)) {
        index++;
        const { name, size, body } = member;
        const kind = fileKind(fileNameOf(member));
        if (kind.kind === 'other' || !isWanted(name)) continue;
        this.names += name.length;
        if (this.names > MOST_NAMES) throw tooManyNames(source);
        const passing = memberSource(source, name, () => body);
        if (kind.kind === 'segment') {
          const beginning = readBeginning(passing, BEGINNING, this.reading);
          await beginning.catch(() => {}); // a damaged member is for whoever asks for it
          yield { source: tar.member(index, member), kind, beginning: () => beginning };
        } else if (kind.kind !== 'archive-status' && this.kept + size + KEPT_EACH <= MOST_KEPT) {
          this.kept += size + KEPT_EACH;
          yield this.found(await this.keep(passing), kind);
        } else yield this.found(tar.member(index, member), kind);
      }
    } catch (error) {
      this.problem(problemOf(error));
    } finally {
      await tar.complete();
    }
  }

  /** A small file of a tar file, which is read when it passes by. */
  private async keep(member: ByteSource): Promise<ByteSource> {
    const bytes = await readStored(member, this.reading);
    return { ...memorySource(member.name, bytes), tar: member.tar };
  }

  private found(source: ByteSource, kind: FoundFile['kind']): FoundFile {
    return new Found(source, kind, this.reading);
  }
}

/** Whether a member of a tar file is what {@link fileKind} knows, and none that was fetched in advance. */
function isWanted(name: string): boolean {
  const folders = name.split('/');
  return (
    fileKind(fileNameOf({ name })).kind !== 'other' &&
    !SCRATCH_FOLDERS.some((folder) => folders.includes(folder))
  );
}

function tooManyNames({ name: file }: ByteSource): WalError {
  const text = message`the names of what is in ${file} are longer than ${MOST_NAMES} characters in all; the rest was left out, give it in several tar files`;
  return new WalError('file-too-large', text, { file });
}

function unsupported(file: string): WalError {
  return new WalError(
    'unsupported-compression',
    message`${file} is compressed or encrypted in a way that walscan does not know; unpack it first`,
    { file },
  );
}

function isWal(beginning: Uint8Array): boolean {
  try {
    parseLongPageHeader(beginning);
    return true;
  } catch {
    return false;
  }
}

async function readStored(source: ByteSource, reading: Reading): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of storedBytes(source, reading)) pieces.push(piece);
  return concat(pieces);
}

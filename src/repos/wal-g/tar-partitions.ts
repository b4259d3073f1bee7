import { damaged } from '../../sources/backup-parts.js';
import { type ByteSource, fileNameOf, type SourceFolder } from '../../sources/byte-source.js';
import { listFolder } from '../../sources/folders.js';
import type { Reading } from '../../sources/reading.js';
import { tarMembers } from '../../sources/tar.js';
import { message } from '../../wal/message.js';
import { type FilesMetadata, pathOf } from './sentinel.js';

/** A file out of a tar file, which passes by once. */
export interface PassingFile {
  path: string;
  size: number;
  /** As messages name it. */
  name: string;
  body: AsyncIterable<Uint8Array>;
}

/** What WAL-G makes itself at a backup's end: its own come instead of what the data folder has under these names. */
const CONTROL_TAR = /pg_control\.tar(?:\..+)?$/;
const LABEL_TAR = /backup_label\.tar(?:\..+)?$/;
const CONTROL_PATHS = ['global/pg_control'];
const LABEL_PATHS = ['backup_label', 'tablespace_map'];

/** What a tar file has that WAL-G makes itself. */
function ownPathsOf(name: string): readonly string[] {
  if (CONTROL_TAR.test(name)) return CONTROL_PATHS;
  return LABEL_TAR.test(name) ? LABEL_PATHS : [];
}

const PART = /^part_(\d+)\.tar/;

/** The tar files of a backup, and what is told of them. */
export class TarPartitions {
  private constructor(
    private readonly folder: SourceFolder,
    private readonly parts: readonly ByteSource[],
    readonly files: FilesMetadata | undefined,
    private readonly reading: Reading,
  ) {}

  static async open(
    folder: SourceFolder,
    files: FilesMetadata | undefined,
    reading: Reading,
  ): Promise<TarPartitions> {
    const entries = await listFolder(folder, reading);
    const parts = entries.flatMap((entry) => (entry.kind === 'file' ? [entry.source] : []));
    return new TarPartitions(folder, parts, files, reading);
  }

  get sources(): readonly ByteSource[] {
    return this.parts;
  }

  /**
   * The files that are wanted, out of the tar files that may have them.
   * @param all their paths, where these are known
   * @throws WalError `damaged-backup` where one of these is missing
   */
  async *members(wanted: (path: string) => boolean, all?: readonly string[]): AsyncGenerator<PassingFile> {
    const replaced = new Set(this.parts.flatMap((part) => ownPathsOf(fileNameOf(part))));
    const isReplaced = (path: string): boolean => replaced.has(path);
    for (const part of (all && this.ownParts(all)) ?? this.partsWith(wanted)) {
      const isOwn = ownPathsOf(fileNameOf(part)).length > 0;
      for await (const member of tarMembers(part, this.reading)) {
        const path = pathOf(member.name);
        if (!wanted(path) || (!isOwn && isReplaced(path))) continue;
        yield { path, size: member.size, name: `${part.name}/${member.name}`, body: member.body };
      }
    }
  }

  /** Where only files are wanted that have a tar file of their own, the others need not be read. */
  private ownParts(paths: readonly string[]): ByteSource[] | undefined {
    const parts = paths.map((path) => this.parts.find((part) => ownPathsOf(fileNameOf(part)).includes(path)));
    return parts.every((part) => part !== undefined) ? [...new Set(parts)] : undefined;
  }

  private partsWith(wanted: (path: string) => boolean): ByteSource[] {
    const isWanted = new Set<string>();
    const tars = this.files?.tars ?? new Map<string, readonly string[]>();
    for (const [name, paths] of tars) if (paths.some(wanted)) isWanted.add(name);
    const isThere = new Set(this.parts.map(fileNameOf));
    for (const name of isWanted) if (!isThere.has(name)) throw this.missing(name);
    if (tars.size === 0) this.checkNumbers();
    return this.parts.filter((part) => {
      const name = fileNameOf(part);
      const own = ownPathsOf(name);
      if (own.length > 0) return own.some(wanted);
      // one that nobody lists may have anything
      return isWanted.has(name) || !tars.has(name);
    });
  }

  /** Where nothing tells which there are. */
  private checkNumbers(): void {
    const numbers = this.parts.flatMap((part) => {
      const match = PART.exec(fileNameOf(part));
      return match ? [Number(match[1])] : [];
    });
    const known = new Set(numbers);
    for (let number = 1; number <= known.size; number++) {
      if (!known.has(number)) throw this.missing(`part_${String(number).padStart(3, '0')}.tar`);
    }
  }

  private missing(name: string): Error {
    return damaged(`${this.folder.name}/${name}`, message`is missing`);
  }
}

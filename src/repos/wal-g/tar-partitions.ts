import { type ByteSource, fileNameOf, type SourceFolder } from '../../sources/byte-source.js';
import { listFolder } from '../../sources/folders.js';
import type { Reading } from '../../sources/reading.js';
import { tarMembers } from '../../sources/tar.js';
import { damaged } from './increment.js';
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
   * @throws WalError `damaged-backup` where one of these is missing
   */
  async *members(wanted: (path: string) => boolean): AsyncGenerator<PassingFile> {
    const hasControl = this.parts.some((part) => CONTROL_TAR.test(fileNameOf(part)));
    const hasLabel = this.parts.some((part) => LABEL_TAR.test(fileNameOf(part)));
    for (const part of this.partsWith(wanted)) {
      const name = fileNameOf(part);
      const isOwn = CONTROL_TAR.test(name) || LABEL_TAR.test(name);
      const isReplaced = (path: string): boolean =>
        (hasControl && CONTROL_PATHS.includes(path)) || (hasLabel && LABEL_PATHS.includes(path));
      for await (const member of tarMembers(part, this.reading)) {
        const path = pathOf(member.name);
        if (!wanted(path) || (!isOwn && isReplaced(path))) continue;
        yield { path, size: member.size, name: `${part.name}/${member.name}`, body: member.body };
      }
    }
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
      if (CONTROL_TAR.test(name)) return CONTROL_PATHS.some(wanted);
      if (LABEL_TAR.test(name)) return LABEL_PATHS.some(wanted);
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
    return damaged(`${this.folder.name}/${name}`, 'is missing');
  }
}

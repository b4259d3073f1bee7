import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileSource, unreadable } from '../../node/files.js';
import { NODE_READING } from '../../node/reading.js';
import { systemCode } from '../../node/system-reason.js';
import { type ByteSource, fileNameOf } from '../../sources/byte-source.js';
import { fileKind } from '../../sources/file-name.js';
import { findFiles } from '../../sources/find-files.js';
import type { Inputs } from '../../sources/input.js';
import { type SegmentCopy, settleCopies } from '../../sources/same-segment.js';
import type { WalError } from '../../wal/error.js';
import { parseSegmentFileName, segmentStart } from '../../wal/segment-name.js';

interface Listing {
  files: Map<string, SegmentCopy[]>;
  /** Why there may be more than these. */
  problem: WalError | undefined;
}

/** The files of a folder that hold segments by their names, however they are stored. */
export class SegmentIndex {
  private constructor(
    private readonly list: () => Promise<Listing>,
    private listing: Listing,
  ) {}

  /** Of one folder alone. Empty where it is not there, or cannot be read. */
  static inFolder(folder: string): Promise<SegmentIndex> {
    return SegmentIndex.of(() => listFolder(folder));
  }

  /** Of folders and all below them, or of tar files. @throws WalError `unreadable` */
  static below(wal: Inputs): Promise<SegmentIndex> {
    return SegmentIndex.of(() => listBelow(wal));
  }

  private static async of(list: () => Promise<Listing>): Promise<SegmentIndex> {
    return new SegmentIndex(list, await list());
  }

  /** Why files that are there may be missing here. */
  get problem(): WalError | undefined {
    return this.listing.problem;
  }

  private get files(): Listing['files'] {
    return this.listing.files;
  }

  /** Whether there is a segment of the same timeline after `name`. */
  hasAfter(name: string): boolean {
    const timeline = name.slice(0, 8);
    for (const other of this.files.keys()) if (other > name && other.startsWith(timeline)) return true;
    return false;
  }

  /** Any of the segments, to learn the format from. */
  get anyFile(): ByteSource | undefined {
    for (const [first] of this.files.values()) return first.source;
    return undefined;
  }

  /** The file of this name or, where it is a segment's plain name, one that holds the segment in any form. */
  named(fileName: string): ByteSource | undefined {
    const kind = fileKind(fileName);
    if (kind.kind !== 'segment') return undefined;
    const copies = this.files.get(kind.segment) ?? [];
    if (kind.segment === fileName) return copies[0]?.source;
    return copies.find(({ source }) => fileNameOf(source) === fileName)?.source;
  }

  /**
   * The file to read a segment from.
   * @throws WalError `different-content` where several files disagree about it
   */
  async file(name: string, segmentSize: number, blockSize: number): Promise<ByteSource | undefined> {
    const copies = this.files.get(name);
    if (copies === undefined) return undefined;
    const start = segmentStart(parseSegmentFileName(name, segmentSize)?.segmentNumber ?? 0n, segmentSize);
    const { chosen, conflicts } = await settleCopies(
      copies,
      { name, start, segmentSize, blockSize },
      NODE_READING,
    );
    if (conflicts.length > 0) throw conflicts[0];
    return chosen.source;
  }

  /** Looks again, for files that came in the meantime. */
  async refresh(): Promise<void> {
    this.listing = await this.list();
  }
}

async function listFolder(folder: string): Promise<Listing> {
  const files: Listing['files'] = new Map();
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    const isThere = !['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '');
    return { files, problem: isThere ? unreadable(folder, error) : undefined };
  }
  for (const name of names.sort()) {
    const kind = fileKind(name);
    if (kind.kind === 'segment') add(files, kind.segment, fileSource(join(folder, name)), kind.partial);
  }
  return { files, problem: undefined };
}

async function listBelow(wal: Inputs): Promise<Listing> {
  const files: Listing['files'] = new Map();
  let problem: WalError | undefined;
  const found = findFiles(wal, NODE_READING, (one) => {
    problem ??= one;
  });
  for await (const { source, kind } of found) {
    if (kind.kind === 'segment') add(files, kind.segment, source, kind.partial);
  }
  return { files, problem };
}

function add(files: Listing['files'], name: string, source: ByteSource, partial: boolean): void {
  const known = files.get(name);
  if (known) known.push({ source, partial });
  else files.set(name, [{ source, partial }]);
}

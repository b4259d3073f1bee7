import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileSource } from '../../node/files.js';
import { NODE_READING } from '../../node/reading.js';
import { type ByteSource, fileNameOf } from '../../sources/byte-source.js';
import { fileKind } from '../../sources/file-name.js';
import { findFiles } from '../../sources/find-files.js';
import { type SegmentCopy, settleCopies } from '../../sources/same-segment.js';
import { parseSegmentFileName, segmentStart } from '../../wal/segment-name.js';

type Listing = Map<string, SegmentCopy[]>;

/** The files of a folder that hold segments by their names, however they are stored. */
export class SegmentIndex {
  private constructor(
    private readonly list: () => Promise<Listing>,
    private files: Listing,
  ) {}

  /** Of one folder alone. Empty where it cannot be read. */
  static inFolder(folder: string): Promise<SegmentIndex> {
    return SegmentIndex.of(() => listFolder(folder));
  }

  /** Of a folder and all below it, or of a tar file. @throws WalError `unreadable` */
  static below(path: string): Promise<SegmentIndex> {
    return SegmentIndex.of(() => listBelow(path));
  }

  private static async of(list: () => Promise<Listing>): Promise<SegmentIndex> {
    return new SegmentIndex(list, await list());
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
    this.files = await this.list();
  }
}

async function listFolder(folder: string): Promise<Listing> {
  const listing: Listing = new Map();
  let names: string[];
  try {
    names = await readdir(folder);
  } catch {
    return listing;
  }
  for (const name of names.sort()) {
    const kind = fileKind(name);
    if (kind.kind === 'segment') add(listing, kind.segment, fileSource(join(folder, name)), kind.partial);
  }
  return listing;
}

async function listBelow(path: string): Promise<Listing> {
  const listing: Listing = new Map();
  // what cannot be read is missed where it is needed
  for await (const { source, kind } of findFiles([path], NODE_READING, () => {})) {
    if (kind.kind === 'segment') add(listing, kind.segment, source, kind.partial);
  }
  return listing;
}

function add(listing: Listing, name: string, source: ByteSource, partial: boolean): void {
  const known = listing.get(name);
  if (known) known.push({ source, partial });
  else listing.set(name, [{ source, partial }]);
}

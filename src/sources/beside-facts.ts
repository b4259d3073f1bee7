import { isSameFormat } from './bounds.js';
import type { FoundFile } from './find-files.js';
import type { FactsSegment } from './identified-segment.js';
import { identifyFile } from './identify.js';
import type { Reading } from './reading.js';
import { problemOf } from './stored-bytes.js';

/** Facts as what a segment's file would be. */
export function fileOfFacts(segment: FactsSegment): FoundFile {
  const { source, name, partial } = segment;
  return {
    source,
    kind: { kind: 'segment', segment: name, partial },
    beginning: async () => new Uint8Array(),
    known: segment,
  };
}

/** Tells which files hold segments that there are facts of: those are not looked into. */
export class BesideFacts {
  /** By name; undefined for those of several clusters. */
  private readonly byName = new Map<string, FactsSegment | undefined>();
  /** Whether the WAL in a folder is that of the facts: its first file is looked into. */
  private readonly folders = new Map<string, boolean>();

  constructor(
    segments: readonly FactsSegment[],
    private readonly reading: Reading,
  ) {
    // of what was still being written the file may have more
    for (const one of segments.filter(({ partial }) => !partial)) {
      this.byName.set(one.name, this.byName.has(one.name) ? undefined : one);
    }
  }

  /** The file with what it is, where facts tell that. */
  async known(file: FoundFile): Promise<FoundFile> {
    const { source, kind } = file;
    const segment = kind.kind === 'segment' ? this.byName.get(kind.segment) : undefined;
    if (segment === undefined || kind.kind !== 'segment') return file;
    const folder = source.name.slice(0, source.name.lastIndexOf('/') + 1);
    let isOfFacts = this.folders.get(folder);
    if (isOfFacts === undefined) {
      isOfFacts = await this.isOf(file, segment);
      this.folders.set(folder, isOfFacts);
    }
    if (!isOfFacts) return file;
    const { header, timeline, start, reset, beginsTimeline } = segment;
    return {
      ...{ source, kind },
      beginning: () => file.beginning(),
      known: { source, partial: kind.partial, header, timeline, start, reset, beginsTimeline },
    };
  }

  private async isOf(file: FoundFile, { header }: FactsSegment): Promise<boolean> {
    try {
      const one = await identifyFile(file, this.reading);
      return one.kind === 'segment' && isSameFormat(one.file.header, header);
    } catch (error) {
      problemOf(error);
      return false;
    }
  }
}

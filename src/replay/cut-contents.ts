import { formatLocator } from '../rmgr/locator.js';
import type { RelFileLocator } from '../wal/record.js';
import type { ReplayedRelation } from './replayed-relation.js';

/** What a file held until it was cut to nothing, at a place among what happens in the WAL. */
interface Cut {
  sequence: number;
  contents: ReplayedRelation;
}

/**
 * What files held that transactions had made themselves, and cut to nothing: TRUNCATE does so in place
 * (`ExecuteTruncateGuts`, src/backend/commands/tablecmds.c). It is kept until these end.
 */
export class CutContents {
  private readonly byXid = new Map<number, ReplayedRelation[]>();
  /** Those of one file in the order of the WAL. */
  private readonly byFile = new Map<string, Cut[]>();

  keep(xid: number, sequence: number, contents: ReplayedRelation): void {
    const key = formatLocator(contents.file);
    const cuts = this.byFile.get(key) ?? [];
    cuts.push({ sequence, contents });
    this.byFile.set(key, cuts);
    const ofXid = this.byXid.get(xid) ?? [];
    ofXid.push(contents);
    this.byXid.set(xid, ofXid);
  }

  /** What a file held at a place in the WAL; undefined where it was not cut since. */
  at(file: RelFileLocator, sequence: number): ReplayedRelation | undefined {
    if (this.byFile.size === 0) return undefined;
    const cuts = this.byFile.get(formatLocator(file)) ?? [];
    let [from, to] = [0, cuts.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (cuts[middle].sequence <= sequence) from = middle + 1;
      else to = middle;
    }
    return cuts[from]?.contents;
  }

  /** A transaction has ended, and with it all that cut the files that it had made. */
  forget(xid: number): void {
    for (const contents of this.byXid.get(xid) ?? []) {
      this.byFile.delete(formatLocator(contents.file));
      contents.truncate(0);
    }
    this.byXid.delete(xid);
  }
}

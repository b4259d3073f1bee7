import type { KeepColumn } from '../../follow/columns.js';
import type { RelationAt } from '../../follow/relation-at.js';
import { formatLocator } from '../../rmgr/locator.js';
import type { RelFileLocator } from '../../wal/record.js';
import { addVolume, bytesOf, noVolume, type Volume } from './volume.js';

/** What a stretch of WAL has of relations: {@link WIDTH} numbers each. */
export type RelationColumns = Uint32Array;

/** Tablespace, database, relfilenode; records, their bytes, bytes of images. */
export const WIDTH = 6;

interface Entry extends Volume, RelFileLocator {
  /** Another one of the same relfilenode. */
  next: Entry | undefined;
}

/** Sums by relation, of one segment: no more relations than it has records. */
export class RelationSums {
  private readonly byNumber = new Map<number, Entry>();
  private readonly entries: Entry[] = [];
  /** Most records go where the one before went. */
  private last: Entry | undefined;

  of(rel: RelFileLocator | RelationAt): Volume {
    const { last } = this;
    if (last !== undefined && isSame(last, rel)) return last;
    let entry = this.byNumber.get(rel.relNumber);
    while (entry !== undefined && !isSame(entry, rel)) entry = entry.next;
    entry ??= this.begin(rel);
    this.last = entry;
    return entry;
  }

  private begin({ spcOid, dbOid, relNumber }: RelFileLocator): Entry {
    const entry = { ...noVolume(), spcOid, dbOid, relNumber, next: this.byNumber.get(relNumber) };
    this.byNumber.set(relNumber, entry);
    this.entries.push(entry);
    return entry;
  }

  build(keep: KeepColumn): RelationColumns {
    const columns = new Uint32Array(this.entries.length * WIDTH);
    this.entries.forEach(({ spcOid, dbOid, relNumber, records, recordBytes, imageBytes }, i) => {
      columns.set([spcOid, dbOid, relNumber, records, recordBytes, imageBytes], i * WIDTH);
    });
    return keep(columns);
  }
}

const isSame = (a: RelFileLocator, b: RelFileLocator): boolean =>
  a.relNumber === b.relNumber && a.dbOid === b.dbOid && a.spcOid === b.spcOid;

/** So many are summed up exactly. */
const MOST_RELATIONS = 10_000;

/** What was written for one relation. */
export interface RelationVolume extends Volume {
  /** `tablespace/database/relfilenode` */
  relation: string;
}

/** Sums by relation, of all WAL: of more than {@link MOST_RELATIONS} those that wrote least are put together. */
export class RelationVolumes {
  private readonly byKey = new Map<string, RelationVolume>();
  /** Those that were put together. */
  private readonly others = noVolume();
  /** How often one was: some may be counted several times. */
  private putTogether = 0;

  add(columns: RelationColumns): void {
    for (let at = 0; at < columns.length; at += WIDTH) {
      const [spcOid, dbOid, relNumber, records, recordBytes, imageBytes] = columns.subarray(at, at + WIDTH);
      const relation = formatLocator({ spcOid, dbOid, relNumber });
      let sum = this.byKey.get(relation);
      if (sum === undefined) {
        sum = { relation, ...noVolume() };
        this.byKey.set(relation, sum);
      }
      addVolume(sum, { records, recordBytes, imageBytes });
    }
    if (this.byKey.size > 2 * MOST_RELATIONS) this.putSmallTogether();
  }

  private putSmallTogether(): void {
    for (const one of this.sorted().slice(MOST_RELATIONS)) {
      addVolume(this.others, one);
      this.putTogether++;
      this.byKey.delete(one.relation);
    }
  }

  private sorted(): RelationVolume[] {
    return [...this.byKey.values()].sort((a, b) => bytesOf(b) - bytesOf(a));
  }

  /** @param count of those to tell apart */
  largest(count: number): {
    largest: RelationVolume[];
    others: Volume & { relations: number };
    exact: boolean;
  } {
    const sorted = this.sorted();
    const others = { ...this.others, relations: this.putTogether };
    for (const one of sorted.slice(count)) {
      addVolume(others, one);
      others.relations++;
    }
    return { largest: sorted.slice(0, count), others, exact: this.putTogether === 0 };
  }
}

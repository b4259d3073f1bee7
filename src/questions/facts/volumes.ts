import { copyColumn } from '../../follow/columns.js';
import type { RelationAt } from '../../follow/relation-at.js';
import { rmgrName } from '../../rmgr/index.js';
import type { WalRecord } from '../../wal/record.js';
import { type RelationColumns, RelationSums, WIDTH } from '../report/relation-volumes.js';
import { noVolume, type Volume } from '../report/volume.js';
import type { FactRow } from './tables.js';

type VolumeRow = Pick<FactRow<'rmgrs'>, 'records' | 'record_bytes' | 'image_bytes'>;

/** How much a stretch of WAL has of relations and resource managers: the tables `relations` and `rmgrs`. */
export class Volumes {
  readonly total = noVolume();
  private readonly relations = new RelationSums();
  /** By the id of the resource manager. */
  private readonly byRmgr: (Volume | undefined)[] = new Array(256);

  /** @param at stands at the record's relation, where it has one */
  add(record: WalRecord, at: RelationAt): void {
    const images = record.imageLength;
    const bytes = record.totalLength - images;
    count(this.total, bytes, images);
    count(this.ofRmgr(record.rmid), bytes, images);
    if (!at.seek(record)) return;
    count(this.relations.of(at), bytes, 0);
    if (images === 0) return;
    for (const { rel, image } of record.blocks) {
      if (image !== undefined) this.relations.of(rel).imageBytes += image.length;
    }
  }

  private ofRmgr(rmid: number): Volume {
    this.byRmgr[rmid] ??= noVolume();
    return this.byRmgr[rmid];
  }

  rmgrRows(): FactRow<'rmgrs'>[] {
    return this.byRmgr.flatMap((volume, rmid) =>
      volume === undefined ? [] : { rmgr: rmgrName(rmid), ...volumeRow(volume) },
    );
  }

  relationRows(): FactRow<'relations'>[] {
    return rowsOf(this.relations.build(copyColumn));
  }
}

function count(sum: Volume, recordBytes: number, imageBytes: number): void {
  sum.records++;
  sum.recordBytes += recordBytes;
  sum.imageBytes += imageBytes;
}

export const volumeRow = ({ records, recordBytes, imageBytes }: Volume): VolumeRow => ({
  records,
  record_bytes: recordBytes,
  image_bytes: imageBytes,
});

function rowsOf(columns: RelationColumns): FactRow<'relations'>[] {
  const rows: FactRow<'relations'>[] = [];
  for (let at = 0; at < columns.length; at += WIDTH) {
    const [tablespace, database, relfilenode, records, record_bytes, image_bytes] = columns.subarray(
      at,
      at + WIDTH,
    );
    rows.push({ tablespace, database, relfilenode, records, record_bytes, image_bytes });
  }
  return rows;
}

/** Records, and the bytes that they take: plain data. */
export interface Volume {
  records: number;
  /** Without full-page images. */
  recordBytes: number;
  /** Of full-page images, as stored. */
  imageBytes: number;
}

export const noVolume = (): Volume => ({ records: 0, recordBytes: 0, imageBytes: 0 });

export function addVolume(sum: Volume, { records, recordBytes, imageBytes }: Volume): void {
  sum.records += records;
  sum.recordBytes += recordBytes;
  sum.imageBytes += imageBytes;
}

export const bytesOf = ({ recordBytes, imageBytes }: Volume): number => recordBytes + imageBytes;

/** What came between two counts of the same WAL. */
export const volumeBetween = (from: Volume, to: Volume): Volume => ({
  records: to.records - from.records,
  recordBytes: to.recordBytes - from.recordBytes,
  imageBytes: to.imageBytes - from.imageBytes,
});

import { crc32c } from '../../../wal/crc32c.js';

/** By which a segment's facts are known again. @param bytes its table `segments` */
export const digestOf = (bytes: Uint8Array): number => crc32c(bytes);

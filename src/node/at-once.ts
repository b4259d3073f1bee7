import type { CodecName } from '../sources/codecs/index.js';

/**
 * Unpacks all of a file that is in memory.
 * @param limit more is not wanted
 * @returns undefined where it is damaged, or makes more than that, which a stream then tells the better
 */
export type UnpackAtOnce = (
  stored: Uint8Array,
  limit: number,
) => Promise<Uint8Array | undefined> | Uint8Array | undefined;

export type UnpacksAtOnce = Partial<Record<CodecName, UnpackAtOnce | undefined>>;

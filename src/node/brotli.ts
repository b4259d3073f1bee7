import { constants, createBrotliDecompress } from 'node:zlib';
import type { Unpack } from '../sources/codecs/codec.js';
import { inflateBy } from './inflate.js';

/** Windows of more than 16 MiB are refused, as the `brotli` program does without `--large_window`. */
export const unbrotliStream: Unpack = inflateBy({
  create: createBrotliDecompress,
  finishFlush: constants.BROTLI_OPERATION_FLUSH,
  isDataError,
  hasMembers: false,
});

/** Zlib's own errors have a number; Brotli's are of many names, which begin as those of Node itself do. */
function isDataError(error: unknown): boolean {
  if (!(error instanceof Error && 'code' in error && 'errno' in error)) return false;
  return error.code === 'Z_BUF_ERROR' || String(error.code).startsWith('ERR_');
}

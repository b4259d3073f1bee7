import { type ByteSource, fileNameOf } from '../../sources/byte-source.js';
import { ChunkReader } from '../../sources/chunk-reader.js';
import { codecOf } from '../../sources/codecs/index.js';
import { beginsAsPgp } from '../../sources/pgp.js';
import { readBeginning } from '../../sources/read.js';
import type { Reading } from '../../sources/reading.js';
import { problemOf, storedBytes } from '../../sources/stored-bytes.js';
import { looksLikeTar } from '../../sources/tar.js';
import { WalError } from '../../wal/error.js';
import { message } from '../../wal/message.js';

/** Enough to know a tar file by. */
const BEGINNING = 512;
/** Compressed in a way that cannot be read here. */
export const UNREADABLE_SUFFIX = /\.lzo$/;

/** How many files it takes to tell. */
export const SAMPLES = 3;

/**
 * WAL-G gives files that it encrypts no other name (`CompressAndEncrypt`, internal/compress_and_encrypt.go, 3.0.8), and
 * those of libsodium begin as nothing at all. Where none of some files is what its name says, they are encrypted.
 * @param instead how WAL-G itself gets at what is in them
 * @throws WalError `encrypted`
 */
export async function checkReadable(
  samples: readonly ByteSource[],
  instead: string,
  reading: Reading,
): Promise<void> {
  if (samples.length === 0) return;
  let isPgp = false;
  for (const sample of samples) {
    const first = await readStored(sample, reading);
    if (await isKnown(sample, first, reading)) return;
    isPgp ||= beginsAsPgp(first);
  }
  const [{ name: file }] = samples;
  const how = isPgp
    ? message`by OpenPGP`
    : message`by libsodium or a key of a cloud, for it begins as nothing that is known`;
  const text = message`${file} is encrypted ${how}: walscan does not open what WAL-G encrypts; get it with WAL-G: ${instead}`;
  throw new WalError('encrypted', text, { file });
}

async function readStored(source: ByteSource, reading: Reading): Promise<Uint8Array> {
  const input = new ChunkReader(storedBytes(source, reading, BEGINNING));
  try {
    return await input.peek(BEGINNING);
  } finally {
    await input.close();
  }
}

/** Whether a file begins as its name or anything else that is known says. */
async function isKnown(source: ByteSource, first: Uint8Array, reading: Reading): Promise<boolean> {
  const codec = codecOf(first, source.name);
  if (codec?.magic !== undefined || first.length === 0 || UNREADABLE_SUFFIX.test(source.name)) return true;
  if (codec === undefined)
    return isPageOfWal(first) || looksLikeTar(first) || first.every((byte) => byte === 0);
  try {
    await readBeginning(source, BEGINNING, reading);
    return true;
  } catch (error) {
    return problemOf(error).code !== 'corrupt-compression';
  }
}

/** `XLOG_PAGE_MAGIC` of all versions begins so (src/include/access/xlog_internal.h, 10 to 19). */
const isPageOfWal = (first: Uint8Array): boolean => first[1] === 0xd0 || first[1] === 0xd1;

/** For {@link checkReadable}: the first of them. */
export const samplesOf = (sources: readonly ByteSource[]): ByteSource[] => sources.slice(0, SAMPLES);

/** @throws WalError `unsupported-compression` */
export function checkSuffix(source: ByteSource, instead: string): void {
  if (!UNREADABLE_SUFFIX.test(fileNameOf(source))) return;
  const text = message`${source.name} is compressed in a way that walscan does not know; restore it with WAL-G: ${instead}`;
  throw new WalError('unsupported-compression', text, { file: source.name });
}

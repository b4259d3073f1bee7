import { brotli } from './brotli.js';
import { bzip2 } from './bzip2.js';
import type { Codec } from './codec.js';
import { gzip } from './gzip.js';
import { lz4 } from './lz4.js';
import { lzma } from './lzma.js';
import { xz } from './xz.js';
import { zstd } from './zstd.js';

/** All ways in which files may be compressed: a new one is a file here, and a line. */
const CODECS = [gzip, zstd, lz4, bzip2, xz, brotli, lzma] as const satisfies readonly Codec[];

export type CodecName = (typeof CODECS)[number]['name'];
const ALL: readonly KnownCodec[] = CODECS;

export type KnownCodec = Codec & { readonly name: CodecName };

/** How many first bytes it takes to tell. */
export const MAGIC_SIZE = Math.max(...ALL.map(({ magic = [] }) => magic.length));

/**
 * How a file is compressed, told from the first {@link MAGIC_SIZE} bytes of it. Its name tells only where no codec has
 * such first bytes, and there is one that has none at all.
 */
export function codecOf(first: Uint8Array, name: string): KnownCodec | undefined {
  if (isSkippable(first)) return zstd;
  const known = ALL.find(({ magic }) => magic?.every((byte, i) => first[i] === byte));
  if (known !== undefined || first.length === 0) return known;
  const suffix = /\.([^./\\]*)$/.exec(name)?.[1] ?? '';
  return ALL.find(({ magic, suffixes }) => magic === undefined && suffixes.includes(suffix));
}

/** A frame that holds no data: what pzstd writes begins with one (RFC 8878, 3.1.2). LZ4 knows them, too, but begins with none. */
const isSkippable = (first: Uint8Array): boolean =>
  first[0] >> 4 === 0x5 && SKIPPABLE_REST.every((byte, i) => first[i + 1] === byte);
const SKIPPABLE_REST = [0x2a, 0x4d, 0x18];

/** The endings of compressed files' names, as a part of a regular expression that matches nothing as well. */
export const COMPRESSED_SUFFIX = `(?:\\.(?:${CODECS.flatMap(({ suffixes }) => suffixes).join('|')}))?`;

export type { Codec, Packed, Unpack } from './codec.js';

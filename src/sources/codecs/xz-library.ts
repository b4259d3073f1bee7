import library from 'xz-decompress';

/** In the built library this module holds the package itself (tsup.config.ts). */
export const { XzReadableStream } = library;

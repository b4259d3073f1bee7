import library from 'xz-decompress';

/** In the built library this module holds the package itself (scripts/build.js). */
export const { XzReadableStream } = library;

import library from 'xz-decompress';

/** In the built library this module holds the package itself (tsup.config.ts). */
export const { XzReadableStream } = library;

/**
 * The package has one instance of its machine code, and lets a stream wait until the one before has ended: whoever reads
 * two of them in turn, as of two tar files, would wait for ever. Here each has an instance of its own.
 */
interface Internals {
  _contextMutex: { acquire(): Promise<void>; release(): void };
  _getModuleInstance(): Promise<void>;
}

const internals = XzReadableStream as unknown as Internals;
let latest = Promise.resolve();
internals._contextMutex = {
  // a stream takes the latest instance as soon as this is done, before another is made
  acquire: () => {
    latest = latest.then(() => internals._getModuleInstance());
    return latest;
  },
  release: () => {},
};

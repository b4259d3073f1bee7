import { type ErrorCode, WalError } from '../wal/error.js';
import { message } from '../wal/message.js';
import { type AbortSignalLike, takeTurnsAtTimes, throwIfAborted, untilAborted } from './abort.js';
import type { ByteSource } from './byte-source.js';
import type { Reading } from './reading.js';

/** Some sources give an empty piece now and then; more than this in a row, and it never ends. */
const MOST_EMPTY_PIECES = 10_000;

/**
 * A source's bytes as they are stored, in pieces that are not empty.
 * @param wanted a hint, as of {@link OpenOptions}
 * @throws WalError `source-failed`, also where there are fewer or more than the source says it has; what the source
 *   throws where that is a WalError; the reason of an abort
 */
export async function* storedBytes(
  source: ByteSource,
  { signal, onBytes }: Reading,
  wanted?: number,
): AsyncGenerator<Uint8Array> {
  const { name } = source;
  const open = (): AsyncIterable<Uint8Array> =>
    wanted !== undefined && source.read ? ranges(source, wanted, signal) : source.open({ signal, wanted });
  const size = sizeOf(source);
  let given = 0;
  let empty = 0;
  for await (const piece of givenBy(name, open, signal)) {
    if (!(piece instanceof Uint8Array)) throw sourceFailure(name, 'it gives pieces that are no Uint8Array');
    empty = piece.length === 0 ? empty + 1 : 0;
    if (empty > MOST_EMPTY_PIECES) throw sourceFailure(name, 'it gives nothing but empty pieces');
    if (empty > 0) continue;
    given += piece.length;
    if (size !== undefined && given > size) {
      throw sourceFailure(name, `it gives more than the ${size} bytes that it says it has`);
    }
    onBytes?.(piece.length);
    await takeTurnsAtTimes(signal);
    yield piece;
  }
  if (size !== undefined && given < size) {
    throw sourceFailure(name, `it ends after ${given} of the ${size} bytes that it says it has`);
  }
}

/** What a store says. A file of this machine may grow and shrink while it is read, and has what can be read of it. */
function sizeOf(source: ByteSource): number | undefined {
  if (source.path !== undefined) return undefined;
  const { name, size } = source;
  if (size === undefined || (Number.isSafeInteger(size) && size >= 0)) return size;
  throw sourceFailure(name, `it says that it has ${size} bytes`);
}

/** What a source or a folder answers. @throws as {@link givenBy} */
export async function givenOnce<T>(
  name: string,
  ask: () => Promise<T>,
  signal: AbortSignalLike | undefined,
): Promise<T> {
  throwIfAborted(signal);
  try {
    return await untilAborted(ask(), signal);
  } catch (error) {
    throwIfAborted(signal);
    throw sourceFailure(name, error);
  }
}

/**
 * What a source or a folder gives, one by one; it is closed when no more is asked for.
 * @throws WalError `source-failed`, or what it throws where that is a WalError; the reason of an abort
 */
export async function* givenBy<T>(
  name: string,
  open: () => AsyncIterable<T>,
  signal: AbortSignalLike | undefined,
): AsyncGenerator<T> {
  const asked = <R>(ask: () => Promise<R> | undefined): Promise<R | undefined> =>
    givenOnce(name, async () => ask(), signal);
  let items: AsyncIterator<T> | undefined;
  let hasEnded = false;
  try {
    for (;;) {
      const next = await asked(() => {
        items ??= open()[Symbol.asyncIterator]();
        return items.next();
      }).catch((error: unknown) => {
        hasEnded = true;
        throw error;
      });
      const isResult = typeof next === 'object' && next !== null;
      hasEnded = !isResult || next.done === true;
      if (!isResult) throw sourceFailure(name, 'its iterator gives no results');
      if (next.done) return;
      yield next.value;
    }
  } finally {
    // one that is aborted may never answer
    if (signal?.aborted) void Promise.resolve(items?.return?.()).catch(() => {});
    else if (!hasEnded) await asked(() => items?.return?.());
  }
}

/** For those who want little of a source that can be read in parts: so much first, then twice as much each time. */
async function* ranges(
  source: ByteSource,
  wanted: number,
  signal: AbortSignalLike | undefined,
): AsyncGenerator<Uint8Array> {
  let size = wanted;
  for (let at = 0; ; size *= 2) {
    const piece = await source.read!(at, at + size, { signal });
    if (!(piece instanceof Uint8Array) || piece.length > size) {
      throw sourceFailure(source.name, 'it gives what is not the bytes that were asked for');
    }
    yield piece;
    if (piece.length < size) return;
    at += size;
  }
}

const SOURCE_FAILED = 'source-failed';

/** What a source throws, as an error that names it. */
function sourceFailure(name: string, cause: unknown): WalError {
  if (cause instanceof WalError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new WalError(SOURCE_FAILED, message`${name} could not be read: ${reason}`, { file: name, cause });
}

/** Errors that say nothing of one file alone. */
const OF_STORES: readonly ErrorCode[] = [SOURCE_FAILED, 'object-store'];

/**
 * What was caught as something that is wrong with the files given, so that the rest can be gone on with.
 * @throws what is none: a store that fails, an abort, a bug
 */
export function problemOf(error: unknown): WalError {
  if (error instanceof WalError && !OF_STORES.includes(error.code)) return error;
  throw error;
}

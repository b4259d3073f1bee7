import { type ErrorCode, WalError } from '../wal/error.js';

/** A {@link WalError} that says in its message, too, which file it is about, where that is known. */
export function fileError(code: ErrorCode, message: string, file: string | undefined): WalError {
  return new WalError(code, file === undefined ? message : `${file}: ${message}`, { file });
}

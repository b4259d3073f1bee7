import { type ErrorCode, WalError } from '../wal/error.js';
import { type Message, message } from '../wal/message.js';

/** A {@link WalError} that says in its message, too, which file it is about, where that is known. */
export function fileError(code: ErrorCode, said: Message, file: string | undefined): WalError {
  return new WalError(code, file === undefined ? said : message`${file}: ${said}`, { file });
}

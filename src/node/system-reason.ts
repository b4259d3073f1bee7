import { constants } from 'node:os';
import { Message, message } from '../wal/message.js';

/** What C says of an error of the system (`%m`), in the words of glibc. */
const REASONS: Readonly<Record<string, Message>> = {
  ENOENT: message`No such file or directory`,
  EACCES: message`Permission denied`,
  ENOTDIR: message`Not a directory`,
  EISDIR: message`Is a directory`,
  ENOSPC: message`No space left on device`,
  EDQUOT: message`Disk quota exceeded`,
  EFBIG: message`File too large`,
  EIO: message`Input/output error`,
  EBADF: message`Bad file descriptor`,
  EROFS: message`Read-only file system`,
  EPERM: message`Operation not permitted`,
  EMFILE: message`Too many open files`,
  ENFILE: message`Too many open files in system`,
};

/** What C's `%m` says of an error of the file system. */
export const systemReason = (error: unknown): string => String(reasonSaid(error));

/** {@link systemReason} before it is in a language. */
export const reasonSaid = (error: unknown): Message =>
  REASONS[systemCode(error) ?? ''] ?? new Message((error as Error).message, []);

/** The name that C has for an error of the system, also where Node calls it "Unknown system error -122". */
export function systemCode(error: unknown): string | undefined {
  const { code, errno } = error as NodeJS.ErrnoException;
  if (errno === undefined || (code !== undefined && code in constants.errno)) return code;
  return Object.entries(constants.errno).find(([, value]) => value === -errno)?.[0];
}

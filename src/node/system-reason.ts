import { constants } from 'node:os';

/** What C says of an error of the system (`%m`), in the words of glibc. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'No such file or directory',
  EACCES: 'Permission denied',
  ENOTDIR: 'Not a directory',
  EISDIR: 'Is a directory',
  ENOSPC: 'No space left on device',
  EDQUOT: 'Disk quota exceeded',
  EFBIG: 'File too large',
  EIO: 'Input/output error',
  EBADF: 'Bad file descriptor',
  EROFS: 'Read-only file system',
};

/** What C's `%m` says of an error of the file system. */
export function systemReason(error: unknown): string {
  const { code, errno = 0, message } = error as NodeJS.ErrnoException;
  return REASONS[code ?? ''] ?? REASONS[nameOf(-errno) ?? ''] ?? message;
}

/** The name of what Node calls "Unknown system error -122". */
function nameOf(number: number): string | undefined {
  return Object.entries(constants.errno).find(([, value]) => value === number)?.[0];
}

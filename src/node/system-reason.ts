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
  EPERM: 'Operation not permitted',
  EMFILE: 'Too many open files',
  ENFILE: 'Too many open files in system',
};

/** What C's `%m` says of an error of the file system. */
export function systemReason(error: unknown): string {
  return REASONS[systemCode(error) ?? ''] ?? (error as Error).message;
}

/** The name that C has for an error of the system, also where Node calls it "Unknown system error -122". */
export function systemCode(error: unknown): string | undefined {
  const { code, errno } = error as NodeJS.ErrnoException;
  if (errno === undefined || (code !== undefined && code in constants.errno)) return code;
  return Object.entries(constants.errno).find(([, value]) => value === -errno)?.[0];
}

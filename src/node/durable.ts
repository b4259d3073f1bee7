import { open } from 'node:fs/promises';
import { codeOf } from './files.js';

/** Writes a file that is not there yet, and brings it to the disk. */
export async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** What systems say that cannot open a folder, or bring none to the disk (`fsync_fname`, src/common/file_utils.c). */
const NO_SYNC = new Set(['EISDIR', 'EACCES', 'EPERM', 'EBADF', 'EINVAL']);

/** Brings to the disk which names a folder has: with that, what was renamed into it. */
export async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch (error) {
    if (!NO_SYNC.has(codeOf(error) ?? '')) throw error;
  }
}

import type { DroppedFile } from '../engine/api.js';

/** What was found in what was dropped or chosen. */
export interface Collected {
  files: DroppedFile[];
  /** What the browser would not read. */
  unreadable: { path: string; reason: string }[];
  /** There were more files than the page takes. */
  isCut: boolean;
}

/** A whole disk that was dropped by mistake ends here. */
const MOST_FILES = 200_000;

/** Of an `<input type="file">`, of files or of a folder. */
export function chosenFiles(list: FileList): Collected {
  const files = Array.from(list, (file) => ({ path: file.webkitRelativePath || file.name, file }));
  return { files: files.slice(0, MOST_FILES), unreadable: [], isCut: files.length > MOST_FILES };
}

/**
 * Of a drop: files, and what is in folders. To be called while the browser tells of the drop, after which it gives
 * nothing away any more.
 */
export async function droppedFiles(data: DataTransfer): Promise<Collected> {
  const collected: Collected = { files: [], unreadable: [], isCut: false };
  const items = Array.from(data.items).filter(({ kind }) => kind === 'file');
  const roots = items.map((item) => ({
    file: item.getAsFile(),
    entry: item.webkitGetAsEntry(),
    handle: 'getAsFileSystemHandle' in item ? handleOf(item as HandleItem) : undefined,
  }));
  for (const { file, entry, handle } of roots) {
    // of a page that was opened from a disk, Chromium gives the files of entries away by their handles only
    const root = await handle?.catch(() => undefined);
    if (root !== undefined && root !== null) await collectHandle(root, '', collected);
    else if (entry?.isDirectory) await collectEntry(entry, collected);
    else if (file !== null) add(collected, file.name, file);
  }
  return collected;
}

/** What TypeScript's DOM does not have, since not all browsers do. */
interface HandleItem {
  getAsFileSystemHandle(): Promise<FileSystemHandle | null>;
}

const handleOf = (item: HandleItem): Promise<FileSystemHandle | null> => item.getAsFileSystemHandle();

async function collectHandle(handle: FileSystemHandle, folder: string, into: Collected): Promise<void> {
  const path = folder + handle.name;
  try {
    if (handle.kind === 'file') add(into, path, await (handle as FileSystemFileHandle).getFile());
    else {
      for await (const child of (handle as FileSystemDirectoryHandle).values()) {
        if (into.isCut) return;
        await collectHandle(child, `${path}/`, into);
      }
    }
  } catch (error) {
    into.unreadable.push({ path, reason: reasonOf(error) });
  }
}

async function collectEntry(entry: FileSystemEntry, into: Collected): Promise<void> {
  const path = entry.fullPath.replace(/^\//, '');
  try {
    if (entry.isFile) {
      add(into, path, await new Promise((done, failed) => (entry as FileSystemFileEntry).file(done, failed)));
      return;
    }
    const reader = (entry as FileSystemDirectoryEntry).createReader();
    const next = (): Promise<FileSystemEntry[]> =>
      new Promise((done, failed) => reader.readEntries(done, failed));
    // which gives some at a time, none at the end
    for (let some = await next(); some.length > 0; some = await next()) {
      for (const child of some) {
        if (into.isCut) return;
        await collectEntry(child, into);
      }
    }
  } catch (error) {
    into.unreadable.push({ path, reason: reasonOf(error) });
  }
}

function add(into: Collected, path: string, file: File): void {
  if (into.files.length === MOST_FILES) into.isCut = true;
  else into.files.push({ path, file });
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

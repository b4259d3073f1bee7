import type { FolderEntry, SourceFolder } from '../sources/byte-source.js';
import type { Reading } from '../sources/reading.js';
import { givenBy, givenOnce } from '../sources/stored-bytes.js';

/** What a folder has of these names, in their order: one by one where it can tell so, else it is listed once. */
export async function lookUp(
  folder: SourceFolder,
  names: readonly string[],
  { signal }: Reading,
): Promise<(FolderEntry | undefined)[]> {
  const found: (FolderEntry | undefined)[] = names.map(() => undefined);
  if (folder.entry !== undefined) {
    for (const [i, name] of names.entries()) {
      found[i] = await givenOnce(folder.name, () => folder.entry!(name, { signal }), signal);
    }
    return found;
  }
  for await (const entry of givenBy(folder.name, () => folder.list({ signal }), signal)) {
    const at = names.indexOf(entry.name);
    if (at >= 0) found[at] = entry;
  }
  return found;
}

import type { ByteSource, SourceFolder } from '../sources/byte-source.js';
import type { Reading } from '../sources/reading.js';
import { barman } from './barman/index.js';
import { pgBackRest } from './pgbackrest/layout.js';
import type { RepositoryLayout, RepositoryPlace } from './repository.js';
import { walG } from './wal-g/index.js';

/** All layouts: a new one is a folder here, and a line. */
export const LAYOUTS: RepositoryLayout[] = [pgBackRest, barman, walG];

/** What a file or folder is of a backup tool's repository, if it is of any. @throws WalError */
export async function findRepository(
  place: ByteSource | SourceFolder,
  reading: Reading,
): Promise<RepositoryPlace | undefined> {
  for (const layout of LAYOUTS) {
    const found = await layout.find(place, reading);
    if (found !== undefined) return found;
  }
  return undefined;
}

export type { Repository, RepositoryPlace, StoredBackup, StoredTablespace, ToolName } from './repository.js';

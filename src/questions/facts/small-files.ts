import { historyFileName } from '../../cluster/history.js';
import { type ByteSource, fileNameOf } from '../../sources/byte-source.js';
import type { UsableInventory } from '../../sources/inventory.js';
import { readWhole } from '../../sources/read.js';
import type { Reading } from '../../sources/reading.js';
import { problemOf } from '../../sources/stored-bytes.js';
import type { WalError } from '../../wal/error.js';
import type { FactsStore } from './store.js';

/** The server writes a few lines into one of these. */
const LARGEST = 256 * 1024;

/** `000000010000000000000002.00000028.backup`, without what a compression adds. */
const BACKUP_NAME = /^[0-9A-F]{24}\.[0-9A-F]{8}\.backup/;

/**
 * Copies history files and `.backup` files, unpacked, for what else there is to know of the WAL.
 * @returns what could not be read, but what the inventory tells already
 */
export async function copySmallFiles(
  { histories, backups, format }: UsableInventory,
  store: FactsStore,
  reading: Reading,
): Promise<WalError[]> {
  const problems: WalError[] = [];
  for (const { name, source } of [...histories.map(asHistory), ...backups.flatMap(asBackup)]) {
    try {
      const bytes = await readWhole(source, LARGEST, reading);
      await store.putSmall(format.systemIdentifier, name, bytes);
    } catch (error) {
      const problem = problemOf(error);
      if (problem.code === 'unwritable') throw problem;
      problems.push(problem);
    }
  }
  return problems;
}

interface Named {
  name: string;
  source: ByteSource;
}

const asHistory = ({ timeline, source }: UsableInventory['histories'][number]): Named => ({
  name: historyFileName(timeline),
  source,
});

function asBackup({ kind, source }: UsableInventory['backups'][number]): Named[] {
  const [name] = BACKUP_NAME.exec(fileNameOf(source)) ?? [];
  return kind === 'backup-history' && name !== undefined ? [{ name, source }] : [];
}

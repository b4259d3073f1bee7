import { dirname } from 'node:path';
import { NODE } from '../../node/platform.js';
import { openGiven } from '../../questions/given.js';
import { readRelationNames } from '../../replay/names-of-backup.js';
import { takeUsableInventory } from '../../sources/inventory.js';
import { quoteIdentifier } from '../../text/sql-identifier.js';

/** Nobody waits longer for a word to be completed. */
const MOST_MS = 2000;

/** Where names are to be taken from. */
export interface NamesWanted {
  backup: string;
  /** Where the WAL after it is; none: beside the backup. */
  paths: readonly string[];
  /** Of this database; undefined: of all. */
  database: string | undefined;
}

/** The tables that a backup and the WAL after it tell of, as `--table` takes them; none where anything is amiss. */
export async function relationsOf({ backup, paths, database }: NamesWanted): Promise<string[]> {
  try {
    const platform = {
      ...NODE,
      reading: { ...NODE.reading, signal: AbortSignal.timeout(MOST_MS) },
    };
    const places = paths.length > 0 ? [...paths] : [dirname(backup)];
    const given = await openGiven(places, backup, platform.reading);
    const inventory = await takeUsableInventory(given.wal, platform.reading);
    const found = await readRelationNames((await given.openBackup()) ?? backup, inventory, platform);
    const tables = [...found.names.values()]
      .flatMap((names) => names.tables)
      .filter((table) => database === undefined || table.database === database)
      .map(({ schema, name }) =>
        [schema, name].map((part) => quoteIdentifier(part, inventory.format.version)),
      );
    return [...new Set(tables.map((parts) => parts.join('.')))];
  } catch {
    // whoever presses the key wants a name, and no message
    return [];
  }
}

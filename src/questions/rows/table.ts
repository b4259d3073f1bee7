import type { RelFileLocator } from '../../wal/record.js';

/** The table that rows were recovered of. */
export interface RecoveredTable {
  /** Empty where there is no backup to tell it; so is the schema. */
  database: string;
  schema: string;
  /** Its name, or its relfilenode where there is no backup to tell it. */
  name: string;
  /** Its number is 0 where the table is partitioned, and has none. */
  file: RelFileLocator;
}

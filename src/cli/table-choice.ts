import type { TableChoice } from '../replay/names-of-backup.js';
import { WalError } from '../wal/error.js';
import { message } from '../wal/message.js';

/** The options that name a table. */
export interface TableOptions {
  table?: string;
  database?: string;
  backup?: string[];
}

/**
 * The table that is asked for by its name. Whether there is the backup that this takes is known when the paths were
 * looked at.
 * @throws WalError `usage` where an option is lacking, or has no use
 */
export function tableChoice({ table, database }: Omit<TableOptions, 'backup'>): TableChoice | undefined {
  if (table === undefined) {
    if (database !== undefined) throw new WalError('usage', message`--database goes with --table only`);
    return undefined;
  }
  if (database !== undefined) return { table, database };
  throw new WalError(
    'usage',
    message`--table needs --database: the name of the database that the table is in`,
  );
}

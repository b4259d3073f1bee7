import type { TableChoice } from '../replay/names-of-backup.js';
import { WalError } from '../wal/error.js';

/** The options that name a table. */
export interface TableOptions {
  table?: string;
  database?: string;
  backup?: string;
}

/** The table that is asked for by its name. @throws WalError `usage` where an option is lacking, or has no use */
export function tableChoice({ table, database, backup }: TableOptions): TableChoice | undefined {
  if (table === undefined) {
    if (database !== undefined) throw new WalError('usage', '--database goes with --table only');
    return undefined;
  }
  if (database !== undefined && backup !== undefined) return { table, database };
  throw new WalError('usage', '--table needs --database and --backup');
}

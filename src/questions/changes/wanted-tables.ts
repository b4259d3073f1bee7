import type { ChangeReplay } from '../../replay/change-replay.js';
import { tableNamed } from '../../replay/find-table.js';
import type { LiveTable } from '../../replay/live-catalog.js';
import type { RelFileLocator } from '../../wal/record.js';

/** The options of changes that are about tables. */
interface Which {
  database?: string | undefined;
  tables?: readonly string[] | undefined;
  excludeTables?: readonly string[] | undefined;
  system?: boolean | undefined;
}

/** Of which tables changes are asked for. */
export class WantedTables {
  /** Names by which a table was found so far. */
  private readonly found = new Set<string>();

  constructor(private readonly which: Which) {}

  /** @param databaseName tells what a database is called */
  isWanted(
    table: LiveTable | undefined,
    { dbOid }: RelFileLocator,
    databaseName: (dbOid: number) => string | undefined,
  ): boolean {
    const { database, tables, excludeTables = [], system = false } = this.which;
    if (database !== undefined && databaseName(dbOid) !== database) return false;
    if (table === undefined) return tables === undefined;
    if ((table.isSystem || table.kind === 't') && !system) return false;
    const [isNamed, isExcluded] = [this.isNamed(tables, table), this.isNamed(excludeTables, table)];
    return isNamed !== false && !isExcluded;
  }

  private isNamed(names: readonly string[] | undefined, table: LiveTable): boolean | undefined {
    const meant = names?.filter((name) => isOfTable(name)(table));
    for (const name of meant ?? []) this.found.add(name);
    return meant && meant.length > 0;
  }

  /** The names by which there was no table that changed, and there is none at the end of what was read. */
  unknown(machine: ChangeReplay): string[] {
    const { tables = [], excludeTables = [] } = this.which;
    return [...tables, ...excludeTables].filter(
      (name) => !this.found.has(name) && !machine.hasTable(tableNamed(name)),
    );
  }
}

/** Whether a table is that of a name, a partition of it or one that inherits from it. */
function isOfTable(name: string): (table: LiveTable) => boolean {
  const isNamed = tableNamed(name);
  return (table) => isNamed(table) || table.ancestors.some(isNamed);
}

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
  /** A table changed in the database. */
  private hasDatabase = false;

  constructor(private readonly which: Which) {}

  /** @param databaseName tells what a database is called */
  isWanted(
    table: LiveTable | undefined,
    { dbOid }: RelFileLocator,
    databaseName: (dbOid: number) => string | undefined,
  ): boolean {
    const { database, tables, excludeTables = [], system = false } = this.which;
    if (database !== undefined && databaseName(dbOid) !== database) return false;
    this.hasDatabase = true;
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

  /** Whether nothing changed in the database that is asked for, and there is none of its name at the end of what was read. */
  isUnknownDatabase(machine: ChangeReplay): boolean {
    const { database } = this.which;
    return database !== undefined && !this.hasDatabase && !machine.databases().includes(database);
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

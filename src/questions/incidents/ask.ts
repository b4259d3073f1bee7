import { filesOfTable, readRelationNames, type TableChoice } from '../../replay/names-of-backup.js';
import { takeInventoryFor } from '../../replay/wal-of-backup.js';
import { formatLocator } from '../../rmgr/locator.js';
import { type Inputs, inputsOf, nameOfInput } from '../../sources/input.js';
import { ask, type QuestionOptions } from '../asking.js';
import type { Platform } from '../platform.js';
import { scanInto } from '../scan-segments.js';
import { unusedSegments } from '../unused-segments.js';
import { type IncidentsResult, IncidentsRun, withNames } from './run.js';
import type { IncidentQuery } from './search.js';

/** Which incidents to look for, and how. */
export interface IncidentsOptions extends Omit<IncidentQuery, 'relations'>, QuestionOptions {
  /** What happened to this table only, which needs a backup. */
  table?: TableChoice | undefined;
}

/** See `questions/portable.ts`. */
export async function findIncidents(
  inputs: Inputs,
  options: IncidentsOptions,
  platform: Platform,
): Promise<IncidentsResult> {
  const { backup, table, minRows, since, until, all } = options;
  return ask(options, platform, async (asking) => {
    const given = [...inputsOf(inputs)];
    const inventory = await takeInventoryFor(backup, given, asking.reading);
    asking.enter('names');
    const found = backup === undefined ? undefined : await readRelationNames(backup, inventory, asking);
    const files = table && filesOfTable(found, table).map(formatLocator);
    const query = { minRows, since, until, all, relations: files && new Set(files) };
    const run = new IncidentsRun(inventory, query, found?.names);
    const known = [...inventory.problems, ...unusedSegments(inventory), ...(found?.problems ?? [])];
    for (const problem of known) run.problems.push(problem);
    await scanInto(run, 'incidents', inventory.format, asking);
    const places = given.map(nameOfInput);
    const result = { ...run.finish(), places, backup: backup && nameOfInput(backup) };
    if (!found) return result;
    const names = new Map([...found.names.values()].flatMap((one) => [...one.all]));
    const databases = new Map([...found.names.values()].flatMap((one) => [...one.databases]));
    return { ...withNames(result, names, all === true || table !== undefined), databases };
  });
}

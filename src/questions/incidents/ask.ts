import { filesOfTable, readRelationNames, type TableChoice } from '../../replay/names-of-backup.js';
import { takeInventoryFor } from '../../replay/wal-of-backup.js';
import { formatLocator } from '../../rmgr/locator.js';
import { type Inputs, inputsOf, nameOfInput } from '../../sources/input.js';
import { ask, type QuestionOptions } from '../asking.js';
import { candidateForNames, openGiven } from '../given.js';
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
  const { backup, table, minRows, since, until } = options;
  return ask(options, platform, async (asking) => {
    const all = [...inputsOf(inputs)];
    const given = await openGiven(all, backup, asking.reading);
    const asked = await given.openBackup();
    const inventory = await takeInventoryFor(asked, given.wal, asking.reading);
    asking.enter('names');
    const chosen = given.chosen ?? candidateForNames(given, inventory);
    const opened = asked ?? (await chosen?.stored.open());
    const found = opened === undefined ? undefined : await readRelationNames(opened, inventory, asking);
    const files = table && filesOfTable(found, table).map(formatLocator);
    const query = { minRows, since, until, all: options.all, relations: files && new Set(files) };
    const run = new IncidentsRun(inventory, query, found?.names);
    const known = [...inventory.problems, ...unusedSegments(inventory), ...(found?.problems ?? [])];
    for (const problem of known) run.problems.push(problem);
    await scanInto(run, 'incidents', inventory.format, asking);
    const places = all.map(nameOfInput);
    const named = chosen?.stored.name ?? (backup && nameOfInput(backup));
    const result = { ...run.finish(), places, backup: named };
    if (!found) return result;
    const databases = new Map([...found.names.values()].flatMap((one) => [...one.databases]));
    const isAll = options.all === true || table !== undefined;
    return { ...withNames(result, [...found.names.values()], isAll), databases };
  });
}

import {
  filesOfTable,
  type NamesFound,
  readRelationNames,
  type TableChoice,
} from '../../replay/names-of-backup.js';
import { formatLocator } from '../../rmgr/locator.js';
import type { Backup } from '../../sources/backup-parts.js';
import { type Inputs, inputsOf, nameOfInput } from '../../sources/input.js';
import type { UsableInventory } from '../../sources/inventory.js';
import { problemOf } from '../../sources/stored-bytes.js';
import { WalError } from '../../wal/error.js';
import { message } from '../../wal/message.js';
import { type Asking, ask, type FactsOptions, type QuestionOptions } from '../asking.js';
import { checkWindow } from '../changes/window.js';
import { takeFactsIn } from '../facts/take.js';
import {
  type ChosenBackup,
  candidateForNames,
  candidatesIfAny,
  checkBackup,
  nameOfChosen,
  openGiven,
} from '../given.js';
import { checkNamesHaveWal, takeNamedStock } from '../named-stock.js';
import type { Platform } from '../platform.js';
import { scanIntoRolledUp } from '../scan-rolled-up.js';
import { newestSoFar } from '../so-far.js';
import { unusedSegments } from '../unused-segments.js';
import { walReach } from '../wal-reach.js';
import { findWhoIfAsked, type LogOptions } from '../who/ask.js';
import { askedTransactions } from './asked.js';
import type { Incident } from './incident.js';
import { type IncidentsResult, IncidentsRun, withNames } from './run.js';
import type { IncidentQuery } from './search.js';
import { incidentSoFar } from './so-far.js';

/** Which incidents to look for, and how. */
export interface IncidentsOptions
  extends Omit<IncidentQuery, 'relations'>,
    Omit<QuestionOptions, 'backup'>,
    FactsOptions,
    LogOptions {
  /** As of every question; `false`: none, although the repository that is given has some, of which to read names takes long. */
  backup?: Inputs | false | undefined;
  /** What happened to this table only, which needs a backup. */
  table?: TableChoice | undefined;
}

/** See `questions/portable.ts`. */
export async function findIncidents(
  inputs: Inputs,
  options: IncidentsOptions,
  platform: Platform,
): Promise<IncidentsResult> {
  const { table, minRows, since, until } = options;
  checkWindow({ since, until });
  const backup = options.backup === false ? undefined : options.backup;
  return ask({ ...options, backup }, platform, async (asking) => {
    const all = [...inputsOf(inputs)];
    const facts = await takeFactsIn(options.facts, asking.reading);
    const given = { ...(await openGiven(all, backup, asking.reading)), facts };
    if (table !== undefined) await checkBackup(backup, given);
    const asked = await given.openBackup();
    const candidates = await candidatesIfAny(given);
    const bounds = { since, until, withPast: true };
    const isNeeded = table !== undefined;
    const named = options.backup === false ? [] : candidates.found;
    const stock = await takeNamedStock(given, bounds, asked, named, isNeeded, asking.reading);
    const { inventory } = stock;
    asking.enter('names');
    const fitting = stock.chosen ?? candidateForNames(candidates.found, inventory, isNeeded);
    const chosen = options.backup === false ? undefined : fitting;
    const lacking = options.backup === false ? undefined : candidates.problem;
    const names =
      asked === undefined
        ? await namesOf(chosen, lacking, inventory, table, asking)
        : { found: await namesIn(asked, inventory, asking), problem: undefined };
    const { found } = names;
    const files = table && filesOfTable(found, table).map(formatLocator);
    const query = { minRows, since, until, all: options.all, relations: files && new Set(files) };
    const run = new IncidentsRun(inventory, query, found?.names);
    const known = [...inventory.problems, ...unusedSegments(inventory), ...(found?.problems ?? [])];
    for (const problem of [...known, ...(names.problem ? [names.problem] : [])]) run.problems.push(problem);
    asking.soFar = () =>
      newestSoFar(run.lastSoFar.filter((one) => isTold(one, found, options)).map(incidentSoFar));
    await scanIntoRolledUp(run, 'incidents', inventory.format, asking);
    const fits = fitting && [fitting.stored.name];
    const backups = backup === undefined ? fits : [...inputsOf(backup)].map(nameOfInput);
    const finished = run.finish();
    const isEmpty = finished.incidents.length === 0;
    const result = {
      ...finished,
      reach: isEmpty ? await walReach(inventory, asking.reading) : undefined,
      places: all.length === 0 ? undefined : all.map(nameOfInput),
      backups,
      facts: options.facts === undefined ? undefined : nameOfInput(options.facts),
      storedBackup: nameOfChosen(chosen),
    };
    return withLogs(found ? withNamesOf(result, found, options) : result, options, asking);
  });
}

/** Whether it is in the answer, too: what a TOAST table lost is told of its table. */
const isTold = (
  incident: Incident,
  found: NamesFound | undefined,
  { all, table }: IncidentsOptions,
): boolean =>
  all === true ||
  table !== undefined ||
  !('relation' in incident) ||
  [...(found?.names.values() ?? [])].every((one) => one.all.get(incident.relation)?.schema !== 'pg_toast');

function withNamesOf(
  result: IncidentsResult,
  { names }: NamesFound,
  { all, table }: IncidentsOptions,
): IncidentsResult {
  const told = [...names.values()];
  const databases = new Map(told.flatMap((one) => [...one.databases]));
  return { ...withNames(result, told, all === true || table !== undefined), databases };
}

async function withLogs(
  result: IncidentsResult,
  options: LogOptions,
  asking: Asking,
): Promise<IncidentsResult> {
  const { incidents, names } = result;
  const logs = await findWhoIfAsked(() => askedTransactions(incidents, names), options, asking);
  return logs === undefined ? result : { ...result, logs, problems: [...result.problems, ...logs.problems] };
}

/**
 * The names that a backup tells which nobody asked for: where it cannot be read, what is asked about numbers has its
 * answer all the same.
 * @param lacking why there is none, where that is not as it should be
 */
async function namesOf(
  chosen: ChosenBackup | undefined,
  lacking: WalError | undefined,
  inventory: UsableInventory,
  table: TableChoice | undefined,
  asking: Asking,
): Promise<{ found: NamesFound | undefined; problem: WalError | undefined }> {
  if (chosen === undefined) return { found: undefined, problem: lacking && namesUnknown(lacking) };
  try {
    const found = await namesIn(await chosen.stored.open(), inventory, asking);
    return { found, problem: undefined };
  } catch (error) {
    if (table !== undefined) throw error;
    return { found: undefined, problem: namesUnknown(problemOf(error)) };
  }
}

async function namesIn(backup: Backup, inventory: UsableInventory, asking: Asking): Promise<NamesFound> {
  await checkNamesHaveWal(backup, inventory);
  return readRelationNames(backup, inventory, asking);
}

function namesUnknown(cause: WalError): WalError {
  const { said, file, lsn } = cause;
  const what = message`the names of relations are not known: ${said}`;
  return new WalError('incomplete-names', what, { file, lsn, cause });
}

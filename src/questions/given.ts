import { goesThrough, missingWithin, timelineChain, timelinesOf } from '../cluster/chain.js';
import type { StopTarget } from '../replay/recovery.js';
import { backupProblems } from '../repos/backup-problems.js';
import { findRepository, type Repository, type StoredBackup, type ToolName } from '../repos/index.js';
import { openBackup } from '../sources/backup.js';
import type { Backup } from '../sources/backup-parts.js';
import type { ByteSource, SourceFolder } from '../sources/byte-source.js';
import { combineBackups } from '../sources/combined-backup.js';
import { type Input, type Inputs, inputsOf, openInput } from '../sources/input.js';
import type { UsableInventory } from '../sources/inventory.js';
import type { Reading } from '../sources/reading.js';
import { problemOf } from '../sources/stored-bytes.js';
import { listed } from '../text/listed.js';
import { printable } from '../text/printable.js';
import { WalError } from '../wal/error.js';
import { type Message, message } from '../wal/message.js';

/** A backup out of a repository. */
export interface ChosenBackup {
  repository: Repository;
  stored: StoredBackup;
}

/** A base backup out of a repository that an answer is out of. */
export interface StoredBackupName {
  tool: ToolName;
  /** As the tool names it. */
  name: string;
  /** The repository, or the part of it that is of its cluster alone: a path or whatever was given. */
  repository: string;
}

/** Names a backup in an answer. */
export function nameOfChosen(chosen: ChosenBackup): StoredBackupName;
export function nameOfChosen(chosen: ChosenBackup | undefined): StoredBackupName | undefined;
export function nameOfChosen(chosen: ChosenBackup | undefined): StoredBackupName | undefined {
  if (chosen === undefined) return undefined;
  const { repository, stored } = chosen;
  return { tool: repository.tool, name: stored.name, repository: repository.name };
}

/** The line by which answers in text name a backup of a repository. */
export const backupSaid = ({ name, repository }: StoredBackupName): Message =>
  message`Backup: ${printable(name)} of ${printable(repository)}`;

/** What was given to a question, once it is known which of it are repositories of backup tools. */
export interface Given {
  /** Where the WAL is: of repositories only their WAL. Where no input was given, that of the repository of the backup. */
  wal: (ByteSource | SourceFolder)[];
  /** The backup that was asked for, where it is one of a repository. */
  chosen: ChosenBackup | undefined;
  /** Opens the backup that was asked for, wherever it is. */
  openBackup(): Promise<Backup | undefined>;
  /**
   * Where none was asked for: those of the repository that was given, the newest first. What asks for none of them has
   * no need of a list that can be read.
   * @throws WalError what is wrong with the list
   */
  candidates(): Promise<ChosenBackup[]>;
  repositories: readonly Repository[];
  /** Of a repository not all WAL is meant. */
  isPart: boolean;
}

/** What stands for the newest backup of a repository. */
const LATEST = 'latest';

/**
 * Opens what was given. A backup may be named as its tool names it; several are an incremental one and those that it
 * builds on.
 * @throws WalError `unreadable`, `not-a-backup`; `several-clusters`, `unknown-backup`, and what is wrong with a repository
 */
export async function openGiven(
  inputs: Inputs,
  backup: Inputs | undefined,
  reading: Reading,
): Promise<Given> {
  const places = await openPlaces(inputs, reading);
  const asked = await askedBackup(places, backup, reading);
  const own = asked.chosen?.repository;
  const given = places.flatMap((place) => (own === undefined ? place.wal : walOf(place, own)));
  const wal = places.length === 0 && own !== undefined ? [...own.wal] : given;
  const found = places.flatMap(({ repositories }) => repositories);
  const repositories = own ? found.filter((one) => isSameCluster(one, own)) : found;
  if (own === undefined) checkOneCluster(repositories);
  const isOpen = backup === undefined && own === undefined;
  let listed: Promise<ChosenBackup[]> | undefined;
  const candidates = (): Promise<ChosenBackup[]> => {
    listed ??= newestFirst(isOpen ? repositories : []);
    return listed;
  };
  return { ...asked, wal, candidates, repositories, isPart: places.some((place) => place.isPart) };
}

/** One of the inputs. */
interface Place {
  wal: (ByteSource | SourceFolder)[];
  repositories: readonly Repository[];
  /** The backup that it is part of. */
  backup: string | undefined;
  /** Not all of the repository's WAL is meant. */
  isPart: boolean;
}

async function openPlaces(inputs: Inputs, reading: Reading): Promise<Place[]> {
  const places: Place[] = [];
  let number = 0;
  for (const input of inputsOf(inputs)) {
    const opened = await openInput(input, reading, ++number);
    const found = await findRepository(opened, reading);
    if (found === undefined) {
      places.push({ wal: [opened], repositories: [], backup: undefined, isPart: false });
      continue;
    }
    const { repositories, backup, wal } = found;
    const all = wal ?? repositories.flatMap((one) => one.wal);
    places.push({ wal: [...all], repositories, backup, isPart: wal !== undefined });
  }
  return places;
}

type Asked = Pick<Given, 'chosen' | 'openBackup'>;

async function askedBackup(
  places: readonly Place[],
  backup: Inputs | undefined,
  reading: Reading,
): Promise<Asked> {
  if (backup === undefined) {
    const place = places.find((one) => one.backup !== undefined);
    if (place === undefined) return { chosen: undefined, openBackup: async () => undefined };
    return choice(await backupOfPlace(place.backup!, place.repositories));
  }
  const all: Asked[] = [];
  for (const one of inputsOf(backup)) all.push(await oneBackup(places, one, reading));
  if (all.length === 0)
    throw new WalError('usage', message`no base backup is given: the list of them is empty`);
  return all.length === 1 ? all[0] : { chosen: undefined, openBackup: () => combined(all, reading) };
}

async function combined(all: readonly Asked[], reading: Reading): Promise<Backup> {
  const chain: Backup[] = [];
  for (const { openBackup } of all) chain.push((await openBackup())!);
  return combineBackups(chain, reading);
}

async function oneBackup(places: readonly Place[], backup: Input, reading: Reading): Promise<Asked> {
  const repositories = places.flatMap((place) => place.repositories);
  // one whose backups cannot be listed is no matter to a path
  const closed = typeof backup !== 'string' || backup === LATEST ? undefined : await unlisted(repositories);
  const isName = typeof backup === 'string' && closed === undefined;
  const named = isName ? await backupNamed(backup, repositories) : undefined;
  if (named !== undefined) return choice(named);
  const place = await openInput(backup, reading).catch((error: unknown) => {
    if (closed !== undefined) throw closed;
    if (typeof backup === 'string' && repositories.length > 0)
      throw unknownBackup(backup, repositories, error);
    throw error;
  });
  const found = await findRepository(place, reading);
  if (found === undefined) return { chosen: undefined, openBackup: () => openBackup(place, reading) };
  checkOneCluster(found.repositories);
  return choice(await backupOfPlace(found.backup ?? LATEST, found.repositories));
}

/** Why the backups of one of these are not known. */
async function unlisted(repositories: readonly Repository[]): Promise<WalError | undefined> {
  try {
    for (const repository of repositories) await repository.backups();
    return undefined;
  } catch (error) {
    return problemOf(error);
  }
}

const choice = (chosen: ChosenBackup): Asked => ({ chosen, openBackup: () => chosen.stored.open() });

/** @throws WalError `unknown-backup`, and what is wrong with it */
async function backupOfPlace(name: string, repositories: readonly Repository[]): Promise<ChosenBackup> {
  const chosen = await backupNamed(name, repositories);
  if (chosen === undefined) throw unknownBackup(name, repositories);
  return chosen;
}

/** The backup of this name; `latest` is the newest that can be restored. */
async function backupNamed(
  name: string,
  repositories: readonly Repository[],
): Promise<ChosenBackup | undefined> {
  if (name === LATEST) {
    if (repositories.length > 0) checkOneCluster(repositories);
    const [newest] = await newestFirst(repositories);
    if (newest !== undefined || repositories.length === 0) return newest;
    throw await nothingToRestore(repositories);
  }
  const found: ChosenBackup[] = [];
  for (const repository of repositories) {
    const stored = (await repository.backups()).find((one) => one.name === name);
    if (stored) found.push({ repository, stored });
  }
  const [first] = found;
  checkOneCluster(
    found.map((one) => one.repository),
    message`several clusters have a backup ${name}`,
    message`give the path of one of them`,
  );
  const sound = found.find(({ stored }) => stored.problem === undefined);
  if (first !== undefined && sound === undefined) throw first.stored.problem;
  return sound;
}

/**
 * Those that can be restored. A higher timeline is newer wherever it is in the WAL: one to which a server was recovered
 * begins before the end of the one that was given up. Where that is not known of a backup, it is one of the last.
 */
async function newestFirst(repositories: readonly Repository[]): Promise<ChosenBackup[]> {
  const all: ChosenBackup[] = [];
  for (const repository of repositories) {
    const problems = await backupProblems(repository);
    for (const stored of await repository.backups()) {
      if (!problems.has(stored.name)) all.push({ repository, stored });
    }
  }
  const order = ({ stored: a }: ChosenBackup, { stored: b }: ChosenBackup): number =>
    (b.timeline ?? 0) - (a.timeline ?? 0) || Number((b.startLsn ?? 0n) - (a.startLsn ?? 0n));
  return all.sort(order);
}

/** A stanza's clusters before and after an upgrade have one name where there is none of their WAL. */
function isSameCluster(a: Repository, b: Repository): boolean {
  const isKnown = a.systemIdentifier !== undefined && b.systemIdentifier !== undefined;
  if (!isKnown) return a === b || a.name === b.name;
  return a.systemIdentifier === b.systemIdentifier && a.version === b.version;
}

function walOf(place: Place, own: Repository): (ByteSource | SourceFolder)[] {
  if (place.isPart || place.repositories.length === 0) return place.wal;
  return place.repositories.filter((one) => isSameCluster(one, own)).flatMap((one) => one.wal);
}

/**
 * For a question that cannot do without a backup.
 * @throws WalError `no-backup`, `unknown-backup`
 */
export async function checkBackup(
  asked: Inputs | undefined,
  { chosen, candidates, repositories }: Given,
): Promise<void> {
  if (asked !== undefined || chosen !== undefined || (await candidates()).length > 0) return;
  if (repositories.length > 0) throw await nothingToRestore(repositories);
  const text = message`a table can be found by its name only with a base backup: give --backup, or a repository of pgBackRest, Barman or WAL-G that has one`;
  throw new WalError('no-backup', text);
}

/**
 * For a question that has an answer without a backup: the candidates, or why there are none although the repositories
 * have backups.
 */
export async function candidatesIfAny({
  candidates,
  repositories,
}: Pick<Given, 'candidates' | 'repositories'>): Promise<{
  found: ChosenBackup[];
  problem: WalError | undefined;
}> {
  try {
    const found = await candidates();
    const isLost = found.length === 0 && (await hasDamaged(repositories));
    return { found, problem: isLost ? await nothingToRestore(repositories) : undefined };
  } catch (error) {
    return { found: [], problem: problemOf(error) };
  }
}

/** Whether there are backups that are of no use for more than that they failed, or are encrypted. */
async function hasDamaged(repositories: readonly Repository[]): Promise<boolean> {
  for (const repository of repositories) {
    const problems = [...(await backupProblems(repository)).values()];
    if (problems.some(({ kind }) => kind !== 'usage')) return true;
  }
  return false;
}

/** So many reasons are told in a message. */
const MOST_REASONS = 3;

/** Why repositories have no backup to go on with, with reasons of those that are there. */
export async function nothingToRestore(repositories: readonly Repository[]): Promise<WalError> {
  const [{ name: file }] = repositories;
  const reasons: Message[] = [];
  for (const repository of repositories) {
    for (const [name, { message: text, said }] of await backupProblems(repository)) {
      reasons.push(text.includes(name) ? said : message`${name}: ${said}`);
    }
  }
  const none = message`there is no backup in ${file} that could be restored`;
  const text = reasons.length === 0 ? none : message`${none}: ${listed(reasons, MOST_REASONS, '; ')}`;
  return new WalError('unknown-backup', text, { file });
}

/** So many are named in a message. */
const MOST_NAMED = 20;

/** @throws WalError `several-clusters` */
function checkOneCluster(
  repositories: readonly Repository[],
  what = message`there are several clusters in what was given`,
  advice = message`give one of these paths, or a backup of one by its name`,
): void {
  const [first] = repositories;
  if (first === undefined || repositories.every((one) => isSameCluster(one, first))) return;
  const all = repositories.map(({ name, version, systemIdentifier }) => {
    const what = version === undefined ? message`a version that is not known` : `PostgreSQL ${version}`;
    return systemIdentifier === undefined
      ? message`${name} (${what})`
      : message`${name} (${what}, system identifier ${systemIdentifier})`;
  });
  const text = message`${what}: ${listed(all, MOST_NAMED)}; ${advice}`;
  throw new WalError('several-clusters', text);
}

function unknownBackup(name: string, repositories: readonly Repository[], cause?: unknown): WalError {
  const places = listed(
    repositories.map((one) => one.name),
    MOST_NAMED,
  );
  const text = message`there is no backup ${name} in ${places}, and no file or folder of that name; walscan archive lists the backups`;
  return new WalError('unknown-backup', text, { file: name, cause });
}

/** Whether recovery from a backup can stop at a target, as far as the tool's own files tell. */
function isBefore({ stored }: ChosenBackup, target: StopTarget): boolean {
  const { endLsn, stopTime } = stored;
  switch (target.kind) {
    case 'lsn':
      return endLsn === undefined || endLsn <= target.lsn;
    case 'time':
      return stopTime === undefined || stopTime <= target.time;
    default:
      return true;
  }
}

/** The backups to try for a target, one after the other: where all come after it, the oldest says so. */
export function candidatesFor(target: StopTarget, candidates: readonly ChosenBackup[]): ChosenBackup[] {
  const before = candidates.filter((one) => isBefore(one, target));
  return before.length > 0 ? before : candidates.slice(-1);
}

/**
 * Opens one of several backups that would do.
 * @param passedOver where it cannot be opened, is told why
 */
export async function openCandidate(
  { stored }: ChosenBackup,
  passedOver: WalError[],
): Promise<Backup | undefined> {
  try {
    return await stored.open();
  } catch (error) {
    passedOver.push(passOver(stored, problemOf(error)));
    return undefined;
  }
}

/** What is told of a backup that another one is taken for. */
export function passOver({ name }: StoredBackup, cause: WalError): WalError {
  const { code, said, file, lsn } = cause;
  return new WalError(code, message`${said}; the backup ${name} was passed over`, { file, lsn, cause });
}

/**
 * In the same order, but first those that the newest timeline goes through: an answer out of another one is that of a
 * timeline that was given up.
 */
export function byNewestTimeline(
  candidates: readonly ChosenBackup[],
  inventory: UsableInventory,
): ChosenBackup[] {
  const chains = newestChains(inventory);
  const rank = ({ stored: { startLsn, timeline } }: ChosenBackup): number => {
    if (startLsn === undefined || timeline === undefined) return chains.length;
    const at = chains.findIndex((chain) => goesThrough(chain, { startLsn, timeline }));
    return at < 0 ? chains.length : at;
  };
  const ranked = candidates.map((candidate) => ({ candidate, rank: rank(candidate) }));
  return ranked.sort((a, b) => a.rank - b.rank).map(({ candidate }) => candidate);
}

const newestChains = (inventory: UsableInventory) =>
  timelinesOf(inventory)
    .reverse()
    .map((timeline) => timelineChain(inventory, timeline));

/**
 * The oldest backup from which the WAL goes on to its end without a gap: its catalogs, replayed, tell the most names.
 * Where there is none, the newest that a timeline goes through.
 * @param isNeeded where there is none either, the newest of all, with which what is asked for fails and says why
 */
export function candidateForNames(
  candidates: readonly ChosenBackup[],
  inventory: UsableInventory,
  isNeeded: boolean,
): ChosenBackup | undefined {
  const chains = newestChains(inventory);
  const isFollowed = ({ stored }: ChosenBackup, isWhole: boolean): boolean => {
    const { startLsn, timeline } = stored;
    if (startLsn === undefined || timeline === undefined) return false;
    return chains.some((chain) => {
      const end = chain.segments.at(-1)?.end;
      if (end === undefined || end <= startLsn || !goesThrough(chain, { startLsn, timeline })) return false;
      return !isWhole || missingWithin(chain, startLsn, end, inventory.format).length === 0;
    });
  };
  return (
    candidates.findLast((one) => isFollowed(one, true)) ??
    candidates.find((one) => isFollowed(one, false)) ??
    (isNeeded ? candidates[0] : undefined)
  );
}

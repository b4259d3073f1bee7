import { WalError } from '../wal/error.js';
import { type Message, message } from '../wal/message.js';
import type { Repository, StoredBackup } from './repository.js';

/** The backup that another one builds on and cannot: it has a problem of its own, or is not there (`why` undefined). */
interface Broken {
  name: string;
  why: Message | undefined;
}

/**
 * Why backups of a repository cannot be restored, by their names: what is wrong with them, or with those that they build
 * on. A hostile repository may have them go round in circles.
 * @throws WalError as {@link Repository.backups}
 */
export async function backupProblems(repository: Repository): Promise<ReadonlyMap<string, WalError>> {
  const backups = await repository.backups();
  const byName = new Map(backups.map((one) => [one.name, one]));
  const parents = new Map<StoredBackup, Broken | undefined>();
  for (const backup of backups) learnParents(backup, byName, parents);
  const problems = new Map<string, WalError>();
  for (const backup of backups) {
    const broken = parents.get(backup);
    const problem = backup.problem ?? (broken && problemOfParent(backup, broken, repository));
    if (problem !== undefined) problems.set(backup.name, problem);
  }
  return problems;
}

/** Adds what is wrong with all that a backup builds on. Each is looked at once, however many build on it. */
function learnParents(
  backup: StoredBackup,
  byName: ReadonlyMap<string, StoredBackup>,
  known: Map<StoredBackup, Broken | undefined>,
): void {
  const chain = new Set<StoredBackup>();
  for (let one: StoredBackup | undefined = backup; one && !known.has(one) && !chain.has(one); ) {
    chain.add(one);
    one = one.parent === undefined ? undefined : byName.get(one.parent);
  }
  for (const one of [...chain].reverse()) known.set(one, brokenParent(one, byName, known));
}

/** @param known of those that it builds on, but where these build on itself */
function brokenParent(
  { parent: name }: StoredBackup,
  byName: ReadonlyMap<string, StoredBackup>,
  known: ReadonlyMap<StoredBackup, Broken | undefined>,
): Broken | undefined {
  if (name === undefined) return undefined;
  const parent = byName.get(name);
  if (parent === undefined) return { name, why: undefined };
  if (parent.problem !== undefined) return { name, why: parent.problem.said };
  return known.has(parent) ? known.get(parent) : { name, why: message`and that on itself` };
}

function problemOfParent({ name }: StoredBackup, broken: Broken, { name: file }: Repository): WalError {
  const why = broken.why === undefined ? message`is not there` : message`cannot be restored: ${broken.why}`;
  const text = message`the backup ${name} of ${file} builds on ${broken.name}, which ${why}`;
  return new WalError('missing-backup', text, { file });
}

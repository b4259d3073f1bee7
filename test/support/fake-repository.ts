import { LAYOUTS, type Repository, type StoredBackup } from '../../src/repos/index.js';
import { NOTHING_KNOWN, type RepositoryPlace } from '../../src/repos/repository.js';
import { noBackup } from '../../src/sources/backup-parts.js';

/** Repositories that are what a test says, by the names of the places that lead to them, of which no other test has any. */
const places = new Map<string, RepositoryPlace>();

LAYOUTS.unshift({ tool: 'barman', find: async ({ name }) => places.get(name) });

/** @param backups with what is known of them; the rest is not */
export function fakeRepository(
  name: string,
  backups: readonly (Partial<StoredBackup> & Pick<StoredBackup, 'name'>)[],
  repository: Partial<Repository>,
): Repository {
  const all = backups.map((backup) => ({
    ...NOTHING_KNOWN,
    open: async () => noBackup(backup.name),
    ...backup,
  }));
  const made: Repository = {
    tool: 'barman',
    name,
    cluster: undefined,
    version: undefined,
    systemIdentifier: undefined,
    wal: [],
    backups: async () => all,
    ...repository,
  };
  places.set(name, { repositories: [made] });
  return made;
}

/** A place that leads to something of a repository, or of several. */
export function fakePlace(name: string, place: RepositoryPlace): void {
  places.set(name, place);
}

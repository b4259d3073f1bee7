import type { Repository, StoredBackup } from '../../src/repos/index.js';
import type { RepositoryPlace } from '../../src/repos/repository.js';
import { noBackup } from '../../src/sources/backup-parts.js';
import type { ByteSource, SourceFolder } from '../../src/sources/byte-source.js';

/**
 * Repositories that are what a test says, by the names of the places that lead to them. Where a test mocks
 * `src/repos/index.js`, {@link findFake} is to stand for `findRepository`.
 */
const places = new Map<string, RepositoryPlace>();

export async function findFake(place: ByteSource | SourceFolder): Promise<RepositoryPlace | undefined> {
  return places.get(place.name);
}

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

const NOTHING_KNOWN = {
  type: 'full',
  parent: undefined,
  startLsn: undefined,
  endLsn: undefined,
  timeline: undefined,
  startTime: undefined,
  stopTime: undefined,
  size: undefined,
  storedSize: undefined,
  problem: undefined,
} as const;

import type { WalFormat } from '../../reader/segment.js';
import type { Pages } from '../../replay/block-store.js';
import { CATALOG_OIDS } from '../../replay/catalog.js';
import { ChangeReplay } from '../../replay/change-replay.js';
import { CATALOGS_READ } from '../../replay/live-catalog.js';
import { loadClusterFiles, loadRelations } from '../../replay/load-backup.js';
import { ReplayedRelation } from '../../replay/replayed-relation.js';
import { formatLocator } from '../../rmgr/locator.js';
import { type Inputs, inputsOf } from '../../sources/input.js';
import { ManifestCheck } from '../../sources/manifest-check.js';
import { WalError } from '../../wal/error.js';
import { message } from '../../wal/message.js';
import type { Asking } from '../asking.js';
import { openGiven } from '../given.js';

/** The catalogs of a backup, or a data folder, of another time than the WAL's, as they lie there. */
export class LaterCatalogs {
  private constructor(
    readonly machine: ChangeReplay,
    readonly problems: readonly WalError[],
  ) {}

  /** @throws WalError `foreign-cluster`, and what opening a backup throws */
  static async read(
    catalog: Inputs,
    format: WalFormat,
    asking: Asking,
    pages: Pages,
  ): Promise<LaterCatalogs> {
    const problems: WalError[] = [];
    const given = await openGiven([], [...inputsOf(catalog)], asking.reading);
    const backup = await given.openBackup();
    if (backup === undefined) throw new WalError('not-a-backup', message`no catalogs are given`);
    const check = await ManifestCheck.of(backup);
    const usual = new Set<number>([...CATALOGS_READ, CATALOG_OIDS.database]);
    const loaded = new Map<string, ReplayedRelation>();
    const files = await loadClusterFiles(
      backup,
      check,
      (file) => {
        if (!usual.has(file.relNumber)) return undefined;
        const key = formatLocator(file);
        const relation = loaded.get(key) ?? new ReplayedRelation(file, pages.newStore(), false, pages);
        loaded.set(key, relation);
        return relation;
      },
      (problem) => problems.push(problem),
    );
    const { version, control } = files;
    if (version !== format.version || control.systemIdentifier !== format.systemIdentifier) {
      throw new WalError(
        'foreign-cluster',
        message`the catalogs of ${backup.name} and the WAL are of different clusters`,
      );
    }
    const machine = new ChangeReplay({
      ...{ version, files, pages },
      load: (wanted) =>
        loadRelations(
          backup,
          check,
          wanted.map(({ relation }) => relation),
          files.hasChecksums,
        ),
      isWanted: () => false,
      withSystem: false,
    });
    for (const relation of loaded.values()) machine.addLoaded(relation);
    await machine.loadCatalogs();
    return new LaterCatalogs(machine, problems);
  }
}

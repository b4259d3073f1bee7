import { notFoundIn } from '../../follow/wal-problems.js';
import { formatLocator } from '../../rmgr/locator.js';
import { listed } from '../../text/listed.js';
import { WalError } from '../../wal/error.js';
import { formatLsn } from '../../wal/lsn.js';
import { message } from '../../wal/message.js';
import type { RelFileLocator } from '../../wal/record.js';
import type { DatabaseDropFound, RemovalFound } from '../find-commit/search.js';
import { REMOVED } from '../removed.js';
import type { RowsScanned } from './scan.js';

/** Without a backup: which relation is meant, and what the WAL alone tells of it. */

/** @throws WalError `not-logged` of a relation of which the WAL tells that, and no row */
export function checkIsLogged({ files, found, others }: RowsScanned): void {
  const unlogged = found.find((one) => one.unlogged && !others.has(one.relation));
  if (files.length > 0 || unlogged === undefined) return;
  throw new WalError(
    'not-logged',
    message`${unlogged.relation} is an unlogged table: neither WAL nor base backups have its rows`,
  );
}

/** So many relations are named in a message. */
const MOST_NAMED = 20;

/**
 * The one relation that the WAL has changes of.
 * @throws WalError `unknown-table`, `incomplete-wal` where it may be in what is missing, `no-backup`, `ambiguous-table`
 */
export function onlyFile(
  { files, found, others }: RowsScanned,
  problems: readonly WalError[],
): RelFileLocator {
  if (files.length === 1) return files[0];
  if (files.length === 0) {
    const tables = found.filter(({ relation }) => !others.has(relation));
    const [gone] = tables.flatMap(({ removed, databaseDropped }) => removed ?? databaseDropped ?? []);
    if (gone) throw onlyGone(gone);
    const text = message`the WAL given has no change of that relation`;
    throw problems.length > 0 ? notFoundIn(text, problems) : new WalError('unknown-table', text);
  }
  const names = listed(files.map(formatLocator), MOST_NAMED);
  throw new WalError(
    'ambiguous-table',
    message`several relations have that file number: ${names}; name one of them`,
  );
}

/** Of a relation of which the WAL has nothing but its end. */
function onlyGone({ commit: { xid, lsn }, ...removal }: RemovalFound | DatabaseDropFound): WalError {
  const at = formatLsn(lsn);
  return new WalError(
    'no-backup',
    'kind' in removal
      ? message`the WAL given says no more of that relation than that transaction ${xid} ${REMOVED[removal.kind]} it at ${at}, and has none of its rows: they are in a base backup of before that, if anywhere`
      : message`the WAL given says no more of that relation than that transaction ${xid} dropped the database of it at ${at}, and has none of its rows: they are in a base backup of before that, if anywhere`,
    { lsn },
  );
}

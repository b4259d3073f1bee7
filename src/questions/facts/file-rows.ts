import { rewrittenOid } from '../../follow/catalog-row.js';
import type { DatabaseUse } from '../../follow/database-use.js';
import type { FileAct, FileUse } from '../../follow/file-use.js';
import type { TransactionEvents } from '../../follow/transaction-events.js';
import type { RelFileLocator } from '../../wal/record.js';
import type { FactRow } from './tables.js';

type FileRow = FactRow<'files'>;

/** The table `files`. */
export function fileRows(
  { creations, namings, truncations, contents }: FileUse,
  { filesGone, marks }: DatabaseUse,
  indexes: readonly RelFileLocator[],
  events: TransactionEvents,
): FileRow[] {
  return [
    ...creations.map(({ unlogged, kind, ...act }) => ({ ...rowOf('created', act), unlogged, kind })),
    ...namings.map(({ name, ...act }) => ({ ...rowOf(isRewrite(name) ? 'rewritten' : 'named', act), name })),
    ...truncations.map((act) => rowOf('truncated', act)),
    ...Array.from(contents, ([key, content]) => contentRows(key, content)).flat(),
    ...indexes.map((index) => ({ ...EMPTY, action: 'index', ...locatorRow(index) })),
    ...removedRows(events),
    ...filesGone.map(({ lsn, xid, dbOid }) => ({
      ...EMPTY,
      lsn,
      xid,
      action: 'database-removed',
      database: dbOid,
    })),
    ...marks.map(({ lsn, dbOid }) => ({ ...EMPTY, lsn, action: 'database-marked', database: dbOid ?? 0 })),
  ];
}

const EMPTY = {
  ...{ lsn: 0n, xid: 0, tablespace: 0, database: 0, relfilenode: 0 },
  ...{ unlogged: false, kind: undefined, name: undefined },
};

const isRewrite = (name: string): boolean => rewrittenOid(name) !== undefined;

const rowOf = (action: string, { lsn, xid, relation }: FileAct): FileRow => ({
  ...{ ...EMPTY, lsn, xid, action },
  ...locatorRow(relation),
});

const locatorRow = ({ spcOid, dbOid, relNumber }: RelFileLocator) => ({
  ...{ tablespace: spcOid, database: dbOid, relfilenode: relNumber },
});

function contentRows(
  key: string,
  { row, other }: { row: bigint | undefined; other: bigint | undefined },
): FileRow[] {
  const [spcOid, dbOid, relNumber] = key.split('/').map(Number);
  const relation = { spcOid, dbOid, relNumber, key };
  return [
    ...(row === undefined ? [] : [rowOf('rows', { lsn: row, xid: 0, relation })]),
    ...(other === undefined ? [] : [rowOf('pages', { lsn: other, xid: 0, relation })]),
  ];
}

/** What commits remove. */
function removedRows({ dropped, lsns, xids }: TransactionEvents): FileRow[] {
  return Array.from(dropped, ([i, files]) =>
    files.map((file) => ({ ...EMPTY, lsn: lsns[i], xid: xids[i], action: 'removed', ...locatorRow(file) })),
  ).flat();
}

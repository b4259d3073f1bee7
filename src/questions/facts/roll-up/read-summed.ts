import { matchesAny, type RelationFilter, relationOf } from '../../../follow/relation.js';
import type { SummedChanges, SummedCommit, SummedTransactions } from '../../../follow/summed-transactions.js';
import type { Lsn } from '../../../wal/lsn.js';
import type { FactRow } from '../tables.js';
import type { RollUpAt } from './roll-up-at.js';

type SummaryRow = FactRow<'summaries'>;

/**
 * What a roll-up has summed up.
 * @param filters of relations; left out, of all
 * @throws WalError `bad-facts`
 */
export async function readSummed(
  rollUp: RollUpAt,
  filters: readonly RelationFilter[] | undefined,
): Promise<SummedTransactions> {
  const relations: SummedChanges[] = [];
  for (const row of await rollUp.rows('summaries')) {
    const file = { spcOid: row.tablespace, dbOid: row.database, relNumber: row.relfilenode };
    if (filters === undefined || matchesAny(filters, file)) relations.push(summedOf(row, rollUp));
  }
  return { ids: rollUp.ids, relations };
}

function summedOf(row: SummaryRow, rollUp: RollUpAt): SummedChanges {
  const { tablespace: spcOid, database: dbOid, relfilenode: relNumber, committed, aborted } = row;
  const at = (place: number): Lsn => rollUp.start + BigInt(rollUp.checkedPlace('summaries', place));
  const sum = { relation: relationOf({ spcOid, dbOid, relNumber }), committed, aborted };
  const rest = { isChanged: row.is_changed, mostRows: row.most_rows };
  const lastInsert =
    row.insert_at === 0
      ? undefined
      : {
          ...{
            lsn: at(row.insert_at),
            block: row.insert_block,
            offset: row.insert_offset,
            rows: row.insert_rows,
          },
          commit: commitOf(row, 'insert', at),
        };
  const lastDelete =
    row.delete_at === 0
      ? undefined
      : {
          ...{ firstLsn: at(row.delete_first_at), lsn: at(row.delete_at), rows: row.delete_rows },
          commit: commitOf(row, 'delete', at),
        };
  return { ...sum, ...rest, lastInsert, lastDelete };
}

function commitOf(row: SummaryRow, what: 'insert' | 'delete', at: (place: number) => Lsn): SummedCommit {
  const { [`${what}_before_at` as const]: beforeAt } = row;
  return {
    ...{ xid: row[`${what}_xid`], lsn: at(row[`${what}_commit_at`]), time: row[`${what}_commit_time`] ?? 0n },
    latestBefore:
      beforeAt === 0
        ? undefined
        : {
            ...{ xid: row[`${what}_before_xid`], lsn: at(beforeAt), time: row[`${what}_before_time`] ?? 0n },
          },
  };
}

import type { RowInsert } from '../../follow/row-changes.js';
import { message } from '../../wal/message.js';
import type { RelFileLocator } from '../../wal/record.js';
import type { FactsAt } from '../facts/facts-at.js';
import type { AnswerRow } from './answers.js';

/** What a stretch of WAL leaves open of an INSERT … ON CONFLICT, or settles of one before: of one id and relation. */
export interface UnsettledInsert {
  xid: number;
  relation: RelFileLocator;
  /** What became of the one that was open; first. */
  settled: 'confirmed' | 'withdrawn' | undefined;
  /** What is open from then on. */
  speculative: RowInsert | undefined;
}

/** Reads them from a segment's facts, in the order of the WAL. @throws WalError as {@link FactsAt} does */
export async function readUnsettled(facts: FactsAt): Promise<UnsettledInsert[]> {
  const { unsettled } = facts.content.state;
  const settled = new Map(unsettled.settled);
  const speculative = new Map(unsettled.speculative);
  const rows = [...new Set([...settled.keys(), ...speculative.keys()])].sort((a, b) => a - b);
  if (rows.length === 0) return [];
  const names = ['xid', 'tablespace', 'database', 'relfilenode'] as const;
  const { rows: count, columns } = await facts.columns('changes', names);
  return rows.map((row) => {
    if (row < 0 || row >= count)
      throw facts.contradiction('segments', message`it tells of a row that is not there`);
    const number = (name: (typeof names)[number]): number => Number(columns[name][row]);
    return {
      xid: number('xid'),
      relation: {
        spcOid: number('tablespace'),
        dbOid: number('database'),
        relNumber: number('relfilenode'),
      },
      settled: settled.get(row),
      speculative: speculative.get(row),
    };
  });
}

/** Finds the insertions on one timeline that a later stretch of its WAL confirms. */
export class ConfirmedInserts {
  readonly rows: AnswerRow<'confirmed_inserts'>[] = [];
  /** Those that are open, by id and relation. */
  private readonly open = new Map<string, RowInsert>();

  constructor(private readonly timeline: number) {}

  /** Takes in what comes next. */
  add({ xid, relation, settled, speculative }: UnsettledInsert): void {
    const { spcOid: tablespace, dbOid: database, relNumber: relfilenode } = relation;
    const key = `${xid} ${tablespace}/${database}/${relfilenode}`;
    const pending = this.open.get(key);
    if (settled === 'confirmed' && pending !== undefined) {
      const { timeline } = this;
      this.rows.push({ timeline, xid, tablespace, database, relfilenode, lsn: pending.lsn });
    }
    if (settled !== undefined) this.open.delete(key);
    if (speculative !== undefined) this.open.set(key, speculative);
  }
}

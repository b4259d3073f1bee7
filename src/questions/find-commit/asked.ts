import { type Deed, REMOVING } from '../who/fitting.js';
import { type AskedTransaction, whoKey } from '../who/who.js';
import type { RelationAnswer } from './run.js';
import type { CommitFound } from './search.js';

/** What is asked of logs: each transaction that the answer names once, with all that it did. */
export function askedTransactions(relations: readonly RelationAnswer[]): AskedTransaction[] {
  const asked = new Map<string, AskedTransaction>();
  for (const { lastInsert, lastDelete, removed, databaseDropped, name } of relations) {
    const ask = (commit: CommitFound | undefined, deeds: readonly Deed[]): void => {
      if (commit === undefined) return;
      // nobody is in a database that is dropped
      const database = commit === databaseDropped?.commit ? undefined : name?.database;
      const { xid, lsn, time } = commit;
      const before = asked.get(whoKey(commit));
      asked.set(whoKey(commit), {
        ...{ xid, lsn, time, database },
        deeds: [...(before?.deeds ?? []), ...deeds],
        tables: [...(before?.tables ?? []), ...(name === undefined ? [] : [name.name])],
      });
    };
    ask(lastInsert?.commit, ['insert']);
    ask(lastDelete?.commit, ['delete']);
    ask(removed?.commit, removed === undefined ? [] : REMOVING[removed.kind]);
    ask(databaseDropped?.commit, ['drop']);
  }
  return [...asked.values()];
}

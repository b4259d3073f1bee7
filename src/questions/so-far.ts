import type { TransactionPoint } from '../follow/transaction-end.js';
import { type Message, message, several } from '../wal/message.js';

/** What the WAL gone through tells for certain before all of it is: whatever comes, it was committed. */
export interface SoFar {
  what: Message;
  commit: TransactionPoint;
}

export const rowsDeleted = (rows: number, relation: string): Message =>
  several(rows, 'DELETE of {0} row of {1}', 'DELETE of {0} rows of {1}', relation);

export const rowsUpdated = (rows: number, relation: string): Message =>
  several(rows, 'UPDATE of {0} row of {1}', 'UPDATE of {0} rows of {1}', relation);

export const fileRemoved = (relation: string): Message => message`file of ${relation} removed`;

export const columnDropped = (relation: string): Message => message`a column of ${relation} dropped`;

export const databaseDropped = (): Message => message`a database dropped`;

/** That of the newest commit. */
export const newestSoFar = (all: readonly SoFar[]): SoFar | undefined =>
  all.reduce<SoFar | undefined>(
    (a, b) => (a !== undefined && a.commit.lsn >= b.commit.lsn ? a : b),
    undefined,
  );

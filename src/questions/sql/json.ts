import { POSTGRES_EPOCH_US } from '../../wal/timestamp.js';
import type { Answers, AnswerTable } from './answers.js';

/** Rows that are taken in at once: as text they have to fit into memory. */
const ROWS_AT_ONCE = 10_000;

/** Rows of such a table as JSON arrays for `insertSql`: times in microseconds since 1970. */
export function* jsonArrays(rows: Answers[AnswerTable]): Generator<string> {
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
    yield JSON.stringify(rows.slice(at, at + ROWS_AT_ONCE), (key, value: unknown) => {
      if (typeof value !== 'bigint') return value;
      return String(key === 'time' ? value + POSTGRES_EPOCH_US : value);
    });
  }
}

import { decodeText } from '../../text/encoding.js';
import { UTC } from '../../text/timezone.js';
import type { Changes } from './ask.js';
import type { Change } from './change.js';
import { ChangesCsv } from './csv.js';
import { ChangesSql } from './sql.js';

/** How changes are printed. */
export type ChangeFormat = 'json' | 'sql' | 'csv';

export const CHANGE_FORMATS: readonly ChangeFormat[] = ['json', 'sql', 'csv'];

/** Prints changes that come a few at a time. */
interface ChangePrinter {
  header?(): string;
  lines(changes: readonly Change[]): string;
  end?(): string;
}

/** What a format leaves out, known when all changes are printed. */
export interface LeftOut {
  /** Changes that there is no statement of. */
  statements: number;
  /** Databases of which there is nothing, because the statements before are of another one. */
  databases: readonly string[];
}

/**
 * Prints changes piece by piece; times and values of `timestamptz` in UTC.
 * @returns in the end, as the generator's value, what was left out
 */
export async function* formatChanges(
  changes: Changes,
  format: ChangeFormat,
): AsyncGenerator<string, LeftOut> {
  const pieces = printChanges(changes, format);
  for (;;) {
    const { value, done } = await pieces.next();
    if (done) return value;
    yield typeof value === 'string' ? value : decodeText(value);
  }
}

/** The same; pieces of JSON are bytes, each good until the next one is asked for. @internal */
export async function* printChanges(
  changes: Changes,
  format: ChangeFormat,
): AsyncGenerator<string | Uint8Array, LeftOut> {
  if (format === 'json') {
    yield* changes.json();
    return { statements: 0, databases: [] };
  }
  let printer: ChangePrinter | undefined;
  const sql = (): ChangesSql | undefined => (printer instanceof ChangesSql ? printer : undefined);
  for await (const batch of changes.batches()) {
    if (printer === undefined) {
      printer = format === 'csv' ? new ChangesCsv(UTC) : new ChangesSql(changes.postgres!);
      yield printer.header?.() ?? '';
    }
    yield printer.lines(batch);
  }
  yield printer?.end?.() ?? '';
  return { statements: sql()?.lacking ?? 0, databases: [...(sql()?.otherDatabases ?? [])] };
}

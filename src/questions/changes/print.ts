import { UTC } from '../../text/timezone.js';
import type { Changes } from './ask.js';
import type { Change } from './change.js';
import { ChangesCsv } from './csv.js';
import { ChangesJson } from './json.js';
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
  let printer: ChangePrinter | undefined;
  const sql = (): ChangesSql | undefined => (printer instanceof ChangesSql ? printer : undefined);
  for await (const batch of changes.batches()) {
    if (printer === undefined) {
      printer = printerOf(format, changes);
      yield printer.header?.() ?? '';
    }
    yield printer.lines(batch);
  }
  yield printer?.end?.() ?? '';
  return { statements: sql()?.lacking ?? 0, databases: [...(sql()?.otherDatabases ?? [])] };
}

function printerOf(format: ChangeFormat, { postgres, order }: Changes): ChangePrinter {
  switch (format) {
    case 'json':
      return new ChangesJson(UTC, order);
    case 'csv':
      return new ChangesCsv(UTC);
    case 'sql':
      return new ChangesSql(postgres!);
  }
}

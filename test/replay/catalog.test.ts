import { expect, it } from 'vitest';
import { readDatabaseRows } from '../../src/replay/catalog.js';
import { WalError } from '../../src/wal/error.js';

it.each([10, 11])(
  'says that the catalogs of PostgreSQL %i cannot be read, and not that nothing is in them',
  (version) => {
    expect(() => readDatabaseRows(version, [])).toThrow(WalError);
    expect(() => readDatabaseRows(version, [])).toThrow(/^the catalogs of PostgreSQL 1[01] cannot be read/);
    expect(readDatabaseRows(12, [])).toEqual([]);
  },
);

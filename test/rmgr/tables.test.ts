import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSegment } from '../../src/reader/segment.js';
import { WalReader } from '../../src/reader/wal-reader.js';
import { BRIN } from '../../src/rmgr/brin.js';
import { BTREE } from '../../src/rmgr/btree.js';
import { CLOG } from '../../src/rmgr/clog.js';
import { COMMIT_TS, type CommitTsSet } from '../../src/rmgr/commit-ts.js';
import { DATABASE } from '../../src/rmgr/database.js';
import { GENERIC } from '../../src/rmgr/generic.js';
import { GIN } from '../../src/rmgr/gin.js';
import { GIST } from '../../src/rmgr/gist.js';
import { HASH } from '../../src/rmgr/hash.js';
import { HEAP } from '../../src/rmgr/heap.js';
import { HEAP2 } from '../../src/rmgr/heap2.js';
import { decode, type FieldMeanings, fieldMeanings, type RecordData } from '../../src/rmgr/index.js';
import type { RmgrTable } from '../../src/rmgr/kinds.js';
import { LOGICAL_MESSAGE } from '../../src/rmgr/logical-message.js';
import { MULTIXACT } from '../../src/rmgr/multixact.js';
import { RELMAP } from '../../src/rmgr/relmap.js';
import { REPLICATION_ORIGIN } from '../../src/rmgr/replication-origin.js';
import { SEQUENCE } from '../../src/rmgr/sequence.js';
import { SPGIST } from '../../src/rmgr/spgist.js';
import { STANDBY } from '../../src/rmgr/standby.js';
import { STORAGE } from '../../src/rmgr/storage.js';
import { TABLESPACE } from '../../src/rmgr/tablespace.js';
import { TRANSACTION } from '../../src/rmgr/transaction.js';
import { XLOG } from '../../src/rmgr/xlog.js';
import { XLOG2 } from '../../src/rmgr/xlog2.js';
import { NEWEST_VERSION, OLDEST_VERSION } from '../../src/wal/version.js';
import { recordKinds } from '../support/records/index.js';
import { WalWriter } from '../support/wal-writer.js';

const TABLES = [
  ...[XLOG, TRANSACTION, STORAGE, CLOG, DATABASE, TABLESPACE, MULTIXACT, RELMAP, STANDBY, HEAP2, HEAP, BTREE],
  ...[
    HASH,
    GIN,
    GIST,
    SEQUENCE,
    SPGIST,
    BRIN,
    COMMIT_TS,
    REPLICATION_ORIGIN,
    GENERIC,
    LOGICAL_MESSAGE,
    XLOG2,
  ],
];

const versions = Array.from({ length: NEWEST_VERSION - OLDEST_VERSION + 1 }, (_, i) => OLDEST_VERSION + i);

describe.each(TABLES.map((table) => ({ rmgr: table.name, table })))('the table of $rmgr', ({ table }) => {
  it('has one kind at most by each number in a version', () => {
    for (const version of versions) {
      const ops = table.kinds
        .filter(({ since = version, until = version }) => since <= version && version <= until)
        .map(({ op }) => op);
      expect(new Set(ops).size).toBe(ops.length);
    }
  });

  it('tells kinds by bits that it looks at, and has none that no version has', () => {
    const { opMask = 0xf0 } = table;
    for (const { op, since = OLDEST_VERSION, until = NEWEST_VERSION } of table.kinds) {
      expect(op & opMask).toBe(op);
      expect(since).toBeLessThanOrEqual(until);
    }
  });

  it('describes all content of one type in one way', () => {
    for (const kind of table.kinds) {
      const first = table.kinds.find(({ type }) => type === kind.type);
      expect(kind.describe).toBe(first?.describe);
      expect(kind.fields).toEqual(first?.fields);
    }
  });
});

/** The 64-bit numbers and the seconds in content, as `rmgr type.field`, by what they mean. */
function collectMeanings(data: RecordData, into: Map<string, Set<string>>): void {
  const visit = (value: unknown, meaning: FieldMeanings | undefined, path: string): void => {
    if (typeof value === 'bigint' || (typeof value === 'number' && typeof meaning === 'string')) {
      const paths = into.get(String(meaning)) ?? new Set();
      into.set(String(meaning), paths.add(path));
    } else if (Array.isArray(value)) {
      for (const item of value) visit(item, meaning, path);
    } else if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) {
      for (const [field, item] of Object.entries(value)) {
        visit(item, typeof meaning === 'object' ? meaning[field] : undefined, `${path}.${field}`);
      }
    }
  };
  visit(data, fieldMeanings(data), `${data.rmgr} ${data.type}`);
}

describe('the meanings of fields', () => {
  const found = new Map<string, Set<string>>();
  for (const version of versions) {
    const writer = new WalWriter({ version });
    for (const { name, input } of recordKinds(version)) {
      if (name === 'SWITCH') continue;
      for (const record of fc.sample(input, { numRuns: 30, seed: version })) writer.append(record);
    }
    const reader = new WalReader();
    for (const { bytes } of writer.segments) {
      reader.push(openSegment(bytes));
      for (let record = reader.next(); record; record = reader.next()) collectMeanings(decode(record), found);
    }
  }
  const of = (meaning: string): string[] => [...(found.get(meaning) ?? [])].sort();

  it('are declared for every 64-bit number of every kind', () => {
    expect(of('undefined')).toEqual([]);
    expect(of('number').length).toBeGreaterThan(10);
  });

  it('say which are LSNs', () => {
    expect(of('lsn')).toEqual([
      'Gist page-split.orignsn',
      'Heap2 rewrite.startLsn',
      'ReplicationOrigin set.remoteLsn',
      'Transaction abort-prepared.origin.lsn',
      'Transaction abort.origin.lsn',
      'Transaction commit-prepared.origin.lsn',
      'Transaction commit.origin.lsn',
      'Transaction prepare.origin.lsn',
      'XLOG backup-end.startPoint',
      'XLOG checkpoint-online.redo',
      'XLOG checkpoint-shutdown.redo',
      'XLOG overwrite-contrecord.overwrittenLsn',
    ]);
  });

  it('say which are times', () => {
    expect(of('timestamp')).toEqual([
      'CommitTs setts.timestamp',
      'Transaction abort-prepared.origin.timestamp',
      'Transaction abort-prepared.xactTime',
      'Transaction abort.origin.timestamp',
      'Transaction abort.xactTime',
      'Transaction commit-prepared.origin.timestamp',
      'Transaction commit-prepared.xactTime',
      'Transaction commit.origin.timestamp',
      'Transaction commit.xactTime',
      'Transaction prepare.origin.timestamp',
      'Transaction prepare.xactTime',
      'XLOG end-of-recovery.endTime',
      'XLOG overwrite-contrecord.overwriteTime',
      'XLOG restore-point.rpTime',
    ]);
    expect(of('unix-seconds')).toEqual(['XLOG checkpoint-online.time', 'XLOG checkpoint-shutdown.time']);
  });

  // held by the compiler: without the error that is expected here, types do not check
  it('cannot be left out', () => {
    const decodeSet = COMMIT_TS.kinds[2].decode as () => CommitTsSet;
    const table: RmgrTable<CommitTsSet> = {
      name: 'CommitTs',
      // @ts-expect-error: nothing says what `timestamp` is
      kinds: [{ op: 0x20, name: 'SETTS', type: 'setts', decode: decodeSet }],
    };
    expect(table.kinds).toHaveLength(1);
  });
});

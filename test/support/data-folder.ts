import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TupleHeader } from '../../src/heap/tuple.js';
import { isVisible, TransactionLog, type Transactions } from '../../src/heap/visibility.js';
import { MemoryBlockStore } from '../../src/replay/block-store.js';
import { Catalog, type VisibleTuples } from '../../src/replay/catalog.js';
import type { CatalogTuple } from '../../src/replay/catalog-rows.js';
import { readRelationMap } from '../../src/replay/relation-map.js';
import { ReplayedRelation } from '../../src/replay/replayed-relation.js';
import type { RelFileLocator } from '../../src/wal/record.js';

const BLOCK = 8192;

/** Reads tables out of the data folder of a server that stands still since a checkpoint. */
export class DataFolder {
  private readonly transactions: Transactions;

  constructor(
    private readonly root: string,
    private readonly version: number,
  ) {
    const clog = readFileSync(join(root, 'pg_xact/0000'));
    const log = new TransactionLog((page) => clog.subarray(page * BLOCK, (page + 1) * BLOCK), BLOCK);
    this.transactions = { log, multixactMembers: () => undefined };
  }

  readonly visible: VisibleTuples = async (file: RelFileLocator) => this.visibleTuples(file);

  private *visibleTuples(file: RelFileLocator): Generator<CatalogTuple> {
    const relation = new ReplayedRelation(file, new MemoryBlockStore());
    const folder = file.dbOid === 0 ? 'global' : `base/${file.dbOid}`;
    const path = join(this.root, folder, String(file.relNumber));
    const bytes = existsSync(path) ? new Uint8Array(readFileSync(path)) : new Uint8Array();
    for (let at = 0; at < bytes.length; at += BLOCK) {
      relation.store.write(at / BLOCK, bytes.subarray(at, at + BLOCK));
    }
    for (const placed of relation.tuples()) {
      if (isVisible(new TupleHeader(placed.tuple), this.transactions)) yield { ...placed, relation };
    }
  }

  catalog(database: number): Promise<Catalog> {
    const map = (path: string) => readRelationMap(readFileSync(join(this.root, path)), this.version);
    const maps = { shared: map('global/pg_filenode.map'), local: map(`base/${database}/pg_filenode.map`) };
    return Catalog.read(this.version, { oid: database, tablespace: 1663 }, maps, this.visible);
  }
}

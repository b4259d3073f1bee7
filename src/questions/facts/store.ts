import type { FactFile } from './collector.js';
import type { FactsPlace } from './layout.js';
import type { TableSeals } from './table-seals.js';

/** A table that is kept. */
export interface StoredTable {
  bytes: Uint8Array;
  /** The date that it was put with, or when it was put; in milliseconds since 1970. */
  modified: number;
}

/** Facts that are there, looked at from without. */
export interface StoredFacts {
  tables: ReadonlySet<string>;
  /** When they came there, in milliseconds since 1970. */
  since: number;
}

/** Of two makings of the same facts what it takes to choose. */
export interface Making {
  /** The table `segments`; undefined where there is none. */
  segments: Uint8Array | undefined;
  /** All tables. */
  tables: TableSeals;
}

/** How facts are put to their place. */
export interface PutOptions {
  /** What the table `segments` is dated: the time of what it was made of. */
  modified?: number | undefined;
  /** Asked where there are other facts of the same place: whether the first are to take the place of the second. */
  replaces(one: Making, other: Making): Promise<boolean>;
}

/** What became of facts that were put: `same`: they were there already; `kept`: better ones are there. */
export type Put = 'made' | 'replaced' | 'same' | 'kept';

/**
 * Where facts are kept. Many processes may put the same facts and others at the same time.
 * All its functions reject with a WalError `unreadable` or `unwritable` that says what failed.
 */
export interface FactsStore {
  /** As messages name it. */
  readonly name: string;
  /** The timelines of a cluster of which there may be facts. */
  timelines(systemIdentifier: bigint): Promise<number[]>;
  /** @returns undefined where there are none */
  look(place: FactsPlace): Promise<StoredFacts | undefined>;
  /** @returns undefined where there is no such table, or it has more bytes than `limit` */
  read(place: FactsPlace, table: string, limit: number): Promise<StoredTable | undefined>;
  /** Puts all tables at once: whoever reads sees those before, none, or these, but no mixture. */
  put(place: FactsPlace, files: readonly FactFile[], options: PutOptions): Promise<Put>;
  remove(place: FactsPlace): Promise<void>;
  /** Puts a small file beside the facts of a cluster, whole or not at all. */
  putSmall(systemIdentifier: bigint, name: string, bytes: Uint8Array): Promise<void>;
}

import { formatLocator } from '../rmgr/locator.js';
import { WalError } from '../wal/error.js';
import { message } from '../wal/message.js';
import type { RelFileLocator } from '../wal/record.js';

/** A relation in WAL, by its file: plain data. */
export interface Relation extends RelFileLocator {
  /** `tablespace/database/relfilenode`: equal where the relations are. */
  key: string;
}

export function relationOf(file: RelFileLocator): Relation {
  const { spcOid, dbOid, relNumber } = file;
  return { spcOid, dbOid, relNumber, key: formatLocator(file) };
}

export const isSameFile = (a: RelFileLocator, b: RelFileLocator): boolean =>
  a.relNumber === b.relNumber && a.dbOid === b.dbOid && a.spcOid === b.spcOid;

/** Relations that were met: most records go where one of the few before went. */
export class Relations {
  /** By relfilenode, database and tablespace: a relfilenode may be that of a hundred thousand relations. */
  private readonly met = new Map<number, Map<number, Map<number, Relation>>>();
  private last: Relation | undefined;

  of(file: RelFileLocator): Relation {
    const { last } = this;
    if (last !== undefined && isSameFile(last, file)) return last;
    const ofNumber = valueIn(this.met, file.relNumber, () => new Map<number, Map<number, Relation>>());
    const ofDatabase = valueIn(ofNumber, file.dbOid, () => new Map<number, Relation>());
    const relation = valueIn(ofDatabase, file.spcOid, () => relationOf(file));
    this.last = relation;
    return relation;
  }
}

function valueIn<V>(values: Map<number, V>, key: number, make: () => V): V {
  const known = values.get(key);
  if (known !== undefined) return known;
  const made = make();
  values.set(key, made);
  return made;
}

/** The relation that a question is about: one, or all that have this relfilenode. */
export type RelationFilter = Pick<RelFileLocator, 'relNumber'> & Partial<RelFileLocator>;

const LARGEST_OID = 0xffffffff;

/**
 * Reads `16386` (a relfilenode, in every database and tablespace) or `1663/16384/16386` (tablespace, database,
 * relfilenode), as `pg_waldump` shows them.
 * @throws WalError `bad-relation`
 */
export function parseRelation(text: string): RelationFilter {
  const numbers = text.split('/').map((part) => (/^\d{1,10}$/.test(part) ? Number(part) : Number.NaN));
  const valid = numbers.every((number) => number <= LARGEST_OID) && numbers[numbers.length - 1] > 0;
  if (valid && numbers.length === 1) return { relNumber: numbers[0] };
  if (valid && numbers.length === 3) {
    return { spcOid: numbers[0], dbOid: numbers[1], relNumber: numbers[2] };
  }
  throw new WalError(
    'bad-relation',
    message`"${text}" is no relation: give its relfilenode, such as 16386, or tablespace/database/relfilenode, such as 1663/16384/16386 (SELECT pg_relation_filenode('table'))`,
  );
}

/** Whether the relation is one of those asked for. */
export function matchesAny(filters: readonly RelationFilter[], rel: RelFileLocator): boolean {
  for (const filter of filters) if (matchesRelation(filter, rel)) return true;
  return false;
}

export function matchesRelation(filter: RelationFilter, rel: RelFileLocator): boolean {
  return (
    filter.relNumber === rel.relNumber &&
    (filter.dbOid === undefined || filter.dbOid === rel.dbOid) &&
    (filter.spcOid === undefined || filter.spcOid === rel.spcOid)
  );
}

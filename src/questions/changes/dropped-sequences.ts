import { formatType } from '../../heap/types/format-type.js';
import type { LiveCatalog, LiveTable } from '../../replay/live-catalog.js';
import type { ObjectDetails } from '../../replay/object-details.js';
import { type SequenceDefinition, sequenceDefinition } from '../../replay/table-details.js';
import { quoteIdentifier } from '../../text/sql-identifier.js';
import { sequencesIn } from './default-sql.js';
import { ifLackingSql, schemaSql, tableSql } from './sql-text.js';

/** Sequences that went with a table. */
export interface SequencesSql {
  /** What makes those that columns own, or take their defaults from. */
  before: string[];
  /** What makes columns own them. */
  after: string[];
  /** What is in brackets behind `AS IDENTITY`, by the number of the column. */
  identities: ReadonlyMap<number, string>;
  notes: string[];
}

/** @param trees the defaults of the table's columns */
export function droppedSequences(
  table: LiveTable,
  catalog: LiveCatalog,
  xids: readonly number[],
  trees: ReadonlyMap<number, string | undefined>,
  details: ObjectDetails,
): SequencesSql {
  const { version } = catalog;
  const definitionOf = (oid: number): SequenceDefinition | undefined =>
    catalog.before(xids, () => sequenceDefinition(catalog, oid));
  const found: SequencesSql & { identities: Map<number, string> } = {
    ...{ before: [], after: [], notes: [] },
    identities: new Map(),
  };
  const seen = new Set<number>();
  const make = (oid: number): SequenceDefinition | undefined => {
    const sequence = catalog.nameOf(oid) === undefined ? definitionOf(oid) : undefined;
    if (sequence === undefined || seen.has(oid)) return undefined;
    seen.add(oid);
    return sequence;
  };
  for (const { oid, column, isIdentity } of details.ownedBy(table.oid)) {
    const sequence = make(oid);
    if (sequence === undefined) continue;
    const name = tableSql(sequence, version);
    found.notes.push(
      `sequence ${name} goes on behind the greatest value of its column: it may have been further`,
    );
    if (isIdentity) {
      found.identities.set(column, `SEQUENCE NAME ${name} ${limitsSql(sequence)}`);
      continue;
    }
    found.before.push(...createSql(sequence, version));
    const owner = `${tableSql(table, version)}.${quoteIdentifier(table.columns[column - 1].name, version)}`;
    found.after.push(`ALTER SEQUENCE ${name} OWNED BY ${owner}`);
  }
  for (const tree of trees.values()) {
    for (const oid of tree === undefined ? [] : sequencesIn(tree)) {
      const sequence = make(oid);
      if (sequence === undefined) continue;
      found.before.push(...createSql(sequence, version));
      found.notes.push(`sequence ${tableSql(sequence, version)} begins anew: how far it was is not told`);
    }
  }
  return found;
}

function createSql(sequence: SequenceDefinition, version: number): string[] {
  const { type, schema } = sequence;
  const name = tableSql(sequence, version);
  const typed = type && ` AS ${formatType(type, -1, version, (one) => one === 'pg_catalog')}`;
  // several tables may take values from it
  const create = `CREATE ${sequence.isUnlogged ? 'UNLOGGED ' : ''}SEQUENCE ${name}${typed ?? ''} ${limitsSql(sequence)}`;
  return [schemaSql(schema, version), ifLackingSql('to_regclass', name, create)];
}

function limitsSql({ increment, least, most, start, cache, cycles }: SequenceDefinition): string {
  const limits = `INCREMENT BY ${increment} MINVALUE ${least} MAXVALUE ${most} START WITH ${start} CACHE ${cache}`;
  return `${limits}${cycles ? ' CYCLE' : ''}`;
}

import type { RelationName } from '../../replay/relation-names.js';
import { type Deed, REMOVING } from '../who/fitting.js';
import { type AskedTransaction, whoKey } from '../who/who.js';
import type { Incident } from './incident.js';

/** What is asked of logs: each transaction once, with all that it did. */
export function askedTransactions(
  incidents: readonly Incident[],
  names: ReadonlyMap<string, RelationName> = new Map(),
): AskedTransaction[] {
  const asked = new Map<string, AskedTransaction>();
  for (const incident of incidents) {
    const { xid, lsn, time } = incident;
    const key = whoKey(incident);
    const name = incident.kind === 'drop-database' ? undefined : names.get(incident.relation);
    const before = asked.get(key);
    asked.set(key, {
      ...{ xid, lsn, time },
      deeds: [...(before?.deeds ?? []), ...deedsOf(incident)],
      tables: [...(before?.tables ?? []), ...(name === undefined ? [] : [name.name])],
      database: before?.database ?? name?.database,
    });
  }
  return [...asked.values()];
}

function deedsOf(incident: Incident): readonly Deed[] {
  switch (incident.kind) {
    case 'rows':
      return [
        ...(incident.deleted > 0 ? (['delete'] as const) : []),
        ...(incident.updated > 0 ? (['update'] as const) : []),
      ];
    case 'drop-column':
      return ['alter'];
    case 'drop-database':
      return ['drop-database'];
    default:
      return REMOVING[incident.kind];
  }
}

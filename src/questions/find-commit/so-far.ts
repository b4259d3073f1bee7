import { databaseDropped, fileRemoved, newestSoFar, rowsDeleted, type SoFar } from '../so-far.js';
import type { RelationFound } from './search.js';

/** What was lost last of relations in the WAL gone through. */
export const lossSoFar = (relations: readonly RelationFound[]): SoFar | undefined =>
  newestSoFar(relations.flatMap(lossesOf));

function lossesOf({ relation, lastDelete, removed, databaseDropped: dropped }: RelationFound): SoFar[] {
  return [
    ...(lastDelete ? [{ what: rowsDeleted(lastDelete.rows, relation), commit: lastDelete.commit }] : []),
    ...(removed && removed.kind !== 'rewrite'
      ? [{ what: fileRemoved(relation), commit: removed.commit }]
      : []),
    ...(dropped ? [{ what: databaseDropped(), commit: dropped.commit }] : []),
  ];
}

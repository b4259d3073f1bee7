import type { IncidentJson, RelationName } from '../../index.js';
import { printable } from '../../text/printable.js';

/** `schema.table`, before it the database where it is not the reader's only one; null where there is no name. */
export const nameText = (name: RelationName | null): string | null =>
  name && printable([name.database, name.schema, name.name].filter((part) => part !== '').join('.'));

/** What an incident was about, as far as it is known. */
export function subjectOf(incident: IncidentJson): string {
  const { kind, name, relation, database, databaseName } = incident;
  if (kind === 'drop-database') return printable(databaseName ?? String(database));
  return nameText(name) ?? printable(relation ?? '');
}

/** The kind of an incident; a change of rows by what it did to them. */
export function kindOf({ kind, rows }: IncidentJson): IncidentJson['kind'] | 'delete' | 'update' {
  if (rows === null) return kind;
  if (rows.updated === 0) return 'delete';
  return rows.deleted === 0 ? 'update' : kind;
}

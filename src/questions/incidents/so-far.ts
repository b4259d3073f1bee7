import {
  columnDropped,
  databaseDropped,
  fileRemoved,
  rowsDeleted,
  rowsUpdated,
  type SoFar,
} from '../so-far.js';
import type { Incident } from './incident.js';

/** What an incident is, before names are put to it. */
export function incidentSoFar(incident: Incident): SoFar {
  return { what: whatOf(incident), commit: incident };
}

function whatOf(incident: Incident): SoFar['what'] {
  switch (incident.kind) {
    case 'rows': {
      const { deleted, updated, relation } = incident;
      return deleted > 0 ? rowsDeleted(deleted, relation) : rowsUpdated(updated, relation);
    }
    case 'drop-database':
      return databaseDropped();
    case 'drop-column':
      return columnDropped(incident.relation);
    default:
      return fileRemoved(incident.relation);
  }
}

import type { Column } from '../heap/types/type.js';
import type { RelFileLocator } from '../wal/record.js';

/** A table as the catalogs know it. */
export interface CatalogRelation {
  oid: number;
  schema: string;
  name: string;
  /** `pg_class.relkind`: r table, m materialized view, p partitioned table, t TOAST table … */
  kind: string;
  /** `pg_class.relpersistence`: p permanent, u unlogged, t temporary. */
  persistence: string;
  file: RelFileLocator;
  /** The oid of its TOAST table; 0 when it has none. */
  toast: number;
  columns: readonly Column[];
}

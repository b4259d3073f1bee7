import type { Column } from './types/type.js';

/** The files of a relation (`RelFileLocator`, before 16 `RelFileNode`). */
export interface RelationFile {
  tablespace: number;
  /** 0 for relations shared by all databases. */
  database: number;
  /** The relfilenode. */
  relation: number;
}

export const sameFile = (a: RelationFile, b: RelationFile): boolean =>
  a.relation === b.relation && a.database === b.database && a.tablespace === b.tablespace;

/** `tablespace/database/relfilenode`, as pg_waldump prints it. */
export const formatRelationFile = (file: RelationFile): string =>
  `${file.tablespace}/${file.database}/${file.relation}`;

/** A table as the catalogs know it. */
export interface Relation {
  oid: number;
  schema: string;
  name: string;
  /** `pg_class.relkind`: r table, m materialized view, p partitioned table, t TOAST table … */
  kind: string;
  file: RelationFile;
  /** The oid of its TOAST table; 0 when it has none. */
  toast: number;
  columns: readonly Column[];
}

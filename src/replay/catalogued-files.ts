import { rewrittenOid } from '../follow/catalog-row.js';
import { type CreatedFile, holdsRows } from '../follow/created-files.js';
import { type Relation, relationOf } from '../follow/relation.js';
import type { CataloguedFiles } from '../follow/removal.js';
import { FROZEN_XID } from '../heap/tuple.js';
import { compareXids } from '../wal/xid.js';
import type { RelationVersion } from './catalog.js';

/** What the versions of a database's rows of pg_class tell of files: whose they are, and which transactions made them. */
export function cataloguedFiles(versions: readonly RelationVersion[]): CataloguedFiles {
  const owners = new Map<string, number>();
  const created = new Map<number, CreatedFile[]>();
  const tables = new Set<string>();
  const known = new Set<number>();
  for (const version of versions.toSorted(byAge)) {
    const { oid, name, file, xmin } = version;
    const isNew = !known.has(oid);
    known.add(oid);
    if (file.relNumber === 0) continue;
    const relation = relationOf(file);
    if (holdsRows(version.kind)) tables.add(relation.key);
    if (!owners.has(relation.key) && xmin !== FROZEN_XID) {
      const ofXid = created.get(xmin) ?? [];
      ofXid.push(createdFile(relation, version, isNew ? name : undefined));
      created.set(xmin, ofXid);
    }
    // a rewrite fills a file of a table of its own, and leaves the old file with that
    const rewritten = rewrittenOid(name);
    if (rewritten === undefined || !owners.has(relation.key)) owners.set(relation.key, rewritten ?? oid);
  }
  return { owners, created, tables };
}

/** The same of several databases. */
export function allCatalogued(databases: readonly CataloguedFiles[]): CataloguedFiles {
  const created = new Map<number, CreatedFile[]>();
  for (const [xid, files] of databases.flatMap((one) => [...one.created])) {
    created.set(xid, [...(created.get(xid) ?? []), ...files]);
  }
  return {
    owners: new Map(databases.flatMap((one) => [...one.owners])),
    created,
    tables: new Set(databases.flatMap((one) => [...one.tables])),
  };
}

/** What a transaction did in one go it did in the order in which pg_class has it; tables of rewrites come first. */
function byAge(a: RelationVersion, b: RelationVersion): number {
  if (a.xmin === b.xmin) return Number(isOfRewrite(b)) - Number(isOfRewrite(a));
  if (a.xmin === FROZEN_XID) return -1;
  return b.xmin === FROZEN_XID ? 1 : compareXids(a.xmin, b.xmin);
}

const isOfRewrite = ({ name }: RelationVersion): boolean => rewrittenOid(name) !== undefined;

function createdFile(relation: Relation, version: RelationVersion, name: string | undefined): CreatedFile {
  const { kind, unlogged } = version;
  const other = holdsRows(kind) ? undefined : 0n;
  return { relation, lsn: 0n, name, truncated: false, unlogged, kind, row: undefined, other };
}

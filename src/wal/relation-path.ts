import { FORK_NAMES, MAIN_FORK, type RelFileLocator } from './record.js';

/** The built-in tablespaces (src/include/catalog/pg_tablespace.dat). */
export const DEFAULT_TABLESPACE = 1663;
export const GLOBAL_TABLESPACE = 1664;

/**
 * `CATALOG_VERSION_NO` by major version, which is part of a tablespace's directory name. WAL does not state it.
 * Within one major version it only ever changes before the release. 10, 13 … 18: all releases; 11 and 12: their second
 * betas, whose WAL the corpus holds (releases have 201809051 and 201909212); 19: rc1.
 */
const CATALOG_VERSIONS: Readonly<Record<number, number>> = {
  10: 201707211,
  11: 201806231,
  12: 201906161,
  13: 202007201,
  14: 202107181,
  15: 202209061,
  16: 202307071,
  17: 202406281,
  18: 202506291,
  19: 202610061,
};

/** A relation is cut into files of so many blocks of 8 KiB, 1 GiB, unless PostgreSQL was built otherwise (`RELSEG_SIZE`). */
export const BLOCKS_PER_FILE = 131_072;

/**
 * The file of a data folder that a block of a relation is in, as messages name it. In a tablespace, what the name of the
 * version's folder is does not matter to them.
 */
export function relationFile({ spcOid, dbOid, relNumber }: RelFileLocator, block: number): string {
  const part = Math.floor(block / BLOCKS_PER_FILE);
  const name = part === 0 ? `${relNumber}` : `${relNumber}.${part}`;
  if (spcOid === GLOBAL_TABLESPACE) return `global/${name}`;
  return spcOid === DEFAULT_TABLESPACE ? `base/${dbOid}/${name}` : `pg_tblspc/${spcOid}/${dbOid}/${name}`;
}

/** Where a relation's file lies in the data directory (`GetRelationPath`, src/common/relpath.c). */
export function relationPath(rel: RelFileLocator, fork: number, version: number): string {
  const suffix = fork === MAIN_FORK ? '' : `_${FORK_NAMES[fork] ?? fork}`;
  const { spcOid, dbOid, relNumber } = rel;
  if (spcOid === GLOBAL_TABLESPACE) return `global/${relNumber}${suffix}`;
  if (spcOid === DEFAULT_TABLESPACE) return `base/${dbOid}/${relNumber}${suffix}`;
  const directory = `PG_${version}_${CATALOG_VERSIONS[version]}`;
  return `pg_tblspc/${spcOid}/${directory}/${dbOid}/${relNumber}${suffix}`;
}

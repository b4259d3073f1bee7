import type { Column, ObjectType, Output, Type, TypeContext } from './type.js';

/** Values that name an object of the catalogs by its oid (PostgreSQL: src/backend/utils/adt/regproc.c, acl.c). */

export const regproc = named('regproc');
export const regprocedure = named('regprocedure');
export const regoper = named('regoper', '0');
export const regoperator = named('regoperator', '0');
export const regclass = named('regclass');
export const regtype = named('regtype');
export const regcollation = named('regcollation');
export const regconfig = named('regconfig');
export const regdictionary = named('regdictionary');
export const regrole = named('regrole');
export const regnamespace = named('regnamespace');
export const regdatabase = named('regdatabase');

/** @param none what stands for no object */
function named(type: ObjectType, none = '-'): Output {
  return (v, context) => {
    const oid = v.u32(0);
    return oid === 0 ? none : nameOf(type, oid, context);
  };
}

/** The number where there is no such object (any more), or no catalog to look for it. */
const nameOf = (type: ObjectType, oid: number, { objectName }: TypeContext): string =>
  objectName?.(type, oid) ?? String(oid);

/** Letters of the privileges, by their bits (`ACL_ALL_RIGHTS_STR`, src/include/utils/acl.h; later ones are at the end). */
const PRIVILEGES = 'arwdDxtXUCTcsAm';

/**
 * aclitem: who got privileges (0: everybody), from whom, which, and which of them they may give on. Since 16 the bits
 * take 32 and 32, before 16 and 16.
 */
export const aclitem: Output = (v, context) => {
  const grantee = v.u32(0);
  const [privileges, options] = context.version >= 16 ? [v.u32(8), v.u32(12)] : [v.u16(8), v.u16(10)];
  let letters = '';
  for (let i = 0; i < PRIVILEGES.length; i++) {
    if (privileges & (1 << i)) letters += PRIVILEGES[i];
    if (options & (1 << i)) letters += '*';
  }
  const to = grantee === 0 ? '' : nameOf('aclitem', grantee, context);
  return `${to}=${letters}/${nameOf('aclitem', v.u32(4), context)}`;
};

/** Which types name objects. */
const OBJECT_TYPES: ReadonlyMap<number, ObjectType> = new Map([
  [24, 'regproc'],
  [1033, 'aclitem'],
  [2202, 'regprocedure'],
  [2203, 'regoper'],
  [2204, 'regoperator'],
  [2205, 'regclass'],
  [2206, 'regtype'],
  [3734, 'regconfig'],
  [3769, 'regdictionary'],
  [4089, 'regnamespace'],
  [4096, 'regrole'],
  [4191, 'regcollation'],
  [6490, 'regdatabase'],
]);

/** The types that name objects among those of columns and of what these consist of. */
export function objectTypesIn(
  columns: readonly Column[],
  typeOf: TypeContext['type'],
): ReadonlySet<ObjectType> {
  const found = new Set<ObjectType>();
  const seen = new Set<number>();
  const pending = columns.map(({ type }) => type);
  for (let oid = pending.pop(); oid !== undefined; oid = pending.pop()) {
    if (seen.has(oid)) continue;
    seen.add(oid);
    const objectType = OBJECT_TYPES.get(oid);
    if (objectType) found.add(objectType);
    const type = typeOf(oid);
    if (type) pending.push(...partsOf(type));
  }
  return found;
}

/** anyarray and pg_brin_minmax_multi_summary, whose values say themselves what they consist of. */
const OF_ANYTHING: ReadonlySet<number> = new Set([2277, 4601]);

function partsOf(type: Type): readonly number[] {
  if (OF_ANYTHING.has(type.oid)) return [...OBJECT_TYPES.keys()];
  switch (type.kind) {
    case 'array':
      return [type.element];
    case 'domain':
      return [type.base];
    case 'range':
      return [type.subtype];
    case 'multirange':
      return [type.range];
    case 'composite':
      return type.columns.map((column) => column.type);
    default:
      return [];
  }
}

import type { RecordQuery } from '../../engine/api.js';
import type { FILTERS, Params } from '../route.js';

/** Which records a link asks for. */
export function queryOf(params: Params): RecordQuery {
  const given = (name: (typeof FILTERS)[number]): string | undefined => params[name]?.trim() || undefined;
  const rmgrs = given('rmgr')
    ?.split(',')
    .filter((name) => name !== '');
  const xid = given('xid');
  return {
    timeline: given('timeline') === undefined ? undefined : Number(given('timeline')),
    rmgrs: rmgrs?.length === 0 ? undefined : rmgrs,
    kind: given('kind'),
    relation: given('rel'),
    xid: xid === undefined ? undefined : Number(xid),
    startLsn: given('start'),
    endLsn: given('end'),
    since: given('since'),
    until: given('until'),
    fullPage: given('fpi') === undefined ? undefined : true,
  };
}

/** Without what says which record to show. */
export const withoutPlace = ({ lsn: _, record: __, ...filters }: Params): Params => filters;

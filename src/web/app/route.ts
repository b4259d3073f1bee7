import { useEffect, useState } from 'preact/hooks';

/** The views, in the order of the navigation. */
export const VIEWS = ['overview', 'records', 'find-commit', 'incidents', 'rows', 'plan'] as const;

export type View = (typeof VIEWS)[number];

/** What a link says: `#/records?lsn=0/03000060&rmgr=Heap,Btree`. */
export interface Route {
  view: View;
  params: Params;
}

/** The parameters of a link that choose records; the others say which of them to show. */
export const FILTERS = [
  'rmgr',
  'kind',
  'rel',
  'xid',
  'start',
  'end',
  'since',
  'until',
  'fpi',
  'timeline',
] as const;

/** What a link can say. */
const NAMES = [
  ...FILTERS,
  'lsn',
  'record',
  'rows',
  'database',
  'table',
  'question',
  'time',
  'deleted',
  'at',
  'target',
  'name',
  'latest',
  'exclusive',
] as const;

export type Params = { readonly [Name in (typeof NAMES)[number]]?: string | undefined };

export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\//, '').split(/\?(.*)/s);
  const view = VIEWS.find((name) => name === path) ?? 'overview';
  return { view, params: paramsIn(new URLSearchParams(query)) };
}

/** The first of each that is known and says something. */
export const paramsIn = (given: { get(name: string): unknown }): Params =>
  Object.fromEntries(
    NAMES.flatMap((name) => {
      const value = given.get(name);
      const text = typeof value === 'string' ? value.trim() : '';
      return text === '' ? [] : [[name, text]];
    }),
  );

/** A parameter that should be a number and is none, as a link that was written by hand may have. */
export function wrongNumber({ xid, timeline, deleted, rows }: Params): string | undefined {
  const numbers = [xid, timeline, deleted === 'last' ? undefined : deleted, rows];
  return numbers.find((value) => value !== undefined && !/^\d{1,10}$/.test(value));
}

/** The link to a view; parameters that are empty or undefined are left out. */
export function href(view: View, params: Params = {}): string {
  const given = Object.entries(params).filter(([, value]) => value !== undefined && value !== '');
  const query = given.map(([name, value]) => `${name}=${readable(value!)}`).join('&');
  return `#/${view}${query === '' ? '' : `?${query}`}`;
}

/** As people read LSNs, relations and lists, which may stand so in a fragment. */
const readable = (value: string): string =>
  encodeURIComponent(value).replace(/%(?:2F|2C|3A)/g, decodeURIComponent);

/** Goes to a view, as a step that the browser's Back takes back. */
export function go(view: View, params?: Params): void {
  location.hash = href(view, params);
}

/** The same in place of where the page is. */
export function goInstead(view: View, params?: Params): void {
  location.replace(href(view, params));
}

export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const changed = () => setHash(location.hash);
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  return parseRoute(hash);
}

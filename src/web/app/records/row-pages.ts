import { useEffect, useRef, useState } from 'preact/hooks';
import type { RecordRow } from '../../engine/api.js';
import type { Outcome } from '../engine-client.js';
import { useSession } from '../session.js';

const PAGE = 128;
/** So many pages are kept. */
const KEPT = 64;

type Refused = Exclude<Outcome<never>, { kind: 'done' }>;

/** The rows of a list that are looked at, a page at a time, the latest wanted first. */
export function useRowPages(list: number, from: number, to: number) {
  const { client } = useSession();
  const [, setLoaded] = useState(0);
  const [refused, setRefused] = useState<Refused>();
  const pages = useRef({ list, rows: new Map<number, RecordRow[]>(), isLoading: false });
  if (pages.current.list !== list) pages.current = { list, rows: new Map(), isLoading: false };
  const wanted = useRef([0, 0]);
  wanted.current = [Math.floor(from / PAGE), Math.floor(Math.max(from, to - 1) / PAGE)];

  const load = async (): Promise<void> => {
    const mine = pages.current;
    if (mine.isLoading) return;
    mine.isLoading = true;
    for (let page = missing(mine.rows); page !== undefined; page = missing(mine.rows)) {
      const start = page * PAGE;
      const outcome = await client.lookUp((engine) => engine.recordRows(list, start, PAGE));
      if (pages.current !== mine) return;
      if (outcome.kind !== 'done') {
        setRefused(outcome);
        break;
      }
      mine.rows.set(page, outcome.value);
      if (mine.rows.size > KEPT) mine.rows.delete(mine.rows.keys().next().value!);
      setLoaded((before) => before + 1);
    }
    mine.isLoading = false;
  };
  const missing = (rows: ReadonlyMap<number, unknown>): number | undefined => {
    const [first, last] = wanted.current;
    for (let page = first; page <= last; page++) if (!rows.has(page)) return page;
    return undefined;
  };
  useEffect(() => {
    setRefused(undefined);
    void load();
  }, [list, wanted.current[0], wanted.current[1]]);

  return {
    refused,
    rowAt: (index: number): RecordRow | undefined =>
      pages.current.rows.get(Math.floor(index / PAGE))?.[index % PAGE],
  };
}

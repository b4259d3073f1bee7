import { identify } from '../rmgr/index.js';

/** The kind of a record in a line or a row: `INSERT+INIT`, `COMMIT` …; `UNKNOWN (f0)` for bits that name none. */
export function kindName(rmid: number, info: number, version: number): string {
  return identify(rmid, info, version) ?? `UNKNOWN (${(info & 0xf0).toString(16)})`;
}

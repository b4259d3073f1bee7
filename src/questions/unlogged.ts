import type { RemovalKind } from '../follow/removal.js';
import type { Say } from '../text/tongue.js';

/** A relation that lost its file; `unlogged` is undefined where it is not known whether it is. */
interface Removed {
  kind: RemovalKind;
  unlogged: boolean | undefined;
}

/** What is to be said where recovery is to bring a table's rows back; undefined where it can. */
export function unloggedText({ kind, unlogged }: Removed, say: Say): string | undefined {
  // what is rewritten loses nothing
  if (kind === 'rewrite' || unlogged === false) return undefined;
  return unlogged
    ? say`It is an unlogged table: no recovery brings its rows back, for neither WAL nor base backups have them.`
    : say`This WAL does not tell whether it is an unlogged table; if it is, no recovery brings its rows back.`;
}

/** The same in JSON: `true` of an unlogged table, null of one that may be, left out of all others. */
export function unloggedJson({ kind, unlogged }: Removed): { unlogged?: true | null } {
  if (unlogged) return { unlogged };
  return kind === 'rewrite' || unlogged === false ? {} : { unlogged: null };
}

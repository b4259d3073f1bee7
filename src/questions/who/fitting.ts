import type { RemovalKind } from '../../follow/removal.js';

/** What a transaction did to a table. */
export type Deed =
  | 'insert'
  | 'update'
  | 'delete'
  | 'truncate'
  | 'drop'
  | 'drop-database'
  | 'rewrite'
  | 'alter';

/** Patterns of words, of which a statement that does it has one. */
const WORDS: Readonly<Record<Deed, readonly string[]>> = {
  insert: ['insert', 'copy', 'merge', 'create', 'into', 'refresh'],
  update: ['update', 'merge', 'insert'],
  delete: ['delete', 'merge'],
  truncate: ['truncate'],
  drop: ['drop'],
  'drop-database': ['drop\\s+database'],
  rewrite: ['vacuum', 'cluster', 'alter', 'refresh', 'reindex', 'repack'],
  alter: ['alter'],
};

/** Cannot be in a transaction block (tcop/utility.c): no function and no trigger does it. */
const ALONE: ReadonlySet<Deed> = new Set(['drop-database']);

/** What removes a table's file. */
export const REMOVING: Readonly<Record<RemovalKind, readonly Deed[]>> = {
  drop: ['drop'],
  truncate: ['truncate'],
  'drop-or-truncate': ['drop', 'truncate'],
  rewrite: ['rewrite'],
  unknown: ['drop', 'truncate', 'rewrite'],
};

/** In two phases: what was done, an earlier statement of another session says. */
const SECOND_PHASE = /^commit\s+prepared\b/i;

/** Statements of a transaction's own that change nothing. */
const HARMLESS =
  /^(?:begin|start|commit|end|rollback|abort|savepoint|release|set|show|reset|listen|unlisten|notify|deallocate|discard|close|checkpoint|lock|prepare)\b/i;
/** Without a function, a query changes nothing. */
const PLAIN_QUERY = /^(?:select|table|values|fetch|move|declare|explain)\b[^(]*$/i;

/** How a statement goes with what a transaction did: `may` for one that may do so by a function or a trigger. */
export type Fit = 'fits' | 'may' | 'no';

/** A test of whether statements do one of these things. */
export function fitting(deeds: readonly Deed[]): (statement: string) => Fit {
  const words = new Set(deeds.flatMap((deed) => WORDS[deed]));
  const isAlone = deeds.length > 0 && deeds.every((deed) => ALONE.has(deed));
  const own = words.size === 0 ? Object.values(WORDS).flat() : [...words];
  const does = new RegExp(`\\b(?:${own.join('|')})\\b`, 'i');
  return (statement) => {
    const text = withoutComments(statement);
    if (SECOND_PHASE.test(text)) return 'fits';
    if (HARMLESS.test(text)) return 'no';
    if (does.test(text)) return 'fits';
    return isAlone || PLAIN_QUERY.test(text) ? 'no' : 'may';
  };
}

/** Without those that come before it. */
function withoutComments(statement: string): string {
  let text = statement.trimStart();
  for (;;) {
    const end = text.startsWith('--') ? text.indexOf('\n') : text.startsWith('/*') ? text.indexOf('*/') : -2;
    if (end === -2) return text;
    if (end === -1) return '';
    text = text.slice(text.startsWith('--') ? end + 1 : end + 2).trimStart();
  }
}

/** Whether a statement names a table, in whatever way it is written. */
export function names(statement: string, table: string): boolean {
  const text = statement.toLowerCase();
  const name = table.toLowerCase();
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const isWhole = !/[\p{L}\p{N}_$]/u.test((text[at - 1] ?? '') + (text[at + name.length] ?? ''));
    if (isWhole) return true;
  }
  return false;
}

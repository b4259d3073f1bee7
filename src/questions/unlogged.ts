/**
 * What is to be said where something is done about a table's rows; undefined where they can be had.
 * @param unlogged undefined where it is not known
 */
export function unloggedText(unlogged: boolean | undefined): string | undefined {
  if (unlogged === false) return undefined;
  return unlogged
    ? 'It is an unlogged table: no recovery brings its rows back, for neither WAL nor base backups have them.'
    : 'This WAL does not tell whether it is an unlogged table; if it is, no recovery brings its rows back.';
}

/**
 * The same in JSON: `true` of an unlogged table, null where that is not known, left out of all others.
 * @param unlogged undefined where it is not known
 */
export function unloggedJson(unlogged: boolean | undefined): { unlogged?: true | null } {
  return unlogged === false ? {} : { unlogged: unlogged ?? null };
}

import { decodeText } from '../text/encoding.js';

/** A tablespace of a backup, and the directory that the server links to it. */
export interface MappedTablespace {
  oid: number;
  path: string;
}

/**
 * Reads a backup's `tablespace_map`, by which the server makes the links in `pg_tblspc` when it starts
 * (`read_tablespace_map`, src/backend/access/transam/xlogrecovery.c; up to 14 xlog.c). A backslash is before a
 * character of a path that would end a line and, since 14, before itself.
 */
export function parseTablespaceMap(bytes: Uint8Array, version: number): MappedTablespace[] {
  const [line, escaped] =
    version >= 14
      ? [/(?<!\d)(\d+) ((?:[^\\\r\n]|\\[\s\S])+)/g, /\\([\s\S])/g]
      : [/(?<!\d)(\d+) +((?:[^\r\n]|(?<=\\)[\r\n])+)/g, /\\([\r\n])/g];
  return Array.from(decodeText(bytes).matchAll(line), ([, oid, path]) => ({
    oid: Number(oid),
    path: path.replaceAll(escaped, '$1'),
  }));
}

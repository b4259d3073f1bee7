/**
 * Text that a POSIX shell takes for part of one word, exactly as it is: in single quotes where it holds anything
 * that the shell could read otherwise. Empty text stays empty.
 */
export function quoteForShell(text: string): string {
  return /^[\w@%+=:,./-]*$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** A path that is neither taken apart by the shell nor taken for an option. */
export const pathArgument = (path: string): string =>
  quoteForShell(path.startsWith('-') ? `./${path}` : path);

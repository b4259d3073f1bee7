/** Names for a message, the first few of them: `a, b, c and 4 more`. */
export function listed(names: readonly string[], most: number, between = ', '): string {
  const more = names.length - most;
  return names.slice(0, most).join(between) + (more > 0 ? ` and ${more} more` : '');
}

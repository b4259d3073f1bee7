/** What is shown of a list. */
interface Newest<T> {
  newest: T[];
  /** How many are left out. */
  older: number;
}

/** The first of what is in order from the newest on, where there is a limit. */
export function newestOf<T>(newestFirst: readonly T[], limit = Number.POSITIVE_INFINITY): Newest<T> {
  return { newest: newestFirst.slice(0, limit), older: Math.max(0, newestFirst.length - limit) };
}

/** The last of what is in the order of time, in that order. */
export function newestOfOrdered<T>(ordered: readonly T[], limit?: number): Newest<T> {
  const { newest, older } = newestOf(ordered.toReversed(), limit);
  return { newest: newest.reverse(), older };
}

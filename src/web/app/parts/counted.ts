import type { Format } from '../../format.js';

/** A number for a message that has one form for one and another for many. */
export const counted = (count: number, format: Format): { count: number; number: string } => ({
  count,
  number: format.number(count),
});

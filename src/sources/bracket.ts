/** What a bisection has come to: two places that follow each other, unless nothing between them tells anything. */
export interface Bracket {
  /** The last place known to come before what is looked for; one less than all where none is. */
  before: number;
  /** The first place known not to; one more than all where none is. */
  after: number;
}

/**
 * Bisects places that need not all tell something: where one does not, its neighbours are asked, in steps that double.
 * @param isAfter whether a place comes at or after what is looked for; undefined where it does not tell
 */
export async function bracket(
  { before, after }: Bracket,
  isAfter: (place: number) => Promise<boolean | undefined>,
): Promise<Bracket> {
  let [low, high] = [before, after];
  while (high - low > 1) {
    let told = false;
    for (const place of placesAround((low + high) >> 1, low, high)) {
      const answer = await isAfter(place);
      if (answer === undefined) continue;
      if (answer) high = place;
      else low = place;
      told = true;
      break;
    }
    if (!told) break;
  }
  return { before: low, after: high };
}

function* placesAround(middle: number, low: number, high: number): Generator<number> {
  yield middle;
  for (let step = 1; middle + step < high || middle - step > low; step *= 2) {
    if (middle + step < high) yield middle + step;
    if (middle - step > low) yield middle - step;
  }
}

/**
 * Looks for the nearest place before `from` that comes before what is looked for, in steps that double, then by
 * bisection.
 * @returns `least` where none does
 */
export async function lastBefore(
  from: number,
  least: number,
  isAfter: (place: number) => Promise<boolean | undefined>,
): Promise<number> {
  let after = from + 1;
  for (let step = 0; from - step >= least; step = Math.max(1, 2 * step)) {
    const place = from - step;
    const answer = await isAfter(place);
    if (answer === false) return Math.max(least, (await bracket({ before: place, after }, isAfter)).before);
    if (answer === true) after = place;
  }
  if (after > from) return least;
  return Math.max(least, (await bracket({ before: least - 1, after }, isAfter)).before);
}

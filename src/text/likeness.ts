/** More characters of a name are not compared: PostgreSQL cuts names to 63 bytes (NAMEDATALEN). */
const MOST_CHARACTERS = 64;

/** More names than these are not compared. */
const MOST_NAMES = 20_000;

/** Names that may be meant by one that there is none of, the most alike first, `most` of them. */
export function mostAlike(wanted: string, names: Iterable<string>, most: number): string[] {
  const ranked: { name: string; distance: number }[] = [];
  for (const name of new Set(names)) {
    if (ranked.length === MOST_NAMES) break;
    const bare = name.slice(name.lastIndexOf('.') + 1);
    ranked.push({ name, distance: Math.min(distanceOf(wanted, name), distanceOf(wanted, bare)) });
  }
  ranked.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return ranked.slice(0, most).map(({ name }) => name);
}

/** How many characters have to be changed, put in or taken away to make one text of the other (Levenshtein). */
function distanceOf(one: string, other: string): number {
  const [a, b] = [one, other].map((text) => [...text.toLowerCase().slice(0, MOST_CHARACTERS)]);
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, character] of a.entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const changed = row[j] + (character === b[j] ? 0 : 1);
      next.push(Math.min(changed, row[j + 1] + 1, next[j] + 1));
    }
    row = next;
  }
  return row[b.length];
}

/** What gets another name; undefined where it is new. */
export interface Renaming {
  from: string | undefined;
  to: string;
}

/** The same, or one half of it. */
export interface RenameStep extends Renaming {
  /** Its place among what was given. */
  index: number;
}

/**
 * An order in which things can be renamed one after the other, as given wherever that is possible. Where names go round,
 * as when two are exchanged, one of them has another name in between.
 */
export function renameSteps(renamings: readonly Renaming[]): RenameStep[] {
  const steps: RenameStep[] = [];
  const names = new Set(renamings.flatMap(({ from, to }) => [from, to]));
  const holders = new Map(renamings.map(({ from }, index) => [from, index]));
  const taken = new Set<number>();
  let between = 0;
  for (const start of renamings.keys()) {
    // each waits for the one that has its name
    const chain: RenameStep[] = [];
    let index: number | undefined = start;
    while (index !== undefined && !taken.has(index)) {
      taken.add(index);
      chain.push({ ...renamings[index], index });
      const { from, to }: Renaming = renamings[index];
      index = from === to ? undefined : holders.get(to);
    }
    const round = chain.find((step) => step.index === index);
    if (round !== undefined) {
      let name: string;
      do name = `walscan_${++between}`;
      while (names.has(name));
      steps.push({ ...round, to: name });
      round.from = name;
    }
    steps.push(...chain.reverse());
  }
  return steps;
}

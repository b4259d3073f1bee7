/** Which segment, or what runs over from it into the next, facts are of. */
export interface FactsPlace {
  systemIdentifier: bigint;
  timeline: number;
  /** The file name in `pg_wal`, 24 hexadecimal digits. */
  name: string;
  /** The one record that begins in the segment and ends after it. */
  joint?: boolean;
  /** The segment and those after it, rolled up: see `roll-up/block.ts`. */
  rolledUp?: boolean;
}

/** What the name of a folder of a joint ends in. */
export const JOINT = '-next';

/**
 * The folder of a segment's facts, below that of all facts. Engines take `system`, `timeline` and `segment` as columns
 * (Hive's partitioning), and pass over folders that begin with `_`.
 */
export const factsFolder = ({
  systemIdentifier,
  timeline,
  name,
  joint = false,
  rolledUp = false,
}: FactsPlace): string => {
  const system = systemFolder(systemIdentifier);
  if (rolledUp) return `${system}/${rollUpsFolder(timeline)}/${name}`;
  return `${system}/timeline=${timeline}/segment=${name}${joint ? JOINT : ''}`;
};

/** The folder of a timeline's roll-ups, below that of its cluster. */
export const rollUpsFolder = (timeline: number): string => `_rolled-up/timeline=${timeline}`;

export const systemFolder = (systemIdentifier: bigint): string => `system=${systemIdentifier}`;

/** History files and `.backup` files lie there as they are in the archive. */
export const smallFilesFolder = (systemIdentifier: bigint): string =>
  `${systemFolder(systemIdentifier)}/_files`;

/** What is not whole yet lies there, below the folder of all facts: it is renamed once it is. */
export const UNFINISHED = '_unfinished';

export const factFile = (table: string): string => `${table}.parquet`;

const FOLDER = /^system=(\d{1,20})\/timeline=(\d{1,10})\/segment=([0-9A-F]{24})(-next)?$/;

/** What a folder below that of all facts has facts of; undefined where it is none of those. */
export function factsPlaceOf(folder: string): FactsPlace | undefined {
  const match = FOLDER.exec(folder);
  if (match === null) return undefined;
  const [, system, timeline, name, joint] = match;
  return {
    ...{ systemIdentifier: BigInt(system), timeline: Number(timeline), name },
    ...(joint === undefined ? {} : { joint: true }),
  };
}

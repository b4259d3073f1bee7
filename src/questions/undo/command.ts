import { pathArgument } from '../plan/shell.js';

/** Where a command finds what it needs. */
export interface CommandPlaces {
  /** The inputs, as they were given; where that is not known, `WAL` stands for them. */
  places?: readonly string[] | undefined;
  /**
   * The base backup, as it was given or chosen; none where the inputs have one. Where that is not known, `BACKUP` stands
   * for it.
   */
  backups?: readonly string[] | undefined;
  /** The file with the passphrase. */
  cipherPassFile?: string | undefined;
}

/** PostgreSQL's majors of which changes are read. */
const OLDEST_WITH_CHANGES = 13;

/** The command that prints SQL which takes back what a transaction changed; undefined where there is none. */
export function undoCommand(
  { xid, timeline, postgres }: { xid: number; timeline: number; postgres: number },
  { places = ['WAL'], backups = ['BACKUP'], cipherPassFile }: CommandPlaces,
): string | undefined {
  if (postgres < OLDEST_WITH_CHANGES) return undefined;
  const words = [
    `walscan undo --xid ${xid}`,
    ...backups.map((one) => `--backup ${pathArgument(one)}`),
    `--timeline ${timeline}`,
    ...(cipherPassFile === undefined ? [] : [`--cipher-pass-file ${pathArgument(cipherPassFile)}`]),
    ...places.map(pathArgument),
  ];
  return words.join(' ');
}

import type { Backup } from '../sources/backup-parts.js';
import type { ByteSource, SourceFolder } from '../sources/byte-source.js';
import type { Reading } from '../sources/reading.js';
import type { WalError } from '../wal/error.js';
import type { Lsn } from '../wal/lsn.js';
import type { TimestampTz } from '../wal/timestamp.js';

/** A backup tool whose repositories walscan reads. */
export type ToolName = 'pgbackrest' | 'barman' | 'wal-g';

/** A tablespace of a backup, and where it lay on the server: there the tool restores it unless it is told otherwise. */
export interface StoredTablespace {
  readonly name: string;
  readonly oid: number;
  readonly path: string;
}

/** A base backup in a repository, as far as its tool's own files tell of it. Nothing else of it is read for that. */
export interface StoredBackup {
  /** As the tool names it: `20261126-110908F_20261126-111151I`, `20261126T111131`, `base_000000010000000000000003`. */
  readonly name: string;
  readonly type: 'full' | 'differential' | 'incremental';
  /** The backup that it builds on. */
  readonly parent: string | undefined;
  /** The redo point, from which its WAL is needed. */
  readonly startLsn: Lsn | undefined;
  /** Where the WAL ends that it needs. */
  readonly endLsn: Lsn | undefined;
  readonly timeline: number | undefined;
  readonly startTime: TimestampTz | undefined;
  readonly stopTime: TimestampTz | undefined;
  /** Bytes of the data folder. */
  readonly size: number | undefined;
  /** Bytes that it takes in the repository, without those of backups that it builds on. */
  readonly storedSize: number | undefined;
  /** How its files are packed, as the tool calls it; undefined where they are as they were. */
  readonly compression?: string | undefined;
  /** Those that it has beside the default one, where the tool's files tell. */
  readonly tablespaces?: readonly StoredTablespace[] | undefined;
  /** Whether it is one of barman-cloud, which has programs of its own. */
  readonly isOfBarmanCloud?: boolean | undefined;
  /** Why it is none to restore, such as one that failed or is still being taken. */
  readonly problem: WalError | undefined;
  /** @throws WalError what is wrong with it, or missing of it */
  open(): Promise<Backup>;
}

/** Of a backup of which its tool's files tell nothing. */
export const NOTHING_KNOWN = {
  type: 'full',
  parent: undefined,
  startLsn: undefined,
  endLsn: undefined,
  timeline: undefined,
  startTime: undefined,
  stopTime: undefined,
  size: undefined,
  storedSize: undefined,
  problem: undefined,
} as const satisfies Partial<StoredBackup>;

/** What a backup tool keeps of one cluster: its WAL and its base backups. */
export interface Repository {
  readonly tool: ToolName;
  /** What is to be given to mean this cluster alone; messages name it by that. */
  readonly name: string;
  /** What the tool calls the cluster: pgBackRest's stanza, Barman's server. WAL-G has no name for it. */
  readonly cluster: string | undefined;
  /** The major version and the system identifier of the cluster, where the tool's files tell. */
  readonly version: number | undefined;
  readonly systemIdentifier: bigint | undefined;
  /** Where its WAL is, deciphered. */
  readonly wal: readonly (ByteSource | SourceFolder)[];
  /** What is damaged or missing of the tool's own files, and was done without: a copy of it is sound, or others tell the same. */
  readonly passedOver?: readonly WalError[] | undefined;
  /**
   * Its base backups, the oldest first; those that were given up, too.
   * @throws WalError
   */
  backups(): Promise<readonly StoredBackup[]>;
}

/** What a file or folder is of a repository. */
export interface RepositoryPlace {
  /** Of the clusters that it has something of. */
  readonly repositories: readonly Repository[];
  /** The name of the backup that it is, or is part of. */
  readonly backup?: string | undefined;
  /** The WAL that is meant, where that is not all of the repository's. */
  readonly wal?: readonly (ByteSource | SourceFolder)[] | undefined;
}

/** The repositories of a tool. */
export interface RepositoryLayout {
  readonly tool: ToolName;
  /**
   * Whether a file or folder belongs to a repository, by its content: the root, or anything below it that leads to a
   * cluster or a backup.
   * @throws WalError for a repository that cannot be read, such as one that is encrypted without its passphrase
   */
  find(place: ByteSource | SourceFolder, reading: Reading): Promise<RepositoryPlace | undefined>;
}

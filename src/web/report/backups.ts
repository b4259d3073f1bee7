import type { ArchiveJson, ReportJson } from '../../index.js';

type ArchiveBackup = ArchiveJson['backups'][number];
export type Reach = ReportJson['wal']['reach'][number];

/** A base backup, of the archive or the one that was given besides. */
export interface ShownBackup
  extends Pick<ArchiveBackup, 'startLsn' | 'endLsn' | 'timeline' | 'stopTime' | 'missing' | 'verified'> {
  name: string;
  state: ArchiveBackup['state'] | 'given';
  reach: Reach | undefined;
}

/** Which reach is of which backup: where a backup begins decides. */
const keyOf = ({ startLsn, timeline }: ArchiveBackup | Reach): string => `${timeline} ${startLsn}`;

/** All base backups that a report tells of. */
export function backupsOf({ archive, wal }: Pick<ReportJson, 'archive' | 'wal'>): ShownBackup[] {
  const reaches = new Map(wal.reach.map((reach) => [keyOf(reach), reach]));
  const known = new Set(archive.backups.map(keyOf));
  return [
    ...archive.backups.map((one) => ({
      ...one,
      // as `BackupReachJson.backup` has it
      name: one.name ?? one.label ?? one.files[0] ?? one.startLsn ?? '',
      reach: reaches.get(keyOf(one)),
    })),
    ...wal.reach
      .filter((reach) => !known.has(keyOf(reach)))
      .map((reach): ShownBackup => {
        const { backup: name, startLsn, timeline } = reach;
        return { ...GIVEN, name, startLsn, timeline, reach };
      }),
  ];
}

/** Of a backup that is given nothing is known but how far it reaches. */
const GIVEN: Omit<ShownBackup, 'name' | 'startLsn' | 'timeline' | 'reach'> = {
  state: 'given',
  endLsn: null,
  stopTime: null,
  missing: [],
  verified: null,
};

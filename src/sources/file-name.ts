import { type ByteSource, fileNameOf } from './byte-source.js';
import { COMPRESSED_SUFFIX } from './codecs/index.js';

/**
 * What a file is, told by its name alone:
 * - `segment`: a WAL segment, raw or compressed, whole or `.partial`
 * - `history`: a timeline history file, `00000002.history`
 * - `backup-history`: the history file of a base backup, `000000010000000000000002.00000028.backup`
 * - `backup-label`, `backup-manifest`: the files of these names in a base backup
 * - `archive-status`: what `pg_wal/archive_status` says of a file, `000000010000000000000003.ready`
 */
export type FileKind =
  | { kind: 'segment'; segment: string; partial: boolean }
  | { kind: 'history'; timeline: number }
  | { kind: 'backup-history'; segment: string }
  | { kind: 'backup-label' }
  | { kind: 'backup-manifest' }
  | { kind: 'archive-status'; file: string; status: 'ready' | 'done' }
  | { kind: 'other' };

const SEGMENT = '[0-9A-F]{24}';

/** pgBackRest puts the SHA-1 of the content after the segment's name: `…03-<40 digits>.gz`, `…03.partial-<40 digits>`. */
const SEGMENT_FILE = new RegExp(
  `^(${SEGMENT})(\\.partial)?(?:-[0-9a-f]{40})?${COMPRESSED_SUFFIX}(\\.partial)?${COMPRESSED_SUFFIX}$`,
);
const HISTORY_FILE = new RegExp(`^([0-9A-F]{8})\\.history${COMPRESSED_SUFFIX}$`);
/** Segment and offset of the backup's start (`BackupHistoryFileName`, src/include/access/xlog_internal.h). */
const BACKUP_HISTORY_FILE = new RegExp(`^(${SEGMENT})\\.[0-9A-F]{8}\\.backup${COMPRESSED_SUFFIX}$`);
const BACKUP_FILE = new RegExp(`^backup_(label|manifest)${COMPRESSED_SUFFIX}$`);
const STATUS_FILE =
  /^([0-9A-F]{8}(?:[0-9A-F]{16})?(?:\.[0-9A-F]{8})?(?:\.(?:history|backup|partial))?)\.(ready|done)$/;

/** What a file is by its name (without folders). */
export function fileKind(name: string): FileKind {
  let match = SEGMENT_FILE.exec(name);
  if (match)
    return { kind: 'segment', segment: match[1], partial: match[2] !== undefined || match[3] !== undefined };
  match = HISTORY_FILE.exec(name);
  if (match) return { kind: 'history', timeline: Number.parseInt(match[1], 16) };
  match = BACKUP_HISTORY_FILE.exec(name);
  if (match) return { kind: 'backup-history', segment: match[1] };
  match = BACKUP_FILE.exec(name);
  if (match) return { kind: match[1] === 'label' ? 'backup-label' : 'backup-manifest' };
  match = STATUS_FILE.exec(name);
  if (match) return { kind: 'archive-status', file: match[1], status: match[2] as 'ready' | 'done' };
  return { kind: 'other' };
}

/** Whether a file is called as one that a segment is still being written to. */
export function isPartial(source: ByteSource): boolean {
  const kind = fileKind(fileNameOf(source));
  return kind.kind === 'segment' && kind.partial;
}

const PGBACKREST_FILE = new RegExp(`^${SEGMENT}(?:\\.partial)?-[0-9a-f]{40}`);

/** Whether a file is called as pgBackRest calls the segments in its repository. */
export function isOfPgBackRest(source: ByteSource): boolean {
  return PGBACKREST_FILE.test(fileNameOf(source));
}

/** Suffixes that WAL archives are known to have (WAL-G: LZO; encryption) and that cannot be read here. */
const UNSUPPORTED_FILE = new RegExp(
  `^${SEGMENT}(?:\\.partial)?(?:-[0-9a-f]{40})?\\.(?:lzo|Z|7z|zip|gpg|age|enc)$`,
);

/** A segment by its name, compressed or encrypted in a way that is not supported. */
export function isUnsupportedSegment(name: string): boolean {
  return UNSUPPORTED_FILE.test(name);
}

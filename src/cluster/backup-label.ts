import { decodeText } from '../text/encoding.js';
import type { WalError } from '../wal/error.js';
import { type Lsn, parseLsn } from '../wal/lsn.js';
import { type Message, type MessageValue, message } from '../wal/message.js';
import { fileError } from './file-error.js';

/** What both `backup_label` and the archived `.backup` file say of a base backup. */
export interface BackupLabel {
  /** The redo point of the backup's checkpoint: recovery reads WAL from here. */
  startLsn: Lsn;
  /** The segment that holds `startLsn`. */
  startFile: string;
  startTimeline: number;
  /** The record of the backup's checkpoint. */
  checkpointLsn: Lsn;
  /**
   * `streamed` (pg_basebackup, pg_backup_start), `pg_start_backup` (an exclusive backup, before 15) or
   * `pg_rewind`. Only a streamed backup promises an end-of-backup record in the WAL.
   */
  method: string | undefined;
  /** `primary` (written as `master` before 14) or `standby`. */
  from: string | undefined;
  /** As written, in the server's `log_timezone`: `2026-11-22 10:12:37 UTC`. */
  startTime: string | undefined;
  label: string | undefined;
  /** Since 17, for an incremental backup: the start of the backup it builds on. */
  incrementalFrom: { lsn: Lsn; timeline: number } | undefined;
}

/** The `.backup` file that a primary archives at a backup's end. */
export interface BackupHistory extends BackupLabel {
  /** Where the backup's WAL ends: recovery is consistent from here on. */
  stopLsn: Lsn;
  /** The segment that holds `stopLsn`, or the one before where that is its first byte. */
  stopFile: string;
  stopTime: string | undefined;
  /** Since 11. */
  stopTimeline: number | undefined;
}

const LOCATION = /^([0-9A-Fa-f]+\/[0-9A-Fa-f]+) \(file ([0-9A-F]{24})\)$/;

/**
 * Reads `backup_label`. The start and the checkpoint must be there in the server's own form, as its first two lines
 * with nothing before them (`read_backup_label`, src/backend/access/transam/xlog.c, since 15 xlogrecovery.c); the rest
 * may be missing.
 *
 * @param file name for errors
 * @throws WalError `bad-backup-label`
 */
export function parseBackupLabel(bytes: Uint8Array, file?: string): BackupLabel {
  const lines = new Lines(bytes, 'backup_label', file);
  lines.expectNothingOfWindows();
  const label = readLabel(lines);
  lines.expectInOrder();
  return label;
}

/**
 * Reads an archived `.backup` file, `000000010000000000000002.00000028.backup` (written by `do_pg_stop_backup`,
 * src/backend/access/transam/xlog.c, since 16 `build_backup_content`, xlogbackup.c).
 *
 * @param file name for errors
 * @throws WalError `bad-backup-label`
 */
export function parseBackupHistory(bytes: Uint8Array, file?: string): BackupHistory {
  const lines = new Lines(bytes, message`backup history file`, file);
  const label = readLabel(lines);
  const stop = lines.location('STOP WAL LOCATION');
  return {
    ...label,
    stopLsn: stop.lsn,
    stopFile: stop.file,
    stopTime: lines.value('STOP TIME'),
    stopTimeline: lines.timeline('STOP TIMELINE'),
  };
}

function readLabel(lines: Lines): BackupLabel {
  const start = lines.location('START WAL LOCATION');
  const startTimeline = Number.parseInt(start.file.slice(0, 8), 16);
  const written = lines.timeline('START TIMELINE'); // since 11
  if (written !== undefined && written !== startTimeline) {
    throw lines.bad(message`timeline ID parsed is ${written}, but expected ${startTimeline}`);
  }
  const checkpointLsn = lines.lsn('CHECKPOINT LOCATION');
  if (checkpointLsn === undefined) throw lines.bad(message`it has no CHECKPOINT LOCATION`);
  const from = lines.value('BACKUP FROM');
  const incrementalLsn = lines.lsn('INCREMENTAL FROM LSN');
  const incrementalTimeline = lines.timeline('INCREMENTAL FROM TLI');
  if ((incrementalLsn === undefined) !== (incrementalTimeline === undefined)) {
    throw lines.bad(message`only one of INCREMENTAL FROM LSN and INCREMENTAL FROM TLI is there`);
  }
  return {
    startLsn: start.lsn,
    startFile: start.file,
    startTimeline,
    checkpointLsn,
    method: lines.value('BACKUP METHOD'),
    from: from === 'master' ? 'primary' : from,
    startTime: lines.value('START TIME'),
    label: lines.value('LABEL'),
    incrementalFrom:
      incrementalLsn === undefined || incrementalTimeline === undefined
        ? undefined
        : { lsn: incrementalLsn, timeline: incrementalTimeline },
  };
}

/** Lines of the form `KEY: value`. */
class Lines {
  private readonly values = new Map<string, string>();
  private readonly text: string;

  constructor(
    bytes: Uint8Array,
    private readonly kind: MessageValue,
    private readonly file: string | undefined,
  ) {
    this.text = decodeText(bytes);
    for (const line of this.text.split('\n')) {
      const [, key, value] = /^([A-Z ]+): (.*)$/s.exec(line) ?? [];
      // the first one counts: a label may have lines of its own, which look like anything
      if (key !== undefined && !this.values.has(key)) this.values.set(key, value);
    }
  }

  bad(why: Message): WalError {
    return fileError('bad-backup-label', message`invalid data in ${this.kind}: ${why}`, this.file);
  }

  /** An editor's doing, which does not show. */
  expectNothingOfWindows(): void {
    if (this.text.startsWith('\ufeff'))
      throw this.bad(message`it begins with a byte order mark, and the server refuses it`);
    if (/^.*\r\n/.test(this.text)) {
      throw this.bad(message`its lines end in CR LF, as on Windows, and the server wants LF alone`);
    }
  }

  /** The server reads the first two lines of a label by their place, and refuses it where they are others. */
  expectInOrder(): void {
    if (/^START WAL LOCATION: .*\nCHECKPOINT LOCATION: .*\n/.test(this.text)) return;
    throw this.bad(
      message`START WAL LOCATION must be its first line and CHECKPOINT LOCATION its second, with nothing before and between them and a line feed at their ends, or the server refuses it`,
    );
  }

  value(key: string): string | undefined {
    return this.values.get(key);
  }

  lsn(key: string): Lsn | undefined {
    const text = this.value(key);
    if (text === undefined) return undefined;
    const lsn = parseLsn(text);
    if (lsn === undefined) throw this.bad(message`${key} is no LSN: ${text}`);
    return lsn;
  }

  location(key: string): { lsn: Lsn; file: string } {
    const text = this.value(key);
    if (text === undefined) throw this.bad(message`it has no ${key}`);
    const [, lsnText = '', file = ''] = LOCATION.exec(text) ?? [];
    const lsn = parseLsn(lsnText);
    if (lsn === undefined) throw this.bad(message`${key} is no LSN with a file: ${text}`);
    return { lsn, file };
  }

  timeline(key: string): number | undefined {
    const text = this.value(key);
    if (text === undefined) return undefined;
    const timeline = /^\d{1,10}$/.test(text) ? Number(text) : 0;
    if (timeline < 1 || timeline > 0xffffffff) throw this.bad(message`${key} is no timeline ID: ${text}`);
    return timeline;
  }
}

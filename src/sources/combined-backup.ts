import { type BackupLabel, parseBackupLabel } from '../cluster/backup-label.js';
import type { BackupManifest } from '../cluster/backup-manifest.js';
import { type ControlFile, soundControlFile } from '../cluster/control-file.js';
import { decodeText, encodeText } from '../text/encoding.js';
import { WalError } from '../wal/error.js';
import { formatLsn } from '../wal/lsn.js';
import { message } from '../wal/message.js';
import { backupOfFiles } from './backup.js';
import { type Backup, type BackupFiles, damaged } from './backup-parts.js';
import type { ByteSource } from './byte-source.js';
import { combinedBlocks, type FileVersion } from './incremental-file.js';
import type { NamedBytes } from './input.js';
import { ManifestCheck } from './manifest-check.js';
import { memorySource } from './memory-source.js';
import type { Reading } from './reading.js';
import { storedBytes } from './stored-bytes.js';

/** One of a chain. */
interface Part {
  backup: Backup;
  files: BackupFiles;
  labelFile: NamedBytes;
  label: BackupLabel;
  control: ControlFile;
  manifest: BackupManifest | undefined;
  check: ManifestCheck;
}

const LABEL = 'backup_label';
const CONTROL = 'global/pg_control';

/**
 * The backup that a full one and the incremental ones of `pg_basebackup --incremental` after it come to, as
 * `pg_combinebackup` would put it together (src/bin/pg_combinebackup, 17 to 19). Each file is held against the manifest
 * of the backup that it is of, when it is read.
 * @param backups the chain, in any order
 * @throws WalError `missing-backup` where one of the chain is not there, `usage` where it has two full ones,
 *   `foreign-cluster`, `incremental-backup` for tar files; what is wrong with their small files
 */
export async function combineBackups(backups: readonly Backup[], reading: Reading): Promise<Backup> {
  const parts: Part[] = [];
  for (const backup of backups) parts.push(await readPart(backup));
  parts.sort((a, b) => (a.label.startLsn < b.label.startLsn ? -1 : 1));
  checkChain(parts);
  const last = parts[parts.length - 1];
  const { backup } = last;
  const combined = backupOfFiles(backup.name, combinedFiles(parts, reading), reading);
  return {
    ...combined,
    chain: parts.map(({ backup: { name } }) => name),
    label: async () => withoutIncremental(last.labelFile),
    control: () => backup.control(),
    manifest: async () => last.manifest && manifestOf(last.manifest),
    configFile: (path) => backup.configFile(path),
    configNames: (path) => backup.configNames(path),
    tablespaceLinks: () => backup.tablespaceLinks(),
    wal: () => backup.wal(),
    passedOver: parts.flatMap((part) => part.backup.passedOver ?? []),
  };
}

async function readPart(backup: Backup): Promise<Part> {
  const { name, files } = backup;
  const place = { file: name };
  if (files === undefined) {
    const text = message`${name} has its files in tar files, or not all of them: unpack base.tar and the tar files of tablespaces (into pg_tblspc/<oid>) and give the folder, for incremental backups can be put together from folders only`;
    throw new WalError('incremental-backup', text, place);
  }
  const labelFile = await backup.label();
  const controlFile = await backup.control();
  if (labelFile === undefined || controlFile === undefined) {
    const text = message`${name} has no ${labelFile === undefined ? LABEL : CONTROL}, without which it is no backup that another one builds on`;
    throw new WalError('not-a-backup', text, place);
  }
  const manifest = await backup.manifest();
  const check = await ManifestCheck.of(backup);
  const fault = check.faultOf(LABEL, labelFile.bytes) ?? check.faultOf(CONTROL, controlFile.bytes);
  if (fault) throw fault.problem;
  const label = parseBackupLabel(labelFile.bytes, labelFile.name);
  const control = soundControlFile(controlFile.bytes, controlFile.name);
  return { backup, files, labelFile, label, control, manifest, check };
}

/** As strict as `pg_combinebackup` (`check_backup_label_files`, `check_control_files`). */
function checkChain(parts: readonly Part[]): void {
  const { systemIdentifier } = parts[0].control;
  for (const [i, { backup, label, control, manifest }] of parts.entries()) {
    const place = { file: backup.name };
    const identifiers = [control.systemIdentifier, manifest?.systemIdentifier ?? systemIdentifier];
    const other = identifiers.find((one) => one !== systemIdentifier);
    if (other !== undefined) {
      const text = message`${backup.name} is of another cluster (system identifier ${other}) than ${parts[0].backup.name} (${systemIdentifier})`;
      throw new WalError('foreign-cluster', text, place);
    }
    const from = label.incrementalFrom;
    const before = i === 0 ? undefined : parts[i - 1];
    if (from === undefined) {
      if (before === undefined) continue;
      const text = message`${backup.name} is a full backup, and so is one before it: give one full backup and the incremental ones that build on it`;
      throw new WalError('usage', text, place);
    }
    const { startLsn, startTimeline } = before?.label ?? {};
    if (startLsn === from.lsn && startTimeline === from.timeline) continue;
    const text = message`${backup.name} is incremental and builds on the backup that starts at ${formatLsn(from.lsn)} on timeline ${from.timeline}, which is not there: give that one, too, and those that it builds on`;
    throw new WalError('missing-backup', text, place);
  }
}

/** Where incremental files are, and what the file is called that they are of. */
const INCREMENTAL = /^((?:base|global|pg_tblspc)\/(?:[^/]+\/)*)INCREMENTAL\.([^/]+)$/;
const OF_RELATIONS = /^((?:base|global|pg_tblspc)\/(?:[^/]+\/)*)([^/]+)$/;

/** The path of the file that is to be made of an incremental one; undefined for any other file. */
function combinedPath(path: string): string | undefined {
  const match = INCREMENTAL.exec(path);
  return match ? match[1] + match[2] : undefined;
}

function incrementalPath(path: string): string | undefined {
  const match = OF_RELATIONS.exec(path);
  return match ? `${match[1]}INCREMENTAL.${match[2]}` : undefined;
}

/** The files of the last of a chain, those that are incremental put together. */
function combinedFiles(parts: readonly Part[], reading: Reading): BackupFiles {
  const { backup, files, labelFile, manifest } = parts[parts.length - 1];
  const promised = new Set(manifest?.files.flatMap(({ path }) => combinedPath(path) ?? []));
  return {
    async *paths() {
      const left = new Set(promised);
      for await (const path of files.paths()) {
        const combined = combinedPath(path) ?? path;
        left.delete(combined);
        yield combined;
      }
      yield* left; // to be missed by those who want them
    },
    async file(path) {
      if (path === LABEL) return memorySource(labelFile.name, withoutIncremental(labelFile).bytes);
      const whole = await files.file(path);
      const other = incrementalPath(path);
      const part = other === undefined ? undefined : await files.file(other);
      if (whole !== undefined && part !== undefined) {
        throw damaged(part.name, message`lies beside a whole file of the same relation`);
      }
      if (part === undefined) {
        if (whole === undefined && promised.has(path)) {
          throw damaged(`${backup.name}/${other}`, message`is not there, but in the backup_manifest`);
        }
        return whole;
      }
      return {
        name: `${backup.name}/${path}`,
        open: () => combinedBlocks(versionsOf(path, parts, reading)),
      };
    },
  };
}

/** The newest first, up to a whole one. */
async function* versionsOf(
  path: string,
  parts: readonly Part[],
  reading: Reading,
): AsyncGenerator<FileVersion> {
  const incremental = incrementalPath(path)!;
  for (const { backup, files, check } of parts.toReversed()) {
    const version = (kind: FileVersion['kind'], ownPath: string, source: ByteSource): FileVersion => {
      const stored = storedBytes(source, reading);
      const { body, fault } = check.watch(ownPath, stored);
      const isChecked = body !== stored;
      return { name: source.name, kind, body, isChecked, fault: () => fault()?.problem };
    };
    const isNewest = backup === parts[parts.length - 1].backup;
    const whole = isNewest ? undefined : await files.file(path);
    if (whole) {
      yield version('full', path, whole);
      return;
    }
    const part = await files.file(incremental);
    if (part === undefined) {
      throw damaged(
        `${backup.name}/${path}`,
        message`is not there, and a later incremental backup builds on it`,
      );
    }
    yield version('incremental', incremental, part);
  }
  const [{ backup }] = parts;
  throw damaged(`${backup.name}/${incremental}`, message`is an incremental file in a full backup`);
}

/** What a manifest says of files that stay as they are. */
function manifestOf(manifest: BackupManifest): BackupManifest {
  const files = manifest.files.filter(({ path }) => path !== LABEL && combinedPath(path) === undefined);
  return { ...manifest, files, isPartial: true };
}

const ONLY_INCREMENTAL = /^INCREMENTAL FROM (?:LSN|TLI): /;

/** The label without the lines that no server starts from (`write_backup_label`). */
function withoutIncremental({ name, bytes }: NamedBytes): NamedBytes {
  const lines = decodeText(bytes).split('\n');
  return { name, bytes: encodeText(lines.filter((line) => !ONLY_INCREMENTAL.test(line)).join('\n')) };
}

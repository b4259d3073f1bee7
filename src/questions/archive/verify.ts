import type { BackupManifest, ManifestWalRange } from '../../cluster/backup-manifest.js';
import { type ControlFile, soundControlFile } from '../../cluster/control-file.js';
import type { Backup } from '../../sources/backup-parts.js';
import { CONTROL_FILE, CONTROL_FILE_SIZE, MANIFEST_FILE, readManifest } from '../../sources/backup-parts.js';
import { ManifestCheck } from '../../sources/manifest-check.js';
import { ProblemList } from '../../sources/problem-list.js';
import type { Reading } from '../../sources/reading.js';
import { problemOf, storedBytes } from '../../sources/stored-bytes.js';
import { WalError } from '../../wal/error.js';
import type { Lsn } from '../../wal/lsn.js';
import { message } from '../../wal/message.js';
import { PagesPassing } from './verify-pages.js';

/** What reading all files of a base backup showed. */
export interface VerifiedBackup {
  /** As messages name it. */
  name: string;
  /**
   * What has the checksums of its files: PostgreSQL's `backup_manifest`, or the manifest of pgBackRest. Undefined where
   * nothing has: then it is known only that they can be read and unpacked, and what `pages` says.
   */
  checksums: 'backup_manifest' | 'backup.manifest' | undefined;
  /** Files that were read, and their bytes, unpacked. */
  files: number;
  bytes: number;
  /** Pages whose own checksums were looked at: where nothing has those of files, and the cluster has data checksums. */
  pages: number | undefined;
  /** What is wrong with it; none is sound. Of very many the rest is counted. */
  problems: WalError[];
  /** As far as it was found and is sound. @internal */
  control: ControlFile | undefined;
  /** WAL that it cannot do without, by its manifest. @internal */
  walRanges: readonly ManifestWalRange[];
}

export interface VerifyOptions {
  reading: Reading;
  /** Where recovery of the backup begins; pages that were written since then come whole in the WAL. */
  startLsn: Lsn | undefined;
  /** Told how many bytes of files more were read. */
  onBytes(count: number): void;
  /** What is known of files of a repository that were read for other backups, which several build on; added to. */
  known: KnownFiles;
}

/** What was found of files. Not of all where they are very many: the others are read again. */
export class KnownFiles {
  private readonly files = new Map<string, WalError | undefined>();
  private damaged = 0;

  has(key: string): boolean {
    return this.files.has(key);
  }

  get(key: string): WalError | undefined {
    return this.files.get(key);
  }

  add(key: string, problem: WalError | undefined): void {
    if (this.files.size === MOST_KNOWN || (problem && this.damaged === MOST_KNOWN_DAMAGED)) return;
    this.files.set(key, problem);
    if (problem) this.damaged++;
  }
}

const MOST_KNOWN = 2_000_000;
const MOST_KNOWN_DAMAGED = 10_000;

/** As `pg_verifybackup` does by default (`verifybackup`, src/bin/pg_verifybackup/pg_verifybackup.c, 13 to 19). */
const IGNORED: ReadonlySet<string> = new Set([
  MANIFEST_FILE,
  'pg_wal',
  'postgresql.auto.conf',
  'recovery.signal',
  'standby.signal',
]);

/**
 * Reads all files of a base backup, and holds them against its manifest as `pg_verifybackup` does: sizes, checksums,
 * files that are missing or too many, the manifest's own checksum, and the system identifier of pg_control. What is
 * wrong is among the result's problems.
 */
export async function verifyBackup(backup: Backup, options: VerifyOptions): Promise<VerifiedBackup> {
  return new Verification(backup, options).run();
}

class Verification {
  private readonly problems = new ProblemList();
  private readonly seen = new Set<string>();
  private files = 0;
  private bytes = 0;
  private pages: PagesPassing | undefined;
  private check = ManifestCheck.against('', undefined);
  private manifest: BackupManifest | undefined;
  private inManifest: ReadonlyMap<string, BackupManifest['files'][number]> = new Map();
  private control: ControlFile | undefined;

  constructor(
    private readonly backup: Backup,
    private readonly options: VerifyOptions,
  ) {}

  async run(): Promise<VerifiedBackup> {
    const { backup, options } = this;
    for (const problem of backup.passedOver ?? []) this.problems.add(problem);
    const isReadable = await this.readManifest();
    this.check = ManifestCheck.against(backup.name, this.manifest);
    this.inManifest = new Map(this.manifest?.files.map((file) => [file.path, file]));
    const hasChecksums = this.manifest?.files.some(
      ({ checksum }) => checksum && checksum.algorithm !== 'NONE',
    );
    if (!hasChecksums) this.pages = new PagesPassing(options.startLsn);
    const isWhole = await this.readFiles();
    if (isWhole) this.findMissing();
    this.checkIdentifier();
    const withPages = this.pages && this.control && this.control.dataChecksumVersion > 0;
    if (withPages) for (const problem of this.pages!.problemsIn(backup.name)) this.problems.add(problem);
    return {
      name: backup.name,
      checksums:
        hasChecksums && isReadable ? (this.isOfTool ? 'backup.manifest' : 'backup_manifest') : undefined,
      files: this.files,
      bytes: this.bytes,
      pages: withPages ? this.pages!.count : undefined,
      problems: this.problems.list(),
      control: this.control,
      walRanges: this.manifest?.walRanges ?? [],
    };
  }

  /** In tar files it may be the last of all. @returns false where it is no use */
  private async readManifest(): Promise<boolean> {
    const { backup, options } = this;
    try {
      this.manifest = await backup.manifest();
      if (this.manifest !== undefined || backup.files !== undefined) return true;
      await backup.visit(
        (path) => path === MANIFEST_FILE,
        async (path, body) => {
          const source = { name: `${backup.name}/${path}`, open: () => body };
          this.manifest = await readManifest(source, options.reading);
        },
      );
      return true;
    } catch (error) {
      this.problems.add(problemOf(error));
      return false;
    }
  }

  /** @returns whether it is known which files there are */
  private async readFiles(): Promise<boolean> {
    const { backup, options } = this;
    try {
      if (backup.files === undefined) {
        await backup.visit(
          (path) => !this.isIgnored(path),
          (path, body) => this.readFile(path, body),
        );
        return true;
      }
      for await (const path of backup.files.paths()) {
        if (this.isIgnored(path) || this.isKnown(path)) continue;
        try {
          const source = await backup.files.file(path);
          if (source) await this.readFile(path, storedBytes(source, options.reading));
        } catch (error) {
          this.seen.add(path);
          this.note(path, problemOf(error));
        }
      }
      return true;
    } catch (error) {
      this.problems.add(problemOf(error));
      return false;
    }
  }

  /** The manifest of a tool has no more files than the tool put there, and all of them are told. */
  private isIgnored(path: string): boolean {
    return !this.isOfTool && (IGNORED.has(path) || path.startsWith('pg_wal/'));
  }

  private get isOfTool(): boolean {
    return this.manifest?.files[0]?.storedIn !== undefined;
  }

  private keyOf(path: string): string | undefined {
    const { storedIn, checksum } = this.inManifest.get(path) ?? {};
    return storedIn && `${storedIn} ${path} ${checksum?.hex}`;
  }

  private isKnown(path: string): boolean {
    const key = this.keyOf(path);
    const { known } = this.options;
    // what is to be looked into is read again
    if (key === undefined || !known.has(key) || path === CONTROL_FILE) return false;
    const problem = known.get(key);
    if (problem) this.problems.add(problem);
    this.seen.add(path);
    this.files++;
    return true;
  }

  private note(path: string, problem: WalError | undefined): void {
    const key = this.keyOf(path);
    if (key !== undefined) this.options.known.add(key, problem);
    if (problem) this.problems.add(problem);
  }

  private async readFile(path: string, body: AsyncIterable<Uint8Array>): Promise<void> {
    this.seen.add(path);
    this.files++;
    if (this.manifest && !this.manifest.isPartial && !this.inManifest.has(path))
      this.problems.add(this.extra(path));
    const watched = this.check.watch(path, body);
    const pages = this.pages?.ofFile(path);
    const control = path === CONTROL_FILE ? new Uint8Array(CONTROL_FILE_SIZE) : undefined;
    let size = 0;
    for await (const piece of watched.body) {
      const room = control?.subarray(size) ?? new Uint8Array(0);
      room.set(piece.subarray(0, room.length));
      pages?.(piece);
      size += piece.length;
      this.bytes += piece.length;
      this.options.onBytes(piece.length);
    }
    this.note(path, watched.fault()?.problem);
    if (control) this.readControl(control.subarray(0, size));
  }

  private readControl(bytes: Uint8Array): void {
    try {
      this.control = soundControlFile(bytes, `${this.backup.name}/${CONTROL_FILE}`);
    } catch (error) {
      this.problems.add(problemOf(error));
    }
  }

  private extra(path: string): WalError {
    const { name } = this.backup;
    const text = message`the backup ${name} is not as it was taken: ${path} is in it, but not in its backup_manifest`;
    return new WalError('damaged-backup', text, { file: `${name}/${path}` });
  }

  private findMissing(): void {
    const wanted = (path: string): boolean => !this.isIgnored(path) && !this.seen.has(path);
    for (const { fault } of this.check.missing(wanted)) this.problems.add(fault.problem);
  }

  /** Since 17 the manifest has it, too. */
  private checkIdentifier(): void {
    const told = this.manifest?.systemIdentifier;
    const own = this.control?.systemIdentifier;
    if (told === undefined || own === undefined || told === own) return;
    const file = `${this.backup.name}/${CONTROL_FILE}`;
    const text = message`the backup ${this.backup.name} is damaged: its manifest is of a cluster with the system identifier ${told}, and its ${CONTROL_FILE} of one with ${own}`;
    this.problems.add(new WalError('damaged-backup', text, { file }));
  }
}

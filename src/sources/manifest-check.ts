import { sha1 } from '@noble/hashes/legacy.js';
import { sha224, sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { BackupManifest, ChecksumAlgorithm, ManifestFile } from '../cluster/backup-manifest.js';
import { CRC32C_INIT, updateCrc32c, updateCrc32cWords } from '../wal/crc32c.js';
import { WalError } from '../wal/error.js';
import { type Message, type MessageValue, message } from '../wal/message.js';
import type { Backup } from './backup-parts.js';
import { problemOf } from './stored-bytes.js';

/** What differs between a file of a backup and its entry in the manifest. */
export interface FileFault {
  /** The file has more or fewer bytes, or is not there. */
  kind: 'size' | 'missing' | 'checksum';
  problem: WalError;
}

/** A file while its bytes go by. */
interface WatchedFile {
  body: AsyncIterable<Uint8Array>;
  /** Known when all bytes went by. */
  fault(): FileFault | undefined;
}

/**
 * Compares files of a base backup, as they are read, with what its `backup_manifest` says of them, as `pg_verifybackup`
 * does (src/bin/pg_verifybackup, 13 to 19). A backup without a manifest has nothing to compare with.
 */
export class ManifestCheck {
  /** A file is read by several passes, and compared once: what it has, where that is not what it should have. */
  private readonly compared = new Map<string, { size: number; hex: string } | undefined>();

  private constructor(
    private readonly backup: string,
    private readonly files: ReadonlyMap<string, ManifestFile>,
    /** Why the manifest says nothing, where one is there. */
    readonly problem: WalError | undefined,
  ) {}

  /**
   * A server that starts from a backup renames its `backup_label`: from then on its files are no longer those that the
   * manifest was made of.
   */
  static async of(backup: Backup): Promise<ManifestCheck> {
    let manifest: BackupManifest | undefined;
    let problem: WalError | undefined;
    const label = await backup.label();
    try {
      manifest = label && (await backup.manifest());
    } catch (error) {
      problem = problemOf(error);
    }
    return ManifestCheck.against(backup.name, manifest, problem);
  }

  /** @param backup its name */
  static against(backup: string, manifest: BackupManifest | undefined, problem?: WalError): ManifestCheck {
    const files = new Map(manifest?.files.map((file) => [file.path, file]));
    return new ManifestCheck(backup, files, problem);
  }

  /** Of a file that was read as a whole. @param path in the data folder */
  faultOf(path: string, bytes: Uint8Array): FileFault | undefined {
    const entry = this.files.get(path);
    if (entry === undefined) return undefined;
    const digest = digestOf(entry);
    digest.update(bytes);
    return this.compare(entry, bytes.length, digest.hex());
  }

  /** @param path in the data folder */
  watch(path: string, body: AsyncIterable<Uint8Array>): WatchedFile {
    const entry = this.files.get(path);
    if (entry === undefined || this.compared.has(path))
      return { body, fault: () => this.comparedFault(path) };
    const digest = digestOf(entry);
    let size = 0;
    async function* watched(): AsyncGenerator<Uint8Array> {
      for await (const bytes of body) {
        size += bytes.length;
        digest.update(bytes);
        yield bytes;
      }
    }
    return {
      body: watched(),
      fault: () => {
        if (!this.compared.has(path)) {
          const hex = digest.hex();
          this.compared.set(path, this.compare(entry, size, hex) && { size, hex });
        }
        return this.comparedFault(path);
      },
    };
  }

  /** Made anew each time: errors for a million files would not fit into memory. */
  private comparedFault(path: string): FileFault | undefined {
    const found = this.compared.get(path);
    return found && this.compare(this.files.get(path)!, found.size, found.hex);
  }

  /** The files that are wanted, of those that the manifest has, and were not there. To be asked for after a visit. */
  *missing(wanted: (path: string) => boolean): Generator<{ path: string; fault: FileFault }> {
    for (const [path, file] of this.files) {
      if (this.compared.has(path) || !wanted(path)) continue;
      yield {
        path,
        fault: this.fault('missing', file, (manifest) => message`is not in it, but in its ${manifest}`),
      };
    }
  }

  /** Where a file of the backup is; `path` is its path in the data folder, where that place does not tell it. */
  placeOf(path: string): { file: string; path?: string } {
    const stored = this.files.get(path)?.storedIn;
    return stored === undefined ? { file: `${this.backup}/${path}` } : { file: stored, path };
  }

  private compare(entry: ManifestFile, size: number, hex: string): FileFault | undefined {
    const { checksum } = entry;
    if (size !== entry.size) {
      return this.fault(
        'size',
        entry,
        (manifest) => message`has ${size} bytes, and by its ${manifest} ${entry.size}`,
      );
    }
    if (checksum === undefined || checksum.algorithm === 'NONE' || checksum.hex === hex) return undefined;
    const { algorithm } = checksum;
    return this.fault(
      'checksum',
      entry,
      (manifest) =>
        message`has another checksum than its ${manifest} says (${algorithm} ${hex}, not ${checksum.hex})`,
    );
  }

  private fault(
    kind: FileFault['kind'],
    { path, storedIn }: ManifestFile,
    detail: (manifest: MessageValue) => Message,
  ): FileFault {
    const what =
      storedIn === undefined
        ? detail('backup_manifest')
        : message`(${storedIn}) ${detail(message`manifest`)}`;
    const text = message`the backup ${this.backup} is damaged: ${path} ${what}`;
    const file = storedIn ?? `${this.backup}/${path}`;
    return { kind, problem: new WalError('damaged-backup', text, { file }) };
  }
}

/**
 * What is wrong with the files of a backup that say where recovery begins, by its manifest: backup_label and pg_control.
 * And why that says nothing, where it is there.
 */
export async function problemsOfStart(backup: Backup): Promise<WalError[]> {
  const check = await ManifestCheck.of(backup);
  const [label, control] = [await backup.label(), await backup.control()];
  const faults = [
    label && check.faultOf('backup_label', label.bytes),
    control && check.faultOf('global/pg_control', control.bytes),
  ];
  return [check.problem, ...faults.map((fault) => fault?.problem)].filter((problem) => problem !== undefined);
}

/** A checksum that is being made, at its end in hexadecimal digits as a manifest has it. */
interface Digest {
  update(bytes: Uint8Array): void;
  hex(): string;
}

const sha = (hash: typeof sha1 | typeof sha224 | typeof sha512) => (): Digest => {
  const state = hash.create();
  return {
    update: (bytes) => {
      state.update(bytes);
    },
    hex: () => bytesToHex(state.digest()),
  };
};

/** By words where the bytes lie as such, which is faster (docs/decisions/crc32c.md). */
function crc32cOf(crc: number, bytes: Uint8Array): number {
  const { buffer, byteOffset, length } = bytes;
  if (byteOffset % 4 !== 0) return updateCrc32c(crc, bytes, 0, length);
  return updateCrc32cWords(crc, bytes, new Int32Array(buffer, byteOffset, length >> 2), 0, length);
}

const digestOf = ({ checksum }: ManifestFile): Digest => DIGESTS[checksum?.algorithm ?? 'NONE']();

const DIGESTS: Readonly<Record<ChecksumAlgorithm, () => Digest>> = {
  NONE: () => ({ update: () => {}, hex: () => '' }),
  CRC32C: () => {
    let crc = CRC32C_INIT;
    return {
      update: (bytes) => {
        crc = crc32cOf(crc, bytes);
      },
      // as the server has it in memory, the low byte first
      hex: () => bytesToHex(Uint8Array.of(~crc, ~crc >>> 8, ~crc >>> 16, ~crc >>> 24)),
    };
  },
  SHA1: sha(sha1),
  SHA224: sha(sha224),
  SHA256: sha(sha256),
  SHA384: sha(sha384),
  SHA512: sha(sha512),
};

import * as system from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WalError } from '../wal/error.js';
import { type Message, message } from '../wal/message.js';
import { atExit } from './at-exit.js';
import { reasonSaid, systemCode } from './system-reason.js';

/** What a temporary file needs of Node's file system. */
export type FileSystem = Pick<
  typeof system,
  'mkdtempSync' | 'openSync' | 'readSync' | 'writeSync' | 'closeSync' | 'rmSync'
>;

/** The variable that says where temporary files go. */
const VARIABLE = process.platform === 'win32' ? 'TEMP' : 'TMPDIR';

/** What to do about it, by the name of the system's error. */
function nextStep(code: string | undefined): Message {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return message`make room there, or name another folder in ${VARIABLE}`;
    case 'ENOENT':
    case 'ENOTDIR':
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return message`name a folder in ${VARIABLE} that is there and can be written to`;
    case 'EMFILE':
    case 'ENFILE':
      return message`allow more open files`;
    default:
      return message`name another folder in ${VARIABLE}`;
  }
}

/**
 * A file of this process alone, in the folder for temporary files. It has no name from the beginning, so that nothing is
 * left of it however the process ends; where the system does not allow that, it is removed when it is closed, and before
 * the process ends.
 */
export class TemporaryFile {
  private readonly parent = tmpdir();
  private readonly descriptor: number;
  /** Removes what still has a name. */
  private readonly remove: (() => void) | undefined;

  /** @throws WalError `temporary-file` */
  constructor(private readonly fs: FileSystem = system) {
    let folder: string | undefined;
    try {
      folder = fs.mkdtempSync(join(this.parent, 'walscan-'));
      this.descriptor = fs.openSync(join(folder, 'pages'), 'wx+', 0o600);
    } catch (error) {
      if (folder !== undefined) this.tryRemove(folder);
      throw this.failed(message`made`, error);
    }
    if (!this.tryRemove(folder)) this.remove = atExit(() => void this.tryRemove(folder));
  }

  /** Fills `bytes` with what was written there. @throws WalError `temporary-file`, also where nothing was */
  read(bytes: Uint8Array, from: number): void {
    for (let at = 0; at < bytes.length; ) {
      const count = this.attempt(message`read`, () =>
        this.fs.readSync(this.descriptor, bytes, at, bytes.length - at, from + at),
      );
      if (count === 0) throw this.failed(message`read`, message`it ends at byte ${from + at}`);
      at += count;
    }
  }

  /** Writes all of `bytes`. @throws WalError `temporary-file` */
  write(bytes: Uint8Array, to: number): void {
    for (let at = 0; at < bytes.length; ) {
      const count = this.attempt(message`written`, () =>
        this.fs.writeSync(this.descriptor, bytes, at, bytes.length - at, to + at),
      );
      if (count === 0) throw this.failed(message`written`, message`the system takes no more bytes`);
      at += count;
    }
  }

  close(): void {
    try {
      this.fs.closeSync(this.descriptor);
    } catch {
      // whatever is lost was not needed any more
    }
    this.remove?.();
  }

  private attempt(what: Message, work: () => number): number {
    try {
      return work();
    } catch (error) {
      throw this.failed(what, error);
    }
  }

  private failed(what: Message, cause: unknown): WalError {
    const [reason, code] =
      cause instanceof Error ? [reasonSaid(cause), systemCode(cause)] : [String(cause), undefined];
    const text = message`a temporary file in ${this.parent} cannot be ${what}: ${reason}; ${nextStep(code)}`;
    return new WalError('temporary-file', text, { file: this.parent, cause });
  }

  /** @returns whether nothing of it has a name any more */
  private tryRemove(folder: string): boolean {
    try {
      this.fs.rmSync(folder, { recursive: true, force: true });
      return true;
    } catch {
      return false;
    }
  }
}

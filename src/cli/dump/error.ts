import { systemReason } from '../../node/system-reason.js';
import { printable } from '../../text/printable.js';
import { WalError } from '../../wal/error.js';
import { type Io, OutputFailed } from '../io.js';

/**
 * Errors of `walscan dump` are worded and laid out as those of `pg_waldump`, its name included, so that scripts
 * which look at them go on working. Where the WAL's version is not known yet the words are those of PostgreSQL 18.
 */
export const DEFAULT_VERSION = 18;

const PROGRAM = 'pg_waldump';

/**
 * `fatal`: the work cannot go on (`pg_fatal`). `usage`: the arguments are wrong, see the help. `option`: the same,
 * found by the C library, which does not say "error".
 */
type Severity = 'fatal' | 'usage' | 'option';

/** Ends a dump with exit code 1. */
export class DumpError extends Error {
  constructor(
    readonly severity: Severity,
    message: string,
    readonly version = DEFAULT_VERSION,
    readonly detail?: string,
  ) {
    super(message);
  }
}

/** An error's lines on standard error, in the layout of its version (common/logging.c; pg_waldump.c up to 11). */
export function errorText({ severity, message, version, detail }: DumpError): string {
  let text = `${PROGRAM}: ${label(severity, version)}${printable(message)}\n`;
  if (detail !== undefined) text += `${PROGRAM}: detail: ${detail}\n`;
  if (severity !== 'fatal') {
    const hint = 'Try "walscan dump --help" for more information.';
    text += version >= 15 ? `${PROGRAM}: hint: ${hint}\n` : `${hint}\n`;
  }
  return text;
}

function label(severity: Severity, version: number): string {
  if (severity === 'option') return '';
  if (version >= 15) return 'error: ';
  if (version >= 12) return severity === 'fatal' ? 'fatal: ' : 'error: ';
  return severity === 'fatal' ? 'FATAL:  ' : '';
}

/** An error of reading, or of the system, as one of the dump; undefined for all others. */
export function asDumpError(error: unknown): DumpError | undefined {
  if (error instanceof DumpError) return error;
  if (error instanceof WalError || error instanceof OutputFailed) {
    return new DumpError('fatal', error.message);
  }
  const isSystemError = error instanceof Error && 'syscall' in error;
  return isSystemError
    ? new DumpError('fatal', `could not ${error.syscall}: ${systemReason(error)}`)
    : undefined;
}

/** Something to know that ends nothing, on standard error. */
export function printNote(text: string, io: Io): void {
  io.writeError(`${PROGRAM}: ${printable(text)}\n`);
}

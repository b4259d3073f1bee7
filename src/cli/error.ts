import { printable } from '../text/printable.js';
import { WalError } from '../wal/error.js';
import { type Io, OutputFailed } from './io.js';

/** Prints an error as one line on standard error; an unexpected one (a bug in walscan) with its stack. */
export function printError(error: unknown, io: Io): void {
  io.writeError(`walscan: ${errorText(error, io)}\n`);
}

function errorText(error: unknown, { tongue }: Io): string {
  if (error instanceof WalError || error instanceof OutputFailed) return printable(tongue.textOf(error.said));
  if (error instanceof Error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === undefined ? (error.stack ?? error.message) : printable(error.message);
  }
  return String(error);
}

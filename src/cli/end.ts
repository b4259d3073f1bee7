import type { CommanderError } from 'commander';
import { printError } from './error.js';
import { EXIT_OK, EXIT_USAGE, exitCodeOf } from './exit-code.js';
import { type Io, OutputClosed } from './io.js';

/** Says why a run ended, where that is an error that was not told yet. @returns the process's exit code */
export function endOf(error: unknown, io: Io): number {
  if (error instanceof OutputClosed) return EXIT_OK;
  // what was asked for is printed: help, or the version
  if (isCommanderError(error)) return error.exitCode === 0 ? EXIT_OK : EXIT_USAGE;
  printError(error, io);
  return exitCodeOf(error);
}

/** By its code: `dump` has no need of commander, which takes a while to load (docs/decisions/start.md). */
function isCommanderError(error: unknown): error is CommanderError {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('commander.');
}

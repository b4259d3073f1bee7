import { endOf } from './end.js';
import type { Io } from './io.js';
import { speaking, tongueOf } from './language.js';
import { processIo } from './process-io.js';

/** A file of the program's: it has all that some commands need, and what starts them. */
export interface Entry {
  /** Does the work of the process, and ends it. */
  start(args: string[]): void;
}

/** An entry that runs commands. @param run gives the exit code */
export function entryOf(run: (args: string[], io: Io) => Promise<number>): Entry['start'] {
  let io = processIo;
  const fail = (error: unknown): never => process.exit(endOf(error, io));
  return (args) => {
    // what nobody waited for: an error of a stream, of a promise that was let go
    process.on('uncaughtException', fail);
    // which Bun does not make the same
    process.on('unhandledRejection', fail);
    // nothing is left that could bring the run to its end
    process.once('beforeExit', () => {
      fail(
        'this run has come to no end: what it waits for never comes. That is a bug of walscan: please report it, with the command',
      );
    });
    const work = async (): Promise<number> => {
      io = speaking(processIo, await tongueOf(args, processIo.env));
      return run(args, io);
    };
    // at once, whatever else may still be open: all output has been written
    work().then((code) => process.exit(code), fail);
  };
}

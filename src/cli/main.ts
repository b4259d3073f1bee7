#!/usr/bin/env node
import { version } from '../../package.json';
import { processIo } from './process-io.js';

/** The program's entry. Kept small: what a command needs is loaded when that command runs. */
async function main(args: string[]): Promise<number> {
  if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
    processIo.write(`walscan ${version}\n`);
    return 0;
  }
  const { run } = await import('./program.js');
  return run(args, processIo);
}

async function fail(error: unknown): Promise<void> {
  const { endOf } = await import('./program.js');
  process.exit(endOf(error, processIo));
}

// what nobody waited for: an error of a stream, of a promise that was let go
process.on('uncaughtException', (error) => void fail(error));
// nothing is left that could bring the run to its end
process.once('beforeExit', () => {
  void fail(
    'this run has come to no end: what it waits for never comes. That is a bug of walscan: please report it, with the command',
  );
});

// at once, whatever else may still be open: all output has been written
main(process.argv.slice(2)).then((code) => process.exit(code), fail);

#!/usr/bin/env node
import { version } from '../../package.json';
import { OutputClosed } from './io.js';
import { processIo } from './process-io.js';

/** The program's entry. Kept small: what a command needs is loaded when that command runs. */
const args = process.argv.slice(2);
if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  try {
    processIo.write(`walscan ${version}\n`);
  } catch (error) {
    if (!(error instanceof OutputClosed)) throw error;
  }
} else {
  const { run } = await import('./program.js');
  process.exitCode = await run(args, processIo);
}

import { accessSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ownFile } from './own-file.js';

/** Code of the warning (`process.emitWarning`) that threads were asked for, and all is done in one. */
const ONE_THREAD = 'WALSCAN_ONE_THREAD';

let found: { path: string | undefined } | undefined;

/**
 * The file that worker threads run. Looked for when it is first asked for; where there is none, or threads are
 * not allowed, a warning says so once.
 */
export function workerFile(): string | undefined {
  found ??= { path: findWorkerFile() };
  return found.path;
}

function findWorkerFile(): string | undefined {
  // types of Node 20 do not have it where it may be missing
  const { permission } = process as { permission?: NodeJS.ProcessPermission };
  if (permission?.has('worker') === false) return warned('worker threads are not allowed (--allow-worker)');
  const here = ownFile();
  if (here === undefined) return warned('it is not known where the program lies');
  const [suffix] = /\.[cm]?js$/.exec(here) ?? ['.js'];
  const path = join(dirname(here), `walscan-worker${suffix}`);
  try {
    accessSync(path);
    return path;
  } catch (error) {
    return warned(messageOf(error));
  }
}

function warned(why: string): undefined {
  process.emitWarning(`walscan uses one thread: ${why}`, { code: ONE_THREAD });
}

/** Says that there are fewer threads than were asked for, which only takes longer. */
export function warnOfThreads(threads: number, error: unknown): void {
  if (threads === 1) warned(messageOf(error));
  else process.emitWarning(`walscan uses ${threads} threads: ${messageOf(error)}`, { code: ONE_THREAD });
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

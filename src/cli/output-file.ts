import { randomBytes } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { atExit } from '../node/at-exit.js';
import { reasonSaid } from '../node/system-reason.js';
import { writeAll } from '../node/write-all.js';
import { message } from '../wal/message.js';
import { OutputFailed } from './io.js';

/**
 * A file to write an answer to, once there is one. What is there under that name stays until all is written.
 * @throws OutputFailed where nothing can be written there, before any work is done
 */
export function outputFile(path: string): { write(text: string): void } {
  return told(path, () => {
    const target = targetOf(path);
    if (target.isDevice) return { write: (text) => told(path, () => writeTo(openSync(path, 'w'), text)) };
    accessSync(dirname(target.path), constants.W_OK);
    return { write: (text) => told(path, () => replace(target.path, text)) };
  });
}

/** Where the name leads to: a pipe or a device is written to, and nothing takes its place. */
function targetOf(path: string): { path: string; isDevice: boolean } {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return { path, isDevice: false };
  if (stats.isDirectory())
    throw new OutputFailed(message`cannot write ${path}: it is a folder; name a file in it`);
  return { path: realpathSync(path), isDevice: !stats.isFile() };
}

function replace(path: string, text: string): void {
  const beside = join(dirname(path), `.walscan-${randomBytes(8).toString('hex')}`);
  const file = openSync(beside, 'wx');
  const remove = atExit(() => rmSync(beside, { force: true }));
  try {
    writeTo(file, text);
    renameSync(beside, path);
  } finally {
    remove();
  }
}

function writeTo(file: number, text: string): void {
  try {
    writeAll(file, Buffer.from(text));
  } finally {
    closeSync(file);
  }
}

function told<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof OutputFailed) throw error;
    throw new OutputFailed(
      message`cannot write ${path}: ${reasonSaid(error)}; name a file in a folder that you may write to`,
    );
  }
}

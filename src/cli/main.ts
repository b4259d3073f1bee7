#!/usr/bin/env node
import { statSync } from 'node:fs';
import * as modules from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { version } from '../text/version.js';
import type { Entry } from './entry.js';
import { processIo } from './process-io.js';

/** The program's entry. Kept small: what commands need is in files of their own (docs/decisions/start.md). */
function main(args: string[]): void {
  if (args.length === 1 && (args[0] === '--version' || args[0] === '-V') && printVersion()) return;
  keepCompiled();
  void load(args[0]).then(({ start }) => start(args));
}

/** @returns false where it cannot be written: then the entry that has all tells why */
function printVersion(): boolean {
  try {
    processIo.write(`walscan ${version}\n`);
    return true;
  } catch {
    return false;
  }
}

/** Keeps compiled code for the next run, where Node does that: from 22.1 on. */
function keepCompiled(): void {
  // types of Node 20 do not have it
  const { enableCompileCache } = modules as { enableCompileCache?: (folder: string) => void };
  const folder = cacheFolder();
  if (folder !== undefined) enableCompileCache?.(folder);
}

/** Those that are run most lie in files that have nothing else. */
function load(command: string | undefined): Promise<Entry> {
  switch (command) {
    case 'find-commit':
    case 'incidents':
      return import('./entries/search.js');
    case 'dump':
      return import('./entries/dump.js');
    default:
      return import('./entries/all.js');
  }
}

/** Where compiled code is kept: the user's own, and not where others may put some. */
function cacheFolder(): string | undefined {
  const { LOCALAPPDATA, XDG_CACHE_HOME } = process.env;
  const parent = process.platform === 'win32' ? LOCALAPPDATA : XDG_CACHE_HOME;
  try {
    const folder = join(parent || join(homedir(), '.cache'), 'walscan');
    return isSafe(folder) ? folder : undefined;
  } catch {
    // a user whom the system does not know, as in a container, has no folder; nor is one safe that cannot be looked at
    return undefined;
  }
}

/**
 * Whether nobody else can put code into a folder, or a folder in its place: as `sudo` may leave HOME as it was, it may be
 * another user's.
 */
function isSafe(folder: string): boolean {
  const user = process.getuid?.();
  if (user === undefined) return true;
  return [folder, dirname(folder), dirname(dirname(folder))].every((path) => {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return true;
    const isOfAll = (stats.mode & WRITABLE_BY_ALL) !== 0 && (stats.mode & STICKY) === 0;
    return (stats.uid === user || stats.uid === 0) && !isOfAll;
  });
}

const WRITABLE_BY_ALL = 0o002;
const STICKY = 0o1000;

main(process.argv.slice(2));

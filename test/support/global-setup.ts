import { chmodSync, mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'tsup';
import type { TestProject } from 'vitest/node';
import { ensureReportPage } from '../../report-page.js';
import { programIn } from '../../tsup.config.js';
import { isBuilt } from './dist.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The command line program, built from the sources as they are. */
    program: string;
    /** What `WALSCAN_PROGRAM` names instead: an executable, which all tests of the command line run then. */
    executable: string | undefined;
    /** A folder for what test files share, which is gone after the run. */
    runFolder: string;
  }
}

/** What is made once for all test files. */
export default async function setup({ provide }: TestProject): Promise<() => void> {
  const runFolder = makeRunFolder();
  // for the test files, and for what they run
  Object.assign(process.env, { TMPDIR: runFolder });
  await ensureReportPage();
  const programFolder = isBuilt() ? 'dist' : await buildProgram();
  provide('runFolder', runFolder);
  provide('program', resolve(programFolder, 'cli.js'));
  const { WALSCAN_PROGRAM } = process.env;
  provide('executable', WALSCAN_PROGRAM && resolve(WALSCAN_PROGRAM));
  return () => {
    if (programFolder !== 'dist') rmSync(programFolder, { recursive: true });
    rmSync(runFolder, { recursive: true });
  };
}

const MEMORY = '/dev/shm';
const ROOM_NEEDED = 2 ** 31;

/** In memory where there is room: thousands of files of data folders are written there, each for a moment. */
function makeRunFolder(): string {
  const folder = mkdtempSync(join(hasRoom(MEMORY) ? MEMORY : tmpdir(), 'walscan-run-'));
  chmodSync(folder, 0o1777); // for servers, which run as another user
  return folder;
}

function hasRoom(path: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize >= ROOM_NEEDED;
  } catch {
    return false;
  }
}

/** The program alone, which is built in a moment. */
async function buildProgram(): Promise<string> {
  // within node_modules, where the packages that it needs are found
  const parent = 'node_modules/.cache/walscan-test';
  mkdirSync(parent, { recursive: true });
  const outDir = mkdtempSync(join(parent, 'cli-'));
  await Promise.all(programIn(outDir).map((options) => build({ ...options, config: false })));
  return outDir;
}

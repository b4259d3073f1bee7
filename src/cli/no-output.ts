import { readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** What is open as standard output of a process. */
type Output = 'nothing' | 'null for reading, too' | 'something else';

/**
 * Whether standard output was closed when the process started (`walscan … >&-`). In its place Node opens /dev/null,
 * for reading and writing (PlatformInit in its src/node.cc), and all that is written would be lost without a word.
 *
 * Some programs give that to those that they start in order to see their exit code alone: Node itself
 * (`stdio: 'ignore'`), Python (`subprocess.DEVNULL`), daemons. Shells never do. So it counts as closed where whoever
 * started this process has no standard output either, or is a shell that has another one. Elsewhere, and where there
 * is no /proc to ask (it is Linux's), nothing tells the two apart, and the output goes where it was sent.
 */
export function startedWithoutOutput(): boolean {
  try {
    if (outputOf('self') !== 'null for reading, too') return false;
    const starter = outputOf(process.ppid);
    return starter === 'nothing' || (starter === 'something else' && isShell(process.ppid));
  } catch {
    return false;
  }
}

const ACCESS_MODE = 0o3;
const READ_AND_WRITE = 0o2;

function outputOf(pid: number | 'self'): Output {
  try {
    if (readlinkSync(`/proc/${pid}/fd/1`) !== '/dev/null') return 'something else';
    const [, flags = ''] = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/fdinfo/1`, 'latin1')) ?? [];
    const isBoth = (Number.parseInt(flags, 8) & ACCESS_MODE) === READ_AND_WRITE;
    return isBoth ? 'null for reading, too' : 'something else';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'nothing';
    throw error;
  }
}

const SHELLS: ReadonlySet<string> = new Set([
  ...['ash', 'bash', 'busybox', 'dash', 'fish', 'ksh', 'ksh93', 'mksh', 'sh', 'yash', 'zsh'],
]);

function isShell(pid: number): boolean {
  return SHELLS.has(basename(readlinkSync(`/proc/${pid}/exe`)));
}

import { spawnSync } from 'node:child_process';
import type { Io } from './io.js';

/** What shows a text that is longer than the screen: variables are looked at as psql (PSQL_PAGER) and git do. */
const pagerOf = ({ WALSCAN_PAGER, PAGER }: Io['env']): string => WALSCAN_PAGER ?? PAGER ?? USUAL_PAGER;

/** Windows has none, and its shell does not tell apart that there is none: the text would be lost. */
const USUAL_PAGER = process.platform === 'win32' ? '' : 'less';

/** As git sets it: what fits on the screen is not paged, colours are kept, the text stays when the reader quits. */
const USUAL_LESS = 'FRX';

/**
 * Shows a text in a pager, and waits until the reader quits it. An empty variable, or `cat`, is none.
 * @returns false where there is none, and the text is still to be printed
 */
export function page(text: string | Uint8Array, env: Io['env']): boolean {
  const { LESS = USUAL_LESS } = env;
  const pager = pagerOf(env).trim();
  if (pager === '' || pager === 'cat') return false;
  const { status, error } = undisturbed(() =>
    spawnSync(pager, {
      shell: true,
      input: text,
      stdio: ['pipe', 'inherit', 'inherit'],
      env: { ...env, LESS },
    }),
  );
  if (status === NOT_FOUND || status === NOT_EXECUTABLE) return false;
  // a reader who quits early leaves the rest unread, which is no error
  return error === undefined || (error as NodeJS.ErrnoException).code === 'EPIPE';
}

/** Ctrl-C is the pager's meanwhile: a program that ended by it would leave the terminal to the pager and the shell at once. */
function undisturbed<T>(work: () => T): T {
  const ignore = (): void => {};
  process.on('SIGINT', ignore);
  try {
    return work();
  } finally {
    process.off('SIGINT', ignore);
  }
}

/** How a shell says that it has not started a command. */
const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;

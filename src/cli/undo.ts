import { setImmediate } from 'node:timers/promises';
import { Option } from 'commander';
import { NODE } from '../node/platform.js';
import { backupSaid } from '../questions/given.js';
import { Undo } from '../questions/undo/ask.js';
import { undoJson } from '../questions/undo/json.js';
import { lostLines, type OnConflict } from '../questions/undo/script.js';
import { reachText } from '../questions/wal-reach.js';
import { encodeText } from '../text/encoding.js';
import type { TimeZone } from '../text/timezone.js';
import { type Message, message, several } from '../wal/message.js';
import { addWhich, type WhichChanges, whichChanges } from './changes.js';
import { type Defined, defined, newCommand } from './command.js';
import { zoneOf } from './common-options.js';
import { printError } from './error.js';
import { EXIT_NOT_FOUND, EXIT_OK, EXIT_PARTIAL } from './exit-code.js';
import type { Io } from './io.js';
import { printJson } from './print.js';
import { withProgress } from './progress.js';
import { printNote } from './telling.js';

interface Options extends WhichChanges {
  json?: true;
  onConflict: OnConflict;
}

const HELP = `
The script is one transaction. Run it as psql -v ON_ERROR_STOP=1 -d <database> -f <script>: a row is touched only where
it still is what was left of it. Have a look at it first.

Exit codes: 0 done; 1 there is nothing to undo; 2 wrong usage or unreadable input; 3 some changes cannot be told or taken
back, or the WAL is missing, damaged or does not reach.`;

/** `walscan undo` */
export function define(io: Io): Defined {
  const command = newCommand('walscan undo', io).description(
    'Print SQL that takes back what transactions changed, newest first, without overwriting later changes.',
  );
  addWhich(command)
    .addOption(
      new Option('--on-conflict <what>', 'where a row was changed since: change nothing, or leave those rows')
        .choices(['stop', 'skip'])
        .default('stop'),
    )
    .addOption(new Option('--json', 'print what would be taken back, and no script'))
    .addHelpText('after', HELP);
  return defined(
    command,
    io,
    (paths: string[], options: Options, io: Io) => undo(paths, options, zoneOf(options, io), io),
    { hasThreads: false, takes: { archive: true, backup: true } },
  );
}

async function undo(paths: string[], options: Options, zone: TimeZone, io: Io): Promise<number> {
  const { timezone: _, ...which } = await whichChanges(options, zone, io);
  const { onConflict } = options;
  const found = await withProgress(io, (onProgress) =>
    Undo.of(paths, { ...which, onConflict, onProgress }, NODE),
  );
  try {
    if (options.json) printJson(undoJson(found), io);
    else if (found.count > 0) {
      for (const piece of found.textIn(io.tongue)) {
        io.write(encodeText(piece));
        await setImmediate();
      }
    }
    return tell(found, zone, io);
  } finally {
    found.close();
  }
}

function tell(found: Undo, zone: TimeZone, io: Io): number {
  const warn = (said: Message): void => printNote(said, io);
  if (found.storedBackup !== undefined) warn(backupSaid(found.storedBackup));
  for (const problem of found.problems) printError(problem, io);
  for (const line of found.summary) warn(line);
  for (const line of lostLines(found.lost)) warn(line);
  if (found.isOnceOnly) {
    warn(
      message`tables without a key are among these, and no backup tells how many equal rows there are: run it once only`,
    );
  }
  if (found.unknown > 0) {
    warn(
      several(
        found.unknown,
        '{0} change cannot be taken back: values are not known',
        '{0} changes cannot be taken back: values are not known',
      ),
    );
  }
  if (found.problems.length > 0 || found.unknown > 0 || found.lost.length > 0) return EXIT_PARTIAL;
  if (found.count > 0) return EXIT_OK;
  const said = message`there is nothing to undo`;
  const { reach } = found;
  warn(reach === undefined ? said : message`${said}; ${reachText(reach, zone)}`);
  return EXIT_NOT_FOUND;
}

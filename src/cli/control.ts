import { formatControlData } from '../cluster/control-data.js';
import { controlDamaged, parseControlFile } from '../cluster/control-file.js';
import { controlJson } from '../cluster/control-json.js';
import { NODE_READING } from '../node/reading.js';
import { localTimeZone } from '../node/timezone.js';
import { readControlFile } from '../sources/backup.js';
import { newCommand, runCommand } from './command.js';
import { printError } from './error.js';
import { EXIT_OK, EXIT_PARTIAL } from './exit-code.js';
import type { Io } from './io.js';
import { printJson } from './print.js';

/** `walscan control`: prints what `pg_controldata` prints, in the time zone of TZ. */
export function run(args: string[], io: Io): Promise<number> {
  const command = newCommand('walscan control', io)
    .description('Print the control information of a cluster as pg_controldata of its version does.')
    .argument('<file>', 'pg_control, a data folder, or the tar file of a base backup')
    .option('--json', 'print one JSON object: times in UTC, 64-bit numbers as strings');
  return runCommand(command, args, (path: string, { json = false }: { json?: boolean }) =>
    control(path, json, io),
  );
}

async function control(path: string, asJson: boolean, io: Io): Promise<number> {
  const { name, bytes } = await readControlFile(path, NODE_READING);
  const control = parseControlFile(bytes, name);
  if (asJson) printJson(controlJson(control, name), io);
  else io.write(formatControlData(control, localTimeZone(io.env)));
  if (control.crcValid) return EXIT_OK;
  printError(controlDamaged(name), io);
  return EXIT_PARTIAL;
}

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { formatControlData } from '../cluster/control-data.js';
import { controlDamaged, parseControlFile } from '../cluster/control-file.js';
import { controlJson } from '../cluster/control-json.js';
import { NODE_READING } from '../node/reading.js';
import { CONTROL_FILE_SIZE, readControlFile } from '../sources/backup.js';
import type { NamedBytes } from '../sources/input.js';
import { newCommand, runCommand } from './command.js';
import { printError } from './error.js';
import { EXIT_OK, EXIT_PARTIAL } from './exit-code.js';
import type { Io } from './io.js';
import { localZone } from './local-zone.js';
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
  const { name, bytes } = await readControlFile((await throughPipe(path)) ?? path, NODE_READING);
  const control = parseControlFile(bytes, name);
  if (asJson) printJson(controlJson(control, name), io);
  else io.write(formatControlData(control, localZone(io)));
  if (control.crcValid) return EXIT_OK;
  printError(controlDamaged(name), io);
  return EXIT_PARTIAL;
}

/** What comes through a pipe, as of `walscan control <(…)` or `/dev/stdin`; undefined where the path leads to none. */
async function throughPipe(path: string): Promise<NamedBytes | undefined> {
  const stats = await stat(path).catch(() => undefined);
  if (stats === undefined || stats.isFile() || stats.isDirectory()) return undefined;
  const pieces: Buffer[] = [];
  for await (const piece of createReadStream(path, { end: CONTROL_FILE_SIZE - 1 })) pieces.push(piece);
  return { name: path, bytes: Buffer.concat(pieces) };
}

import { join } from 'node:path';
import { formatControlData } from '../cluster/control-data.js';
import { controlDamaged, parseControlFile } from '../cluster/control-file.js';
import { controlJson } from '../cluster/control-json.js';
import { localTimeZone } from '../node/timezone.js';
import { readBeginning } from '../sources/read.js';
import { type ByteSource, fileSource, isFolder } from '../sources/source.js';
import { looksLikeTar, tarMembers } from '../sources/tar.js';
import { WalError } from '../wal/error.js';
import { newCommand, runCommand } from './command.js';
import { printError } from './error.js';
import { EXIT_OK, EXIT_PARTIAL } from './exit-code.js';
import type { Io } from './io.js';
import { printJson } from './print.js';

/** The size of the file (`PG_CONTROL_FILE_SIZE`), of which the first 300 bytes or so are used. */
const CONTROL_FILE_SIZE = 8192;

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
  const { name, bytes } = await readControl(path);
  const control = parseControlFile(bytes, name);
  if (asJson) printJson(controlJson(control, name), io);
  else io.write(formatControlData(control, localTimeZone(io.env)));
  if (control.crcValid) return EXIT_OK;
  printError(controlDamaged(name), io);
  return EXIT_PARTIAL;
}

/** The bytes of pg_control, and the name of where they were found. */
async function readControl(path: string): Promise<{ name: string; bytes: Uint8Array }> {
  const source = fileSource((await isFolder(path)) ? join(path, 'global', 'pg_control') : path);
  const bytes = await readBeginning(source, CONTROL_FILE_SIZE);
  return looksLikeTar(bytes) ? readFromTar(source) : { name: source.name, bytes };
}

async function readFromTar(tar: ByteSource): Promise<{ name: string; bytes: Uint8Array }> {
  for await (const member of tarMembers(tar)) {
    if (!/^(?:.*\/)?global\/pg_control$/.test(member.name)) continue;
    const name = `${tar.name}/${member.name}`;
    return { name, bytes: await readBeginning({ name, read: () => member.body }, CONTROL_FILE_SIZE) };
  }
  throw new WalError(
    'not-a-backup',
    `${tar.name} has no global/pg_control: it is not the tar file of a data folder`,
  );
}

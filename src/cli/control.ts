import { join } from 'node:path';
import { Command } from 'commander';
import { formatControlData } from '../cluster/control-data.js';
import { controlDamaged, parseControlFile } from '../cluster/control-file.js';
import { controlJson } from '../cluster/control-json.js';
import { localTimeZone } from '../node/timezone.js';
import { readBeginning } from '../sources/read.js';
import { type ByteSource, fileSource, isFolder } from '../sources/source.js';
import { looksLikeTar, tarMembers } from '../sources/tar.js';
import { WalError } from '../wal/error.js';
import { printError } from './error.js';
import { EXIT_OK, EXIT_PARTIAL } from './exit-code.js';
import { jsonText } from './json.js';
import { writeOutput } from './output.js';

/** The size of the file (`PG_CONTROL_FILE_SIZE`), of which the first 300 bytes or so are used. */
const CONTROL_FILE_SIZE = 8192;

/** `walscan control`: prints what `pg_controldata` prints, in the time zone of TZ. */
export async function run(args: string[]): Promise<number> {
  let exitCode = EXIT_OK;
  await new Command('walscan control')
    .configureOutput({ writeOut: writeOutput })
    .description('Print the control information of a cluster as pg_controldata of its version does.')
    .argument('<file>', 'pg_control, a data folder, or the tar file of a base backup')
    .option('--json', 'print one JSON object: times in UTC, 64-bit numbers as strings')
    .exitOverride()
    .action(async (path: string, options: { json?: boolean }) => {
      exitCode = await control(path, options.json ?? false);
    })
    .parseAsync(args, { from: 'user' });
  return exitCode;
}

async function control(path: string, asJson: boolean): Promise<number> {
  const { name, bytes } = await readControl(path);
  const control = parseControlFile(bytes, name);
  const text = asJson ? jsonText(controlJson(control, name)) : formatControlData(control, localTimeZone());
  writeOutput(text);
  if (control.crcValid) return EXIT_OK;
  printError(controlDamaged(name));
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

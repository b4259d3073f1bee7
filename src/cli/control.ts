import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { formatControlData } from '../cluster/control-data.js';
import { controlDamaged, parseControlFileOf } from '../cluster/control-file.js';
import { controlJson } from '../cluster/control-json.js';
import { controlWarnings } from '../cluster/control-warnings.js';
import { NODE_READING } from '../node/reading.js';
import { readControlFile } from '../sources/backup.js';
import { CONTROL_FILE_SIZE } from '../sources/backup-parts.js';
import type { NamedBytes } from '../sources/input.js';
import { version } from '../text/version.js';
import { WalError } from '../wal/error.js';
import { type Message, message } from '../wal/message.js';
import { NEWEST_VERSION, OLDEST_VERSION } from '../wal/version.js';
import { type Defined, defined, newCommand } from './command.js';
import { type CommonOptions, zoneOf } from './common-options.js';
import { printError } from './error.js';
import { EXIT_OK, EXIT_PARTIAL } from './exit-code.js';
import type { Io } from './io.js';
import { printJson } from './print.js';

const HELP = `
Without a path, the folder that the variable PGDATA names is taken. The version is what the file says; where it says none,
as one overwritten with zeros, that of PG_VERSION in the data folder.

Exit codes: 0 done, also (as pg_controldata) with a warning that the file is damaged; 2 wrong usage, or a file that
cannot be read or whose version nothing tells; 3 with --json: the file is damaged.`;

interface Options extends CommonOptions {
  pgdata?: string;
  json?: true;
}

/** `walscan control`: prints what `pg_controldata` prints, in the time zone of TZ. */
export function define(io: Io): Defined {
  const command = newCommand('walscan control', io)
    .description('Print the control information of a cluster as pg_controldata of its version does.')
    .version(
      `walscan control ${version} (pg_controldata of PostgreSQL ${OLDEST_VERSION} to ${NEWEST_VERSION})`,
      '-V, --version',
      'print the version',
    )
    .argument(
      '[path]',
      'pg_control, a data folder, or the tar file of a base backup; also s3://<bucket>/<prefix>',
    )
    .option('-D, --pgdata <path>', 'the same')
    .option('--json', 'print one JSON object: times in UTC, 64-bit numbers as strings')
    .addHelpText('after', HELP);
  return defined(command, io, control, { hasThreads: false });
}

function control(path: string | undefined, options: Options, io: Io): Promise<number> {
  const { pgdata } = options;
  if (path !== undefined && pgdata !== undefined)
    throw usage(message`give the path once: alone, or with --pgdata`);
  const { PGDATA } = io.env;
  const given = pgdata ?? path ?? PGDATA;
  if (!given) throw usage(message`give a pg_control or a data folder, or set PGDATA`);
  return print(given, options, io);
}

const usage = (said: Message): WalError => new WalError('usage', said);

async function print(path: string, options: Options, io: Io): Promise<number> {
  const found = await readControlFile((await throughPipe(path)) ?? path, NODE_READING);
  const control = parseControlFileOf(found.clusterVersion, found.bytes, found.name);
  if (!options.json) {
    const { output, errors } = controlWarnings(control);
    io.writeError(errors);
    io.write(output + formatControlData(control, zoneOf(options, io)));
    return EXIT_OK;
  }
  printJson(controlJson(control, found.name), io);
  if (control.crcValid) return EXIT_OK;
  printError(controlDamaged(found.name), io);
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

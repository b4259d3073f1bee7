import { join } from 'node:path';
import { bytesToHex } from '@noble/hashes/utils.js';
import { formatControlData } from '../cluster/control-data.js';
import { type ControlFile, parseControlFile, type UnixSeconds } from '../cluster/control-file.js';
import { localTimeZone } from '../node/timezone.js';
import { readBeginning } from '../sources/read.js';
import { type ByteSource, fileSource, isFolder } from '../sources/source.js';
import { looksLikeTar, tarMembers } from '../sources/tar.js';
import { WalError } from '../wal/error.js';
import { formatLsn, type Lsn } from '../wal/lsn.js';
import { formatTimestampIso, POSTGRES_EPOCH_US } from '../wal/timestamp.js';
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
  if (asJson) printJson(controlJson(control), io);
  else io.write(formatControlData(control, localTimeZone(io.env)));
  if (control.crcValid) return EXIT_OK;
  printError(
    new WalError(
      'control-checksum',
      `${name}: the checksum does not fit: the file is damaged, and nothing in it can be trusted`,
    ),
    io,
  );
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

/** What `--json` prints: LSNs and times as text, 64-bit numbers as strings, fields the version lacks left out. */
function controlJson({ major, ...control }: ControlFile): object {
  const { checkPointCopy } = control;
  return {
    postgres: major ?? null,
    ...control,
    systemIdentifier: String(control.systemIdentifier),
    lastModified: isoTime(control.lastModified),
    checkPoint: formatLsn(control.checkPoint),
    previousCheckPoint: lsnIfPresent(control.previousCheckPoint),
    checkPointCopy: {
      ...checkPointCopy,
      redo: formatLsn(checkPointCopy.redo),
      nextXid: String(checkPointCopy.nextXid),
      nextMultiOffset: String(checkPointCopy.nextMultiOffset),
      time: isoTime(checkPointCopy.time),
    },
    unloggedLsn: formatLsn(control.unloggedLsn),
    minRecoveryPoint: formatLsn(control.minRecoveryPoint),
    backupStartPoint: formatLsn(control.backupStartPoint),
    backupEndPoint: formatLsn(control.backupEndPoint),
    mockAuthenticationNonce: bytesToHex(control.mockAuthenticationNonce),
  };
}

const lsnIfPresent = (lsn: Lsn | undefined): string | undefined =>
  lsn === undefined ? undefined : formatLsn(lsn);

const isoTime = (time: UnixSeconds): string => formatTimestampIso(time * 1_000_000n - POSTGRES_EPOCH_US);

import { bytesToHex } from '@noble/hashes/utils.js';
import { formatControlData } from '../cluster/control-data.js';
import { type ControlFile, parseControlFile, type UnixSeconds } from '../cluster/control-file.js';
import { NODE_READING } from '../node/reading.js';
import { localTimeZone } from '../node/timezone.js';
import { readControlFile } from '../sources/backup.js';
import { WalError } from '../wal/error.js';
import { formatLsn, type Lsn } from '../wal/lsn.js';
import { formatTimestampIso, POSTGRES_EPOCH_US } from '../wal/timestamp.js';
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

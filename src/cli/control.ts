import { bytesToHex } from '@noble/hashes/utils.js';
import { Command } from 'commander';
import { formatControlData } from '../cluster/control-data.js';
import { type ControlFile, parseControlFile, type UnixSeconds } from '../cluster/control-file.js';
import { NODE_READING } from '../node/reading.js';
import { localTimeZone } from '../node/timezone.js';
import { readControlFile } from '../sources/backup.js';
import { WalError } from '../wal/error.js';
import { formatLsn, type Lsn } from '../wal/lsn.js';
import { formatTimestampIso, POSTGRES_EPOCH_US } from '../wal/timestamp.js';
import { printError } from './error.js';
import { EXIT_OK, EXIT_PARTIAL } from './exit-code.js';
import { jsonText } from './json.js';
import { writeOutput } from './output.js';

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
  const { name, bytes } = await readControlFile(path, NODE_READING);
  const control = parseControlFile(bytes, name);
  const text = asJson ? jsonText(controlJson(control)) : formatControlData(control, localTimeZone());
  writeOutput(text);
  if (control.crcValid) return EXIT_OK;
  printError(
    new WalError(
      'control-checksum',
      `${name}: the checksum does not fit: the file is damaged, and nothing in it can be trusted`,
    ),
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

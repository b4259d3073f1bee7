import { bytesToHex } from '@noble/hashes/utils.js';
import { lsnJson } from '../text/json.js';
import type { Problem } from '../wal/error.js';
import { formatLsn } from '../wal/lsn.js';
import { formatTimestampIso, POSTGRES_EPOCH_US } from '../wal/timestamp.js';
import type { HeadJson } from './answer-head.js';
import {
  type ControlCheckPoint,
  type ControlFile,
  controlDamaged,
  type UnixSeconds,
} from './control-file.js';

/**
 * What `walscan control --json` prints: all that pg_control says. LSNs are `0/04000680`, times UTC, numbers that need
 * 64 bits text, and fields that the file's version lacks null. No WAL is read: `startLsn` and `endLsn` are null, the
 * timeline is that of the latest checkpoint. `postgres` is null where nothing tells the version.
 */
export type ControlJson = Omit<HeadJson, 'postgres'> & { postgres: number | null } & FieldsInJson<
    Omit<ControlFile, 'version' | 'systemIdentifier' | 'checkPointCopy'>
  > & { checkPointCopy: FieldsInJson<ControlCheckPoint>; problems: Problem[] };

/** Fields as they are in JSON: what may be lacking is null; 64-bit numbers, LSNs, times and bytes are text. */
export type FieldsInJson<T> = {
  [K in keyof T]: FieldInJson<Exclude<T[K], undefined>> | (undefined extends T[K] ? null : never);
};
/** One such field. */
export type FieldInJson<V> = V extends bigint | Uint8Array ? string : V;

/**
 * Makes JSON of a pg_control.
 * @param file its name, for the problem where its checksum does not fit
 */
export function controlJson(control: ControlFile, file?: string): ControlJson {
  const { version, systemIdentifier, ...fields } = control;
  return {
    postgres: version ?? null,
    systemIdentifier: String(systemIdentifier),
    timelines: [control.checkPointCopy.timeline],
    startLsn: null,
    endLsn: null,
    ...fields,
    lastModified: isoTime(control.lastModified),
    checkPoint: formatLsn(control.checkPoint),
    previousCheckPoint: lsnJson(control.previousCheckPoint),
    checkPointCopy: checkPointJson(control.checkPointCopy),
    unloggedLsn: formatLsn(control.unloggedLsn),
    minRecoveryPoint: formatLsn(control.minRecoveryPoint),
    backupStartPoint: formatLsn(control.backupStartPoint),
    backupEndPoint: formatLsn(control.backupEndPoint),
    maxWalSenders: control.maxWalSenders ?? null,
    slruPagesPerSegment: control.slruPagesPerSegment ?? null,
    float4ByValue: control.float4ByValue ?? null,
    initialDataChecksumVersion: control.initialDataChecksumVersion ?? null,
    defaultCharSigned: control.defaultCharSigned ?? null,
    mockAuthenticationNonce: bytesToHex(control.mockAuthenticationNonce),
    problems: control.crcValid ? [] : [controlDamaged(file).toJSON()],
  };
}

function checkPointJson(checkPoint: ControlCheckPoint): ControlJson['checkPointCopy'] {
  return {
    ...checkPoint,
    redo: formatLsn(checkPoint.redo),
    walLevel: checkPoint.walLevel ?? null,
    logicalDecoding: checkPoint.logicalDecoding ?? null,
    nextXid: String(checkPoint.nextXid),
    nextMultiOffset: String(checkPoint.nextMultiOffset),
    time: isoTime(checkPoint.time),
  };
}

const isoTime = (time: UnixSeconds): string => formatTimestampIso(time * 1_000_000n - POSTGRES_EPOCH_US);

import type { BaseBackup } from '../cluster/base-backup.js';
import { WalReader } from '../reader/wal-reader.js';
import { openBackup } from '../sources/backup.js';
import type { Backup } from '../sources/backup-parts.js';
import type { WalBounds } from '../sources/bounds.js';
import type { FactsStock } from '../sources/identified-segment.js';
import type { Input, Inputs } from '../sources/input.js';
import { type ClusterWal, takeUsableInventory, type UsableInventory } from '../sources/inventory.js';
import { labelOf, readBaseBackup } from '../sources/read-base-backup.js';
import { readWindows } from '../sources/read-segments.js';
import type { Reading } from '../sources/reading.js';
import { highest } from '../wal/lsn.js';
import { POSTGRES_EPOCH_US, type TimestampTz } from '../wal/timestamp.js';
import { BackupCheckpoint } from './backup-checkpoint.js';

/**
 * Takes stock of WAL for a question that goes with a backup: where there is WAL of several clusters, of the backup's only.
 * @param within what of the WAL the question is about
 * @param facts segments that facts tell of, beside those of the inputs
 * @throws WalError as `takeUsableInventory`: also where nothing tells which cluster is the backup's; without a backup,
 *   wherever there are several
 */
export function takeInventoryFor(
  backup: Input | Backup | undefined,
  inputs: Inputs,
  reading: Reading,
  within?: WalBounds,
  facts?: FactsStock,
): Promise<UsableInventory> {
  return takeUsableInventory(inputs, reading, {
    within,
    facts,
    chooseCluster: async (clusters) =>
      backup === undefined ? undefined : clusterOf(await openBackup(backup, reading), clusters, reading),
  });
}

/** The cluster that a backup was taken of, by its system identifier or, where it has none, by its checkpoint. */
async function clusterOf(
  backup: Backup,
  clusters: readonly ClusterWal[],
  reading: Reading,
): Promise<ClusterWal | undefined> {
  const base = await readBaseBackup(backup);
  const { systemIdentifier } = base;
  if (systemIdentifier !== undefined) {
    return onlyOne(clusters.filter(({ format }) => format.systemIdentifier === systemIdentifier));
  }
  const fitting: { cluster: ClusterWal; time: TimestampTz }[] = [];
  for (const cluster of clusters) {
    const time = await checkpointTime(base, cluster, reading);
    if (time !== undefined) fitting.push({ cluster, time });
  }
  if (fitting.length < 2) return fitting[0]?.cluster;
  // new clusters write their first backups at equal LSNs; the label is written right after its checkpoint
  const started = startTimeOf(((await labelOf(backup)) ?? (await backup.history()))?.startTime);
  const before = fitting.filter(({ time }) => started !== undefined && time <= started);
  const latest = highest(before.map(({ time }) => time));
  return onlyOne(before.filter(({ time }) => time === latest))?.cluster;
}

const onlyOne = <T>(all: readonly T[]): T | undefined => (all.length === 1 ? all[0] : undefined);

/** When the backup's checkpoint began; undefined where the cluster's WAL has none of it at its place. */
async function checkpointTime(
  base: BaseBackup,
  { format, segments }: ClusterWal,
  reading: Reading,
): Promise<TimestampTz | undefined> {
  const { startLsn, checkpointLsn, timeline } = base;
  const size = BigInt(format.segmentSize);
  const places = new Map(segments.filter((one) => one.timeline === timeline).map((one) => [one.start, one]));
  const chain = [...places.values()]
    .filter(({ start }) => start + size > startLsn)
    .sort((a, b) => (a.start < b.start ? -1 : 1))
    .map((file) => ({ file, end: file.start + size }));
  const reader = new WalReader({ startLsn });
  const checkpoint = new BackupCheckpoint(base);
  for await (const { segment } of readWindows(chain, format, reading)) {
    reader.push(segment);
    for (let record = reader.next(); record !== undefined; record = reader.next()) {
      if (!checkpoint.take(record)) return undefined;
      if (checkpoint.record === undefined) continue;
      return checkpointLsn === undefined || record.lsn === checkpointLsn ? checkpoint.time : undefined;
    }
    if (reader.gaps.length > 0 || reader.damages.length > 0) return undefined;
  }
  return undefined;
}

/** `START TIME` of a label, in whole seconds; undefined where its zone is named by letters other than UTC's. */
function startTimeOf(text: string | undefined): TimestampTz | undefined {
  const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) (?:UTC|GMT|([+-]\d\d)(?::?(\d\d))?)$/.exec(text ?? '');
  if (!match) return undefined;
  const [, date, time, hours, minutes = '00'] = match;
  const milliseconds = Date.parse(`${date}T${time}${hours === undefined ? 'Z' : `${hours}:${minutes}`}`);
  return Number.isNaN(milliseconds) ? undefined : BigInt(milliseconds) * 1000n - POSTGRES_EPOCH_US;
}

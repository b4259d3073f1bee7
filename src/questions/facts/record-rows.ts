import { kindName } from '../../dump/kind-name.js';
import { decode, describe, rmgrName } from '../../rmgr/index.js';
import { formatLocator } from '../../rmgr/locator.js';
import { UTC } from '../../text/timezone.js';
import { type BlockReference, FORK_NAMES, MAIN_FORK, type WalRecord } from '../../wal/record.js';
import type { FactRow } from './tables.js';

/** A row of the table `records`. */
export function recordRow(record: WalRecord): FactRow<'records'> {
  const { rmid, info, version } = record;
  const data = decode(record);
  return {
    ...{ start_lsn: record.lsn, end_lsn: record.endLsn, prev_lsn: record.prevLsn, xid: record.xid },
    resource_manager: rmgrName(rmid),
    record_type: kindName(rmid, info, version),
    record_length: record.totalLength,
    main_data_length: record.mainLength,
    fpi_length: record.imageLength,
    description:
      data.type === 'undecodable' ? `undecodable: ${data.reason}` : describe(data, { version, zone: UTC }),
    block_ref: record.blocks.map(blockText).join(', '),
  };
}

function blockText({ id, rel, fork, blockNumber, image }: BlockReference): string {
  const forkName = fork === MAIN_FORK ? '' : ` fork ${FORK_NAMES[fork] ?? fork}`;
  const images = image === undefined ? '' : image.apply ? ' FPW' : ' FPW for WAL verification';
  return `blkref #${id}: rel ${formatLocator(rel)}${forkName} blk ${blockNumber}${images}`;
}

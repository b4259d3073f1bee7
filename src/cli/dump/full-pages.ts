import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { systemReason } from '../../node/system-reason.js';
import { WalError } from '../../wal/error.js';
import { formatLsnOf } from '../../wal/lsn.js';
import { restoreImage } from '../../wal/page-image.js';
import { FORK_NAMES, type WalRecord } from '../../wal/record.js';
import { DumpError } from './error.js';

export type SavePages = (record: WalRecord, timeline: number) => void;

/** Makes the folder for `--save-fullpage`, which must be new or empty. @throws DumpError */
export function createPageFolder(path: string): SavePages {
  makeEmptyFolder(path);
  return (record, timeline) => savePages(record, timeline, path);
}

function makeEmptyFolder(path: string): void {
  let names: string[];
  try {
    names = readdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw new DumpError('fatal', `could not access directory "${path}": ${systemReason(error)}`);
    }
    try {
      mkdirSync(path, { recursive: true, mode: 0o700 });
    } catch (reason) {
      throw new DumpError('fatal', `could not create directory "${path}": ${systemReason(reason)}`);
    }
    return;
  }
  if (names.length > 0) throw new DumpError('fatal', `directory "${path}" exists but is not empty`);
}

/**
 * Saves a record's full-page images as `pg_waldump` names them (XLogRecordSaveFPWs):
 * `TIMELINE-LSN-LSN.TABLESPACE.DATABASE.RELATION.BLOCK_FORK`.
 * @throws DumpError
 */
function savePages(record: WalRecord, timeline: number, folder: string): void {
  for (const block of record.blocks) {
    if (block.image === undefined) continue;
    const { spcOid, dbOid, relNumber } = block.rel;
    const page = restoredPage(record, block);
    const fork = FORK_NAMES[block.fork];
    if (fork === undefined) {
      throw new DumpError('fatal', `invalid fork number: ${block.fork}`, record.version);
    }
    const place = [timeline, record.lsnHi, record.lsnLo].map(hex8).join('-');
    const path = `${folder}/${place}.${spcOid}.${dbOid}.${relNumber}.${block.blockNumber}_${fork}`;
    try {
      writeFileSync(path, page);
    } catch (error) {
      throw new DumpError('fatal', `could not write file "${path}": ${systemReason(error)}`, record.version);
    }
  }
}

function restoredPage(record: WalRecord, block: WalRecord['blocks'][number]): Uint8Array {
  try {
    return restoreImage(block);
  } catch (error) {
    if (!(error instanceof WalError)) throw error;
    const { version, lsn } = record;
    const failed = version >= 15 ? 'could not decompress image' : 'invalid compressed image';
    throw new DumpError('fatal', `${failed} at ${formatLsnOf(lsn, version)}, block ${block.id}`, version);
  }
}

const hex8 = (value: number): string => value.toString(16).toUpperCase().padStart(8, '0');

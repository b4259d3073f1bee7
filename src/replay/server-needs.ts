import type { ControlFile } from '../cluster/control-file.js';
import { decode } from '../rmgr/index.js';
import type { TablespaceCreate } from '../rmgr/tablespace.js';
import type { XlogParameterChange } from '../rmgr/xlog.js';
import type { Lsn } from '../wal/lsn.js';
import type { WalRecord } from '../wal/record.js';
import { RM_MIN_CUSTOM_ID, RM_TBLSPC_ID, RM_XLOG_ID } from '../wal/rmgr-id.js';

/**
 * Settings of which a server in recovery must have at least the primary's, by their names in postgresql.conf.
 * `max_wal_senders` counts since 12 and is undefined before.
 */
export interface RequiredSettings {
  max_connections: number;
  max_worker_processes: number;
  max_wal_senders: number | undefined;
  max_prepared_transactions: number;
  max_locks_per_transaction: number;
}

/** A record that asks for more than pg_control and the records before it did. */
export interface RaisedSettings {
  lsn: Lsn;
  /** How far a server with less has replayed when it comes there: the end of the record before. */
  replayedTo: Lsn;
  /** The settings that are raised, with what they must be from there on. */
  settings: Partial<RequiredSettings>;
  /** Whether hot standby is active by then: since 14 the server pauses there, or else it ends. */
  isHotStandby: boolean;
}

/** A tablespace that is created on the way; replay makes its files where it was created, on whatever host. */
export interface CreatedTablespace {
  oid: number;
  /** As CREATE TABLESPACE was given it. */
  path: string;
  lsn: Lsn;
}

/**
 * What the replay of WAL needs of the server around it: settings (`CheckRequiredParameterValues`, src/backend/access/
 * transam/xlog.c) and directories (`create_tablespace_directories`, src/backend/commands/tablespace.c).
 */
export class ServerNeeds {
  readonly raised: RaisedSettings[] = [];
  readonly tablespaces: CreatedTablespace[] = [];
  /** The ids of extensions' own resource managers (since 15), whose libraries replay needs (`GetRmgr`, rmgr.h). */
  readonly customRmgrs = new Set<number>();

  /** @param settings those of the backup's pg_control, where that is known; later the highest so far */
  constructor(public settings: RequiredSettings | undefined) {}

  /**
   * Takes the next record that is replayed.
   * @param replayedTo the end of what is replayed by then
   */
  replay(record: WalRecord, replayedTo: Lsn, isHotStandby: boolean): void {
    const { rmid, lsn } = record;
    if (rmid >= RM_MIN_CUSTOM_ID) this.customRmgrs.add(rmid);
    if (rmid !== RM_XLOG_ID && rmid !== RM_TBLSPC_ID) return;
    const data = decode(record);
    if (data.rmgr === 'Tablespace' && data.type === 'create') this.noteTablespace(data, lsn);
    if (data.rmgr !== 'XLOG' || data.type !== 'parameter-change') return;
    const wanted = settingsOf(data);
    const known = this.settings;
    const raised = SETTINGS.flatMap((name) => {
      const value = wanted[name];
      return value !== undefined && value > (known?.[name] ?? 0) ? [[name, value]] : [];
    });
    const settings: Partial<RequiredSettings> = Object.fromEntries(raised);
    if (raised.length > 0) this.raised.push({ lsn, replayedTo, settings, isHotStandby });
    this.settings = { ...wanted, ...known, ...settings };
  }

  /** One in the data folder itself, which `allow_in_place_tablespaces` makes, has no path. */
  private noteTablespace({ tsId, tsPath }: TablespaceCreate, lsn: Lsn): void {
    if (tsPath !== '') this.tablespaces.push({ oid: tsId, path: tsPath, lsn });
  }
}

const SETTINGS = [
  'max_connections',
  'max_worker_processes',
  'max_wal_senders',
  'max_prepared_transactions',
  'max_locks_per_transaction',
] as const satisfies readonly (keyof RequiredSettings)[];

/** The settings that a server ran with, as its pg_control or a record of their change tells them. */
export const settingsOf = (data: ControlFile | XlogParameterChange): RequiredSettings => ({
  max_connections: data.maxConnections,
  max_worker_processes: data.maxWorkerProcesses,
  max_wal_senders: data.maxWalSenders,
  max_prepared_transactions: data.maxPreparedXacts,
  max_locks_per_transaction: data.maxLocksPerXact,
});

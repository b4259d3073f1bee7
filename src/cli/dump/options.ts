import { availableParallelism } from 'node:os';
import type { RecordFilter } from '../../dump/filter.js';
import { rmgrId } from '../../rmgr/index.js';
import type { Lsn } from '../../wal/lsn.js';
import { FORK_NAMES, type RelFileLocator } from '../../wal/record.js';
import { RM_MAX_ID, RM_MIN_CUSTOM_ID } from '../../wal/rmgr-id.js';
import { DumpError } from './error.js';
import { getopt, OptionError, type OptionSpec } from './getopt.js';

export interface DumpOptions {
  /** STARTSEG and ENDSEG, or a folder. */
  operands: string[];
  blockDetails: boolean;
  startLsn: Lsn | undefined;
  endLsn: Lsn | undefined;
  follow: boolean;
  /** Records to show at most; 0 or less: all. */
  limit: number;
  path: string | undefined;
  quiet: boolean;
  timeline: number | undefined;
  stats: 'rmgr' | 'record' | undefined;
  saveFullpage: string | undefined;
  filter: RecordFilter;
  json: boolean;
  /** Times as they were typed. */
  since: string | undefined;
  until: string | undefined;
  skipDamage: boolean;
  /** Worker threads. */
  jobs: number;
  /** A base backup, whose catalogs tell the names of relations. */
  backup: string | undefined;
  /** The relation to show by its name. */
  table: string | undefined;
  database: string | undefined;
  /** A file with the passphrase of an encrypted repository. */
  cipherPassFile: string | undefined;
}

const SPECS: readonly OptionSpec[] = [
  { long: 'bkp-details', short: 'b', argument: 'none' },
  { long: 'block', short: 'B', argument: 'required' },
  { long: 'end', short: 'e', argument: 'required' },
  { long: 'follow', short: 'f', argument: 'none' },
  { long: 'fork', short: 'F', argument: 'required' },
  { long: 'fullpage', short: 'w', argument: 'none' },
  { long: 'help', short: '?', argument: 'none' },
  { long: 'limit', short: 'n', argument: 'required' },
  { long: 'path', short: 'p', argument: 'required' },
  { long: 'quiet', short: 'q', argument: 'none' },
  { long: 'relation', short: 'R', argument: 'required' },
  { long: 'rmgr', short: 'r', argument: 'required' },
  { long: 'start', short: 's', argument: 'required' },
  { long: 'timeline', short: 't', argument: 'required' },
  { long: 'xid', short: 'x', argument: 'required' },
  { long: 'version', short: 'V', argument: 'none' },
  { long: 'stats', short: 'z', argument: 'optional' },
  { long: 'save-fullpage', argument: 'required' },
  { long: 'json', argument: 'none' },
  { long: 'since', argument: 'required' },
  { long: 'until', argument: 'required' },
  { long: 'skip-damage', argument: 'none' },
  { long: 'jobs', argument: 'required' },
  { long: 'backup', argument: 'required', exact: true },
  { long: 'table', argument: 'required', exact: true },
  { long: 'database', argument: 'required', exact: true },
  { long: 'cipher-pass-file', argument: 'required', exact: true },
];

const MAX_UINT32 = 0xffff_ffff;
const INVALID_BLOCK = MAX_UINT32;

/**
 * Reads the arguments of `walscan dump`: the grammar of `pg_waldump` 18, and walscan's own options.
 * @returns what to print instead of WAL, where that is asked for
 * @throws DumpError in the words of `pg_waldump`
 */
export function parseDumpOptions(args: readonly string[]): DumpOptions | 'help' | 'version' | 'rmgr-list' {
  if (args.length === 0) throw usage('no arguments specified');
  const options: DumpOptions = {
    operands: [],
    blockDetails: false,
    startLsn: undefined,
    endLsn: undefined,
    follow: false,
    limit: 0,
    path: undefined,
    quiet: false,
    timeline: undefined,
    stats: undefined,
    saveFullpage: undefined,
    filter: {},
    json: false,
    since: undefined,
    until: undefined,
    skipDamage: false,
    jobs: availableParallelism(),
    backup: undefined,
    table: undefined,
    database: undefined,
    cipherPassFile: undefined,
  };
  let instead: 'help' | 'version' | 'rmgr-list' | undefined;
  try {
    options.operands = getopt(args, SPECS, (long, value) => {
      if (long === 'help' || long === 'version') instead ??= long;
      else if (long === 'rmgr' && value?.toLowerCase() === 'list') instead ??= 'rmgr-list';
      else if (instead === undefined) setOption(options, long, value ?? '', value !== undefined);
    });
  } catch (error) {
    throw error instanceof OptionError ? new DumpError('option', error.message) : error;
  }
  if (instead !== undefined) return instead;
  check(options);
  return options;
}

function setOption(options: DumpOptions, long: string, value: string, hasValue: boolean): void {
  const { filter } = options;
  switch (long) {
    case 'bkp-details':
      options.blockDetails = true;
      break;
    case 'block':
      filter.block = blockValue(value);
      break;
    case 'end':
      options.endLsn = locationValue(value);
      break;
    case 'follow':
      options.follow = true;
      break;
    case 'fork':
      filter.fork = FORK_NAMES.indexOf(value);
      if (filter.fork < 0) throw usage(`invalid fork name: "${value}"`);
      break;
    case 'fullpage':
      filter.fullPage = true;
      break;
    case 'limit':
      options.limit = limitValue(value);
      break;
    case 'path':
      options.path = value;
      break;
    case 'quiet':
      options.quiet = true;
      break;
    case 'relation':
      filter.relations = [...(filter.relations ?? []), relationValue(value)];
      break;
    case 'rmgr':
      filter.rmids = new Set(filter.rmids).add(rmgrValue(value));
      break;
    case 'start':
      options.startLsn = locationValue(value);
      break;
    case 'timeline':
      options.timeline = timelineValue(value);
      break;
    case 'xid':
      filter.xids = new Set(filter.xids).add(xidValue(value));
      break;
    case 'stats':
      if (hasValue && value !== 'rmgr' && value !== 'record') {
        throw usage(`unrecognized value for option --stats: ${value}`);
      }
      options.stats = value === 'record' ? 'record' : 'rmgr';
      break;
    case 'save-fullpage':
      options.saveFullpage = value;
      break;
    case 'json':
      options.json = true;
      break;
    case 'since':
      options.since = value;
      break;
    case 'until':
      options.until = value;
      break;
    case 'skip-damage':
      options.skipDamage = true;
      break;
    case 'jobs':
      options.jobs = jobsValue(value);
      break;
    case 'cipher-pass-file':
      options.cipherPassFile = value;
      break;
    case 'backup':
    case 'table':
    case 'database':
      options[long] = value;
      break;
  }
}

function check({ filter, operands, json, stats, blockDetails, backup, table, database }: DumpOptions): void {
  if (table !== undefined && (database === undefined || backup === undefined)) {
    throw usage('option --table requires options --database and --backup to be specified');
  }
  if (filter.block !== undefined && filter.relations === undefined && table === undefined) {
    throw usage('option -B/--block requires option -R/--relation to be specified');
  }
  if (operands.length > 2) {
    throw usage(`too many command-line arguments (first is "${operands[2]}")`);
  }
  if (json && (stats !== undefined || blockDetails)) {
    throw usage(`option --json cannot be used with option ${stats ? '-z/--stats' : '-b/--bkp-details'}`);
  }
}

export function usage(message: string, version?: number): DumpError {
  return new DumpError('usage', message, version);
}

/** C's `sscanf("%u")`: digits at the beginning, whatever follows; too much for 32 bits wraps around. */
const UNSIGNED = String.raw`\s*([+-]?\d+)`;
const RELATION = new RegExp(`^${UNSIGNED}/${UNSIGNED}/${UNSIGNED}`);
const NUMBER = new RegExp(`^${UNSIGNED}`);
/** The same of `%X/%X`. */
const LOCATION = /^\s*([+-]?)(?:0x)?([0-9A-F]+)\/\s*([+-]?)(?:0x)?([0-9A-F]+)/i;

const uint32 = (digits: string): number => Number(BigInt.asUintN(32, BigInt(digits)));

function blockValue(text: string): number {
  const match = NUMBER.exec(text);
  const block = match ? uint32(match[1]) : INVALID_BLOCK;
  if (block === INVALID_BLOCK) throw usage(`invalid block number: "${text}"`);
  return block;
}

/** @returns undefined for 0/0 (`InvalidXLogRecPtr`), which is as good as none given */
function locationValue(text: string): Lsn | undefined {
  const match = LOCATION.exec(text);
  if (!match) throw usage(`invalid WAL location: "${text}"`);
  const [, hiSign, hi, loSign, lo] = match;
  return (hex32(hiSign, hi) << 32n) | hex32(loSign, lo) || undefined;
}

function hex32(sign: string, digits: string): bigint {
  const value = BigInt(`0x${digits}`);
  return BigInt.asUintN(32, sign === '-' ? -value : value);
}

function limitValue(text: string): number {
  const match = NUMBER.exec(text);
  if (!match) throw usage(`invalid value "${text}" for option -n/--limit`);
  return Number(BigInt.asIntN(32, BigInt(match[1])));
}

function jobsValue(text: string): number {
  const jobs = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (jobs < 1) throw usage(`invalid value "${text}" for option --jobs`);
  return jobs;
}

function relationValue(text: string): RelFileLocator {
  const match = RELATION.exec(text);
  const [spcOid, dbOid, relNumber] = match ? match.slice(1, 4).map(uint32) : [0, 0, 0];
  if (spcOid === 0 || relNumber === 0) {
    throw new DumpError(
      'usage',
      `invalid relation specification: "${text}"`,
      undefined,
      'Expecting "tablespace OID/database OID/relation filenode".',
    );
  }
  return { spcOid, dbOid, relNumber };
}

function rmgrValue(text: string): number {
  const custom = /^custom\s*([+-]?\d{1,3})/.exec(text);
  if (custom) {
    const rmid = Number(custom[1]);
    if (rmid >= RM_MIN_CUSTOM_ID && rmid <= RM_MAX_ID) return rmid;
    throw usage(`custom resource manager "${text}" does not exist`);
  }
  const rmid = rmgrId(text);
  if (rmid === undefined) throw usage(`resource manager "${text}" does not exist`);
  return rmid;
}

/** As C's `strtoul` reads it: decimal, hexadecimal after `0x`, octal after `0`. */
function timelineValue(text: string): number {
  const match = /^\s*([+-]?)(0x[0-9a-f]+|\d+)\s*$/i.exec(text);
  if (!match && text.trim() !== '') throw usage(`invalid value "${text}" for option -t/--timeline`);
  const [, sign = '', digits = '0'] = match ?? [];
  const isOctal = /^0[0-7]+$/.test(digits);
  const timeline = isOctal ? Number.parseInt(digits, 8) : Number(digits);
  if (sign === '-' || timeline < 1 || timeline > MAX_UINT32) {
    throw usage(`-t/--timeline must be in range 1..${MAX_UINT32}`);
  }
  return timeline;
}

function xidValue(text: string): number {
  const match = NUMBER.exec(text);
  if (!match) throw usage(`invalid transaction ID specification: "${text}"`);
  return uint32(match[1]);
}

import type { BackupConfig, ConfigSetting } from '../../sources/backup-config.js';
import type { Settings } from './settings.js';

/** How a server archives its WAL. */
export interface Archiving {
  /** The command, or the library. */
  by: ConfigSetting;
  /** `archive_mode = always`: in recovery it archives what it restores, too (`KeepFileRestoredFromArchive`, xlogarchive.c). */
  always: boolean;
}

/** What an earlier recovery, a standby or production left in the backup's configuration. */
export interface Leftovers {
  /** What decides where recovery goes, unless something is done about it. */
  settings: ConfigSetting[];
  /** Settings that undo it, to be put before those of the plan. */
  overrides: Settings;
  /** By which the restored server would archive its WAL as production does. */
  archiving: Archiving | undefined;
}

/** A setting of the server that decides about recovery. */
interface RecoverySetting {
  /** Whether it says no more than what holds without it. */
  isHarmless: (value: string) => boolean;
  /** What undoes it where the plan does not set it itself. */
  override?: string;
  /** Only one of these may be set, or the server does not start. */
  isTarget?: true;
}

const isEmpty = (value: string): boolean => value === '';
/** `parse_bool` (src/backend/utils/adt/bool.c) */
const isTrue = (value: string): boolean => /^(?:t|tr|tru|true|y|ye|yes|on|1)$/i.test(value);
const isZero = (value: string): boolean =>
  /^\s*[-+]?(?:0x0+|0+(?:\.0*)?|\.0+)\s*(?:[a-z]+\s*)?$/i.test(value);

const TARGET: RecoverySetting = { isHarmless: isEmpty, override: '', isTarget: true };
const CLEARED: RecoverySetting = { isHarmless: isEmpty, override: '' };

/** docs/decisions/recovery.md says what each does, and which others do nothing. */
const SETTINGS: ReadonlyMap<string, RecoverySetting> = new Map<string, RecoverySetting>([
  ['recovery_target', TARGET],
  ['recovery_target_lsn', TARGET],
  ['recovery_target_name', TARGET],
  ['recovery_target_time', TARGET],
  ['recovery_target_xid', TARGET],
  ['recovery_target_inclusive', { isHarmless: isTrue }],
  ['recovery_target_timeline', { isHarmless: (value) => value === 'latest' }],
  ['recovery_target_action', { isHarmless: (value) => value.toLowerCase() === 'pause' }],
  ['restore_command', { isHarmless: isEmpty }],
  ['recovery_min_apply_delay', { isHarmless: isZero, override: '0' }],
  ['recovery_end_command', CLEARED],
  ['archive_cleanup_command', CLEARED],
  ['hot_standby', { isHarmless: isTrue, override: 'on' }],
]);

/** Looked at during a pause by 13 to 15; 16 does not know it, and would not start with it. */
const TRIGGER_FILE = 'promote_trigger_file';

/**
 * Which settings of a backup matter for a recovery with these settings.
 * @param config undefined where it is not known
 * @param planned the settings of the plan
 */
export function leftoversOf(config: BackupConfig | undefined, planned: Settings, version: number): Leftovers {
  if (config === undefined) return { settings: [], overrides: {}, archiving: undefined };
  return version < 12 ? inRecoveryConf(config, planned) : inServerConfig(config, planned, version);
}

function inServerConfig({ server, markers }: BackupConfig, planned: Settings, version: number): Leftovers {
  const known = version >= 13 && version < 16 ? new Map([...SETTINGS, [TRIGGER_FILE, CLEARED]]) : SETTINGS;
  const settings = conflicts(server, known, planned);
  const overrides: Settings = {};
  for (const { name } of settings) {
    const { isTarget, override } = known.get(name.toLowerCase()) ?? {};
    // the server drops an earlier line of exactly this name only, and of another spelling takes both
    const as = isTarget ? name : name.toLowerCase();
    if (override !== undefined && !(as in planned)) overrides[as] = override;
  }
  const folder = inForce(server).filter(({ name }) => name.toLowerCase() === 'data_directory');
  const files = markers.map((name) => ({ file: name, name, value: '' }));
  return {
    settings: [...settings, ...folder, ...files],
    overrides,
    archiving: archivingOf(server),
  };
}

/** Up to 11, where `recovery.conf` holds all of it and is replaced by the plan's, but for `hot_standby`. */
function inRecoveryConf({ server, recovery }: BackupConfig, planned: Settings): Leftovers {
  const hotStandby = server.filter(({ name }) => name.toLowerCase() === 'hot_standby');
  const known = new Map([
    ...SETTINGS,
    ['standby_mode', { isHarmless: (value: string) => !isTrue(value), override: '' }] as const,
  ]);
  return {
    settings: conflicts([...recovery, ...hotStandby], known, planned),
    overrides: {},
    archiving: archivingOf(server),
  };
}

function conflicts(
  config: readonly ConfigSetting[],
  known: ReadonlyMap<string, RecoverySetting>,
  planned: Settings,
): ConfigSetting[] {
  const isTarget = (name: string): boolean => known.get(name.toLowerCase())?.isTarget ?? false;
  return inForce(config, isTarget).filter(({ name, value }) => {
    const setting = known.get(name.toLowerCase());
    if (setting === undefined || setting.isHarmless(value)) return false;
    const as = setting.isTarget ? name : name.toLowerCase();
    return as in planned ? planned[as] !== value : setting.override !== undefined;
  });
}

/** Of each setting the last line, which is the one that counts; of targets the last of each spelling. */
function inForce(
  config: readonly ConfigSetting[],
  isTarget: (name: string) => boolean = () => false,
): ConfigSetting[] {
  const last = new Map<string, ConfigSetting>();
  for (const setting of config) {
    const key = isTarget(setting.name) ? setting.name : setting.name.toLowerCase();
    last.delete(key);
    last.set(key, setting);
  }
  return [...last.values()];
}

/** What a server archives with, if it does. */
function archivingOf(server: readonly ConfigSetting[]): Archiving | undefined {
  const settings = new Map(inForce(server).map((setting) => [setting.name.toLowerCase(), setting]));
  const mode = settings.get('archive_mode')?.value.toLowerCase() ?? 'off';
  if (mode !== 'always' && !isTrue(mode)) return undefined;
  const by = ['archive_library', 'archive_command']
    .map((name) => settings.get(name))
    .find((setting) => setting !== undefined && setting.value !== '');
  return by && { by, always: mode === 'always' };
}

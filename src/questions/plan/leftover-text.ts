import type { ConfigSetting } from '../../sources/backup-config.js';
import { colours } from '../../text/colours.js';
import { printable } from '../../text/printable.js';
import type { Say } from '../../text/tongue.js';
import { type Message, message } from '../../wal/message.js';
import type { PlannedRecovery } from './ask.js';
import { formatSettings } from './settings.js';

/** What is left over in the backup, and what to do about that which the plan's settings do not undo. */
export function leftoverLines(
  {
    leftoverSettings,
    archiving,
    isConfigKnown,
    format,
  }: Pick<PlannedRecovery, 'leftoverSettings' | 'archiving' | 'isConfigKnown' | 'format'>,
  say: Say,
): string[] {
  if (!isConfigKnown) {
    return ['', say`What else the backup sets is not known: give its folder or base.tar to have that read.`];
  }
  const todo = leftoverSettings.flatMap(
    ({ file, name }) => ADVICE[name.toLowerCase()]?.(file, format.version) ?? [],
  );
  return [
    ...(leftoverSettings.length > 0
      ? ['', colours.yellow(say`The backup has settings of its own that would decide about this recovery:`)]
      : []),
    ...leftoverSettings.map((setting) => `  ${printable(settingText(setting, say))}`),
    ...todo.map((one) => printable(say`Before you start, ${one}.`)),
    ...(archiving === undefined ? [] : archivingLines(archiving, say)),
  ];
}

function archivingLines({ always, by }: NonNullable<PlannedRecovery['archiving']>, say: Say): string[] {
  const setting = printable(settingText(by, say));
  return [
    '',
    always
      ? say`In recovery already, the server archives with what the backup sets: ${setting}.`
      : say`Once it is open, the server archives with what the backup sets: ${setting}.`,
    say`For a trial, whose WAL must not get into production's archive, add archive_mode = 'off'.`,
  ];
}

/** By the name of what is left over, what no setting of the plan does about it. */
const ADVICE: Readonly<Record<string, (file: string, version: number) => Message | undefined>> = {
  'standby.signal': () =>
    message`remove standby.signal: with it the server becomes a standby, which waits for more WAL where it should end`,
  'recovery.conf': () => message`remove recovery.conf: since 12 the server does not start with one`,
  data_directory: (file) =>
    message`remove data_directory from ${file}: with it the server starts in that folder, and not in the restored one`,
  hot_standby: (file, version) =>
    version < 12
      ? message`set hot_standby = 'on' in ${file}: without it the server shuts down at the target instead of pausing`
      : undefined,
};

const settingText = ({ file, name, value }: ConfigSetting, say: Say): string =>
  file === name ? file : say`${formatSettings({ [name]: value })[0]} in ${file}`;

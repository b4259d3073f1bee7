import type { MissingSegments } from '../../cluster/chain.js';
import { colours } from '../../text/colours.js';
import { printable } from '../../text/printable.js';
import { formatTimestampTz, type TimeZone } from '../../text/timezone.js';
import { ENGLISH, type Say, sayIn, type Tongue } from '../../text/tongue.js';
import { formatLsn } from '../../wal/lsn.js';
import { type Message, message, several } from '../../wal/message.js';
import { olderSaid, problemsSaid, recordsSaid, segmentsSaid } from '../amounts.js';
import { newestOf } from '../newest.js';
import { TOOL_NAMES } from '../tool-names.js';
import { UNUSED } from '../unused-reasons.js';
import type { ArchiveExamined } from './ask.js';
import type { BackupReport } from './backups.js';
import { namesOfMissing } from './gaps.js';
import type { ArchiveTimeline, SegmentRun } from './run.js';
import type { StoredBackupFacts } from './stored-backups.js';

const { bold, green, red, yellow } = colours;

/** How the answer is written. */
interface Style {
  zone: TimeZone;
  tongue: Tongue;
  say: Say;
  /** So many of each list. */
  limit: number | undefined;
}

/**
 * What there is, what base backups it serves, what else there is to know, each newest first, and at the end what is wrong.
 * @param limit so many of each list, the newest; but all that is wrong
 */
export function archiveText(
  report: ArchiveExamined,
  zone: TimeZone,
  tongue: Tongue = ENGLISH,
  limit?: number,
): string {
  const say = sayIn(tongue);
  const style = { zone, tongue, say, limit };
  const { format, timelines, problems } = report;
  const lines = [
    say`PostgreSQL ${format.version}, system identifier ${format.systemIdentifier}, segments of ${format.segmentSize / 2 ** 20} MiB`,
    ...timelines.flatMap((timeline) => timelineLines(timeline, format.segmentSize, style)),
    ...backupLines(report, style),
    ...fileLines(report, style),
    '',
  ];
  if (problems.length > 0) {
    lines.push(red(tongue.textOf(problemsSaid(problems.length))));
    for (const { said } of problems) lines.push(`  ${printable(tongue.textOf(said))}`);
  } else if (report.quick) lines.push(green(say`Nothing is missing, as far as names and headers tell.`));
  else lines.push(green(say`Nothing is missing, nothing is damaged.`));
  return `${lines.join('\n')}\n`;
}

function timelineLines(one: ArchiveTimeline, segmentSize: number, style: Style): string[] {
  const { timeline, parent, switchLsn, reason, runs, missing, expired } = one;
  const { say } = style;
  const origin =
    parent === undefined || switchLsn === undefined
      ? ''
      : say`, from timeline ${parent} at ${formatLsn(switchLsn)}${reason ? ` (${printable(reason)})` : ''}`;
  const lines = ['', bold(say`Timeline ${timeline}`) + origin];
  if (runs.length === 0) lines.push(`  ${say`no segment of its own`}`);
  const all = [
    ...runs.map((run) => ({ at: run.startLsn, lines: runLines(run, style) })),
    ...missing.map((gap) => ({
      at: gap.from,
      lines: [red(`  ${say`missing: ${gapText(gap, segmentSize)}`}`)],
    })),
    ...expired.map((gap) => ({ at: gap.from, lines: expiredLines(gap, segmentSize, say) })),
  ];
  all.sort((a, b) => (a.at > b.at ? -1 : 1));
  return [
    ...lines,
    ...newestLines(
      all.map((part) => part.lines),
      style,
    ),
  ];
}

/** @param items lines of each, newest first */
function newestLines(items: readonly string[][], { say, limit }: Style): string[] {
  const { newest, older } = newestOf(items, limit);
  return [...newest.flat(), ...(older > 0 ? [`  ${say`${olderSaid(older)}`}`] : [])];
}

function runLines({ firstName, lastName, count: segments, ...run }: SegmentRun, style: Style): string[] {
  const { say, zone } = style;
  const names = segments === 1 ? firstName : message`${firstName} to ${lastName}`;
  const lines = [
    `  ${say`${names}: ${segmentsSaid(segments)}, ${formatLsn(run.startLsn)} to ${formatLsn(run.endLsn)}`}`,
  ];
  const { content } = run;
  if (content === undefined) return lines;
  const { records, commits, firstCommit, lastCommit, lastRecordEnd, isFull } = content;
  const times =
    firstCommit === undefined || lastCommit === undefined
      ? ''
      : say`, ${formatTimestampTz(firstCommit, zone)} to ${formatTimestampTz(lastCommit, zone)}`;
  const commitsSaid = several(commits, '{0} commit', '{0} commits');
  lines.push(`    ${say`${recordsSaid(records)}, ${commitsSaid}${times}`}`);
  if (!isFull && lastRecordEnd !== undefined) {
    lines.push(`    ${say`the WAL ends at ${formatLsn(lastRecordEnd)}, within ${lastName}`}`);
  }
  return lines;
}

function expiredLines(gap: MissingSegments, segmentSize: number, say: Say): string[] {
  return [
    `  ${say`expired: ${gapText(gap, segmentSize)}`}`,
    `    ${say`retention kept what makes a base backup before it consistent, if there is one: that can be recovered to its own end only`}`,
  ];
}

function gapText(gap: MissingSegments, segmentSize: number): string | Message {
  const names = namesOfMissing(gap, segmentSize);
  return names?.join(' ') ?? message`${gap.firstName} to ${gap.lastName}, ${segmentsSaid(gap.count)}`;
}

function backupLines({ backups, unplaced, verify }: ArchiveExamined, style: Style): string[] {
  if (backups.length + unplaced.length === 0) return [];
  const placed = backups.map((backup) => [
    ...oneBackupLines(backup, style),
    ...(verify && backup.isHere ? verifiedLines(backup, style) : []),
  ]);
  const others = unplaced.map((stored) => [
    ...storedLines(stored, style),
    ...problemLines(stored, style),
    ...(verify ? verifiedLines(stored, style) : []),
  ]);
  return ['', bold(style.say`Base backups`), ...newestLines([...placed.reverse(), ...others], style)];
}

function oneBackupLines(backup: BackupReport, style: Style): string[] {
  const { say } = style;
  const { startLsn, endLsn, timeline, label, files, stored } = backup;
  const range =
    endLsn === undefined ? formatLsn(startLsn) : say`${formatLsn(startLsn)} to ${formatLsn(endLsn)}`;
  const name = label === undefined ? '' : `, "${printable(label)}"`;
  return [
    ...(stored === undefined ? [] : storedLines(stored, style)),
    `  ${stored === undefined ? '' : '  '}${say`${range}, timeline ${timeline}`}${name}`,
    ...(stored?.problem === undefined ? [`    ${needText(backup, say)}`] : problemLines(stored, style)),
    ...files.map((file) => `    ${printable(file)}`),
  ];
}

const TYPES: Readonly<Record<StoredBackupFacts['type'], Message>> = {
  full: message`full backup`,
  differential: message`differential backup`,
  incremental: message`incremental backup`,
};

/** What its tool tells of a backup. */
function storedLines(stored: StoredBackupFacts, { zone, tongue, say }: Style): string[] {
  const { tool, name, type, parent, repository, startTime, stopTime, size, storedSize } = stored;
  const builds = parent === undefined ? '' : say`, builds on ${printable(parent)}`;
  const times = [startTime, stopTime].flatMap((time) =>
    time === undefined ? [] : [formatTimestampTz(time, zone)],
  );
  const facts = [
    times.length > 1 ? say`${times[0]} to ${times[1]}` : times.join(),
    size === undefined ? '' : sizeText(size, tongue),
    storedSize === undefined ? '' : say`${sizeText(storedSize, tongue)} in the repository`,
  ].filter((fact) => fact !== '');
  return [
    `  ${bold(printable(name))}, ${say`${TYPES[type]} by ${TOOL_NAMES[tool]}${builds}, of ${printable(repository)}`}`,
    ...(facts.length === 0 ? [] : [`    ${facts.join(', ')}`]),
  ];
}

const problemLines = ({ problem }: StoredBackupFacts, { say, tongue }: Style): string[] =>
  problem === undefined
    ? []
    : [`    ${red(say`cannot be restored`)}: ${printable(tongue.textOf(problem.said))}`];

function verifiedLines({ verified }: Pick<BackupReport, 'verified'>, { say, tongue }: Style): string[] {
  if (verified === undefined) return [`    ${yellow(say`not verified`)}`];
  const { checksums, files, bytes, pages, problems } = verified;
  const state = problems.length === 0 ? green(say`sound`) : red(say`${problemsSaid(problems.length)}`);
  const filesSaid = several(files, '{0} file', '{0} files');
  const how = checksums === undefined ? withoutChecksums(pages) : message`by its ${checksums}`;
  return [`    ${say`verified: ${filesSaid}, ${sizeText(bytes, tongue)}, ${how}: ${state}`}`];
}

const withoutChecksums = (pages: number | undefined): Message =>
  pages === undefined
    ? message`all that was read; nothing has checksums of its files`
    : several(
        pages,
        'all that was read; nothing has checksums of its files, and those of {0} page were looked at',
        'all that was read; nothing has checksums of its files, and those of {0} pages were looked at',
      );

const ONE_DIGIT = { minimumFractionDigits: 1, maximumFractionDigits: 1, useGrouping: false };

const sizeText = (bytes: number, { language }: Tongue): string =>
  `${(bytes / 2 ** 20).toLocaleString(language, ONE_DIGIT)} MiB`;

function needText({ state, firstSegment, lastSegment }: BackupReport, say: Say): string {
  const needs = needsText(firstSegment, lastSegment, say);
  switch (state) {
    case 'complete':
      return `${needs}: ${green(say`all there`)}`;
    case 'missing':
      return `${needs}: ${red(say`not all there`)}`;
    case 'expired':
      return `${needs}: ${say`older than the WAL here`}`;
    case 'end-unknown':
      return `${needs}: ${yellow(say`where the backup ends, nothing here tells`)}`;
    case 'unusable':
      return needs;
  }
}

function needsText(first: string, last: string | undefined, say: Say): string {
  if (last === undefined) return say`needs ${first} and what follows`;
  return first === last ? say`needs ${first}` : say`needs ${first} to ${last}`;
}

/** More files than these are only counted, unless a limit says otherwise. */
const FEW_FILES = 10;

function fileLines({ duplicates, partial, notArchived, unused }: ArchiveExamined, style: Style): string[] {
  const { say } = style;
  return [
    ...listing(
      say`In several files`,
      duplicates.map(({ segment, files }) => `${segment}: ${files.join(', ')}`),
      style,
    ),
    ...listing(
      say`Partial`,
      partial.map(({ file, whole }) => (whole ? say`${file}, the whole one is there` : say`${file} alone`)),
      style,
    ),
    ...listing(say`Not archived yet`, notArchived, style),
    ...listing(
      say`Kept for later use, without WAL`,
      unused.map(({ file, reason }) => say`${file} (${UNUSED[reason]})`),
      style,
    ),
  ];
}

/** @param items oldest first */
function listing(title: string, items: readonly string[], style: Style): string[] {
  if (items.length === 0) return [];
  const lines = items.toReversed().map((item) => [`  ${printable(item)}`]);
  return ['', bold(title), ...newestLines(lines, { ...style, limit: style.limit ?? FEW_FILES })];
}

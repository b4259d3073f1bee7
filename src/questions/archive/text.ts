import type { MissingSegments } from '../../cluster/chain.js';
import { colours } from '../../text/colours.js';
import { count } from '../../text/count.js';
import { printable } from '../../text/printable.js';
import { formatTimestampTz, type TimeZone } from '../../text/timezone.js';
import { formatLsn } from '../../wal/lsn.js';
import { TOOL_NAMES } from '../tool-names.js';
import type { ArchiveExamined } from './ask.js';
import type { BackupReport } from './backups.js';
import { namesOfMissing } from './gaps.js';
import type { ArchiveTimeline, SegmentRun } from './run.js';
import type { StoredBackupFacts } from './stored-backups.js';

const { bold, green, red, yellow } = colours;

/** What there is, what base backups it serves, what else there is to know, and at the end what is wrong. */
export function archiveText(report: ArchiveExamined, zone: TimeZone): string {
  const { format, timelines, problems } = report;
  const lines = [
    `PostgreSQL ${format.version}, system identifier ${format.systemIdentifier}, segments of ${format.segmentSize / 2 ** 20} MiB`,
    ...timelines.flatMap((timeline) => timelineLines(timeline, format.segmentSize, zone)),
    ...backupLines(report, zone),
    ...fileLines(report),
    '',
  ];
  if (problems.length > 0) {
    lines.push(red(count(problems.length, 'problem')));
    for (const { message } of problems) lines.push(`  ${printable(message)}`);
  } else if (report.quick) lines.push(green('Nothing is missing, as far as names and headers tell.'));
  else lines.push(green('Nothing is missing, nothing is damaged.'));
  return `${lines.join('\n')}\n`;
}

function timelineLines(one: ArchiveTimeline, segmentSize: number, zone: TimeZone): string[] {
  const { timeline, parent, switchLsn, reason, runs, missing, expired } = one;
  const origin =
    parent === undefined || switchLsn === undefined
      ? ''
      : `, from timeline ${parent} at ${formatLsn(switchLsn)}${reason ? ` (${printable(reason)})` : ''}`;
  const lines = ['', bold(`Timeline ${timeline}`) + origin];
  if (runs.length === 0) lines.push('  no segment of its own');
  const all = [
    ...runs.map((run) => ({ at: run.startLsn, lines: runLines(run, zone) })),
    ...missing.map((gap) => ({ at: gap.from, lines: [red(`  missing: ${gapText(gap, segmentSize)}`)] })),
    ...expired.map((gap) => ({ at: gap.from, lines: expiredLines(gap, segmentSize) })),
  ];
  all.sort((a, b) => (a.at < b.at ? -1 : 1));
  return [...lines, ...all.flatMap((part) => part.lines)];
}

function runLines({ firstName, lastName, count: segments, ...run }: SegmentRun, zone: TimeZone): string[] {
  const names = segments === 1 ? firstName : `${firstName} to ${lastName}`;
  const lines = [
    `  ${names}: ${count(segments, 'segment')}, ${formatLsn(run.startLsn)} to ${formatLsn(run.endLsn)}`,
  ];
  const { content } = run;
  if (content === undefined) return lines;
  const { records, commits, firstCommit, lastCommit, lastRecordEnd, isFull } = content;
  const times =
    firstCommit === undefined || lastCommit === undefined
      ? ''
      : `, ${formatTimestampTz(firstCommit, zone)} to ${formatTimestampTz(lastCommit, zone)}`;
  lines.push(`    ${count(records, 'record')}, ${count(commits, 'commit')}${times}`);
  if (!isFull && lastRecordEnd !== undefined) {
    lines.push(`    the WAL ends at ${formatLsn(lastRecordEnd)}, within ${lastName}`);
  }
  return lines;
}

function expiredLines(gap: MissingSegments, segmentSize: number): string[] {
  return [
    `  expired: ${gapText(gap, segmentSize)}`,
    '    retention kept what makes a base backup before it consistent, if there is one: that can be recovered to its own end only',
  ];
}

function gapText(gap: MissingSegments, segmentSize: number): string {
  const names = namesOfMissing(gap, segmentSize);
  return names?.join(' ') ?? `${gap.firstName} to ${gap.lastName}, ${gap.count} segments`;
}

function backupLines({ backups, unplaced, verify }: ArchiveExamined, zone: TimeZone): string[] {
  if (backups.length + unplaced.length === 0) return [];
  return [
    '',
    bold('Base backups'),
    ...backups.flatMap((backup) => [
      ...oneBackupLines(backup, zone),
      ...(verify && backup.isHere ? verifiedLines(backup) : []),
    ]),
    ...unplaced.flatMap((stored) => [
      ...storedLines(stored, zone),
      ...problemLines(stored),
      ...(verify ? verifiedLines(stored) : []),
    ]),
  ];
}

function oneBackupLines(backup: BackupReport, zone: TimeZone): string[] {
  const { startLsn, endLsn, timeline, label, files, stored } = backup;
  const end = endLsn === undefined ? '' : ` to ${formatLsn(endLsn)}`;
  const name = label === undefined ? '' : `, "${printable(label)}"`;
  return [
    ...(stored === undefined ? [] : storedLines(stored, zone)),
    `  ${stored === undefined ? '' : '  '}${formatLsn(startLsn)}${end}, timeline ${timeline}${name}`,
    ...(stored?.problem === undefined ? [`    ${needText(backup)}`] : problemLines(stored)),
    ...files.map((file) => `    ${printable(file)}`),
  ];
}

/** What its tool tells of a backup. */
function storedLines(stored: StoredBackupFacts, zone: TimeZone): string[] {
  const { tool, name, type, parent, repository, startTime, stopTime, size, storedSize } = stored;
  const builds = parent === undefined ? '' : `, builds on ${printable(parent)}`;
  const times = [startTime, stopTime].flatMap((time) =>
    time === undefined ? [] : [formatTimestampTz(time, zone)],
  );
  const facts = [
    times.join(' to '),
    size === undefined ? '' : sizeText(size),
    storedSize === undefined ? '' : `${sizeText(storedSize)} in the repository`,
  ].filter((fact) => fact !== '');
  return [
    `  ${bold(printable(name))}, ${type} backup by ${TOOL_NAMES[tool]}${builds}, of ${printable(repository)}`,
    ...(facts.length === 0 ? [] : [`    ${facts.join(', ')}`]),
  ];
}

const problemLines = ({ problem }: StoredBackupFacts): string[] =>
  problem === undefined ? [] : [`    ${red('cannot be restored')}: ${printable(problem.message)}`];

function verifiedLines({ verified }: Pick<BackupReport, 'verified'>): string[] {
  if (verified === undefined) return [`    ${yellow('not verified')}`];
  const { checksums, files, bytes, pages, problems } = verified;
  const state = problems.length === 0 ? green('sound') : red(count(problems.length, 'problem'));
  const pageText = pages === undefined ? '' : `, and those of ${count(pages, 'page')} were looked at`;
  const how =
    checksums === undefined
      ? `all that was read; nothing has checksums of its files${pageText}`
      : `by its ${checksums}`;
  return [`    verified: ${count(files, 'file')}, ${sizeText(bytes)}, ${how}: ${state}`];
}

const sizeText = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

function needText({ state, firstSegment, lastSegment }: BackupReport): string {
  const needs =
    lastSegment === undefined
      ? `needs ${firstSegment} and what follows`
      : `needs ${firstSegment}${lastSegment === firstSegment ? '' : ` to ${lastSegment}`}`;
  switch (state) {
    case 'complete':
      return `${needs}: ${green('all there')}`;
    case 'missing':
      return `${needs}: ${red('not all there')}`;
    case 'expired':
      return `${needs}: older than the WAL here`;
    case 'end-unknown':
      return `${needs}: ${yellow('where the backup ends, nothing here tells')}`;
    case 'unusable':
      return needs;
  }
}

/** More files than these are only counted. */
const FEW_FILES = 10;

function fileLines({ duplicates, partial, notArchived, unused }: ArchiveExamined): string[] {
  return [
    ...listing(
      'In several files',
      duplicates.map(({ segment, files }) => `${segment}: ${files.join(', ')}`),
    ),
    ...listing(
      'Partial',
      partial.map(({ file, whole }) => (whole ? `${file}, the whole one is there` : `${file} alone`)),
    ),
    ...listing('Not archived yet', notArchived),
    ...listing(
      'Kept for later use, without WAL',
      unused.map(({ file, reason }) => `${file} (${reason})`),
    ),
  ];
}

function listing(title: string, items: readonly string[]): string[] {
  if (items.length === 0) return [];
  const more = items.length - FEW_FILES;
  const shown = items.slice(0, FEW_FILES).map((item) => `  ${printable(item)}`);
  return ['', bold(title), ...shown, ...(more > 0 ? [`  and ${more} more`] : [])];
}

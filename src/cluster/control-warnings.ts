import { isValidSegmentSize } from '../wal/segment-name.js';
import { type ControlFile, formatNumberOf, layoutVersion } from './control-file.js';

/** What `pg_controldata` says before the lines of a file that it does not trust, by where it says it. */
export interface ControlWarnings {
  output: string;
  errors: string;
}

/** A message and what follows it, each in its own lines. */
type Warning = readonly [message: string, ...details: string[]];

/**
 * The warnings of `pg_controldata` of the file's version, in the C locale: on standard output until 16, on standard
 * error since 17 (src/bin/pg_controldata/pg_controldata.c of each major version). Its exit code is 0 all the same.
 */
export function controlWarnings(control: ControlFile): ControlWarnings {
  const version = layoutVersion(control);
  if (version < 17) return { output: paragraphs(warningsUntil16(control, version)), errors: '' };
  return { output: '', errors: logLines(warningsSince17(control, version)) };
}

function warningsUntil16({ crcValid, walSegmentSize }: ControlFile, version: number): Warning[] {
  const warnings: Warning[] = [];
  if (!crcValid) {
    warnings.push([
      'Calculated CRC checksum does not match value stored in file.',
      'Either the file is corrupt, or it has a different layout than this program',
      'is expecting.  The results below are untrustworthy.',
    ]);
  }
  if (version >= 11 && !isValidSegmentSize(walSegmentSize)) {
    warnings.push([
      'invalid WAL segment size',
      `The WAL segment size stored in the file, ${bytesText(walSegmentSize)}, is not a power of two`,
      'between 1 MB and 1 GB.  The file is corrupt and the results below are',
      'untrustworthy.',
    ]);
  }
  return warnings;
}

function warningsSince17(control: ControlFile, version: number): Warning[] {
  const warnings: Warning[] = [];
  const expected = formatNumberOf(version);
  if (version >= 19 && control.controlVersion !== expected) {
    warnings.push([
      `control file version (${control.controlVersion}) does not match the version understood by this program (${expected})`,
      'Either the control file has been created with a different version of PostgreSQL, or it is corrupt.  The results below are untrustworthy.',
    ]);
  } else if (!control.crcValid) {
    warnings.push([
      'calculated CRC checksum does not match value stored in control file',
      'Either the control file is corrupt, or it has a different layout than this program is expecting.  The results below are untrustworthy.',
    ]);
  }
  if (!isValidSegmentSize(control.walSegmentSize)) {
    warnings.push([
      `invalid WAL segment size in control file (${bytesText(control.walSegmentSize)})`,
      'The WAL segment size must be a power of two between 1 MB and 1 GB.',
      'The file is corrupt and the results below are untrustworthy.',
    ]);
  }
  return warnings;
}

/** The size is printed as a signed number. */
function bytesText(size: number): string {
  const signed = size | 0;
  return signed === 1 ? '1 byte' : `${signed} bytes`;
}

const paragraphs = (warnings: readonly Warning[]): string =>
  warnings.map((lines) => `WARNING: ${lines.join('\n')}\n\n`).join('');

const logLines = (warnings: readonly Warning[]): string =>
  warnings
    .flatMap(([message, ...details]) => [
      `pg_controldata: warning: ${message}\n`,
      ...details.map((detail) => `pg_controldata: detail: ${detail}\n`),
    ])
    .join('');

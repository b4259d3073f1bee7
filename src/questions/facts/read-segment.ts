import type { PlacedSegment } from '../../cluster/placed-segment.js';
import type { WalFormat } from '../../reader/segment.js';
import { isSameFormat } from '../../sources/bounds.js';
import { ERROR_KINDS, type ErrorCode, WalError } from '../../wal/error.js';
import { parseLsn } from '../../wal/lsn.js';
import { Message, message } from '../../wal/message.js';
import { isValidBlockSize } from '../../wal/page-header.js';
import { isValidSegmentSize, parseSegmentFileName, segmentStart } from '../../wal/segment-name.js';
import { NEWEST_VERSION, OLDEST_VERSION } from '../../wal/version.js';
import type { ColumnName } from './parquet.js';
import { contradiction, type SegmentTables } from './segment-tables.js';
import { parseState, type SegmentState } from './state.js';
import { parseSeals, type TableSeals } from './table-seals.js';
import { FACT_TABLES, type FactRow } from './tables.js';

type SegmentColumn = ColumnName<'segments'>;

const ALL: readonly SegmentColumn[] = FACT_TABLES.segments.map(({ name }) => name);

/** What says which segment it is. */
const PLACE = [
  ...(['name', 'system_identifier', 'postgres', 'timeline', 'start_lsn', 'end_lsn'] as const),
  ...(['segment_size', 'block_size', 'partial', 'reset', 'begins_timeline'] as const),
];

/** Of a segment's row what says which segment it is. */
export type SegmentRowPlace = Pick<FactRow<'segments'>, (typeof PLACE)[number]>;

/**
 * Which segment facts are of.
 * @throws WalError `bad-facts`, `facts-version`, `unreadable`
 */
export async function readPlace(tables: SegmentTables): Promise<SegmentRowPlace> {
  const row = await readOnly(tables, PLACE);
  if (!isSound(row)) throw tables.contradiction('segments', message`no segment is what it says`);
  return row;
}

/** Where a segment is, and how it is laid out. */
export type SegmentPlace = Pick<PlacedSegment, 'timeline' | 'start'> & { format: WalFormat };

/** What facts say of a segment in its row. */
export interface SegmentContent {
  row: FactRow<'segments'>;
  /** The other tables. */
  tables: TableSeals;
  state: SegmentState;
  /** Why its file was not whole when the facts were made. */
  problem: WalError | undefined;
}

/**
 * What facts say of a segment, of which it is known where it is.
 * @throws WalError `bad-facts`, also where they are those of another segment; `facts-version`, `unreadable`
 */
export async function readContent(
  tables: SegmentTables,
  { timeline, start, format }: SegmentPlace,
): Promise<SegmentContent> {
  const row = await readOnly(tables, ALL);
  const isOfPlace = row.timeline === timeline && row.start_lsn === start;
  if (!isOfPlace || !isSameFormat(formatOf(row), format)) {
    throw tables.contradiction(
      'segments',
      message`it is not of ${row.name}, or was replaced while it was read`,
    );
  }
  return contentOf(row, tables.fileOf('segments'));
}

/**
 * What the row of a segment says, which is one that there may be.
 * @param file as messages name it
 * @throws WalError `bad-facts` where it contradicts itself
 */
export function contentOf(row: FactRow<'segments'>, file: string): SegmentContent {
  if (!isSound(row)) throw contradiction(file, message`no segment is what it says`);
  const state = parseState(row.state, file);
  const { span } = state;
  const isOfRow = span.start === row.start_lsn && span.end === row.end_lsn;
  if (!isOfRow || span.segments !== 1 || span.gaps.length > 0) {
    throw contradiction(file, message`its state is that of other WAL`);
  }
  const problem = row.problem === undefined ? undefined : parseProblem(row.problem, file);
  return { row, tables: parseSeals(row.tables, file), state, problem };
}

export function formatOf(row: SegmentRowPlace): WalFormat {
  return {
    ...{ version: row.postgres, systemIdentifier: row.system_identifier },
    ...{ segmentSize: row.segment_size, blockSize: row.block_size },
  };
}

async function readOnly<N extends SegmentColumn>(
  tables: SegmentTables,
  names: readonly N[],
): Promise<Pick<FactRow<'segments'>, N>> {
  const { rows, columns } = await tables.columns('segments', names, 1);
  if (rows !== 1) throw tables.contradiction('segments', message`it has ${rows} rows instead of one`);
  const values = names.map((name) => [name, columns[name][0] ?? undefined]);
  return Object.fromEntries(values) as Pick<FactRow<'segments'>, N>;
}

function isSound({ name, postgres, timeline, ...row }: SegmentRowPlace): boolean {
  const { start_lsn: start, end_lsn: end, segment_size: size, block_size: blockSize } = row;
  if (postgres < OLDEST_VERSION || postgres > NEWEST_VERSION) return false;
  if (!isValidSegmentSize(size) || !isValidBlockSize(blockSize)) return false;
  const place = parseSegmentFileName(name, size);
  if (place?.timeline !== timeline) return false;
  return segmentStart(place.segmentNumber, size) === start && start + BigInt(size) === end;
}

/** A problem as JSON has it, in every command. */
function parseProblem(text: string, file: string): WalError {
  try {
    const { code, message, file, lsn } = JSON.parse(text) as Record<string, unknown>;
    if (typeof code === 'string' && Object.hasOwn(ERROR_KINDS, code) && typeof message === 'string') {
      return new WalError(code as ErrorCode, new Message(message, []), {
        ...(typeof file === 'string' ? { file } : {}),
        ...(typeof lsn === 'string' ? { lsn: parseLsn(lsn) } : {}),
      });
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw contradiction(file, message`the problem that it tells of the file is none`);
}

import type { TimelineStart } from '../../follow/timeline-start.js';
import { isFolder, type SourceFolder } from '../../sources/byte-source.js';
import { findBelow, listFolder } from '../../sources/folders.js';
import type { Running } from '../../sources/glimpse.js';
import type { FactsSegment, FactsStock } from '../../sources/identified-segment.js';
import { type Input, openInput } from '../../sources/input.js';
import type { Reading } from '../../sources/reading.js';
import { NoWal, type RollUp, type SegmentFacts } from '../../sources/segment-facts.js';
import { problemOf } from '../../sources/stored-bytes.js';
import { WalError } from '../../wal/error.js';
import type { Lsn } from '../../wal/lsn.js';
import { message } from '../../wal/message.js';
import type { TimestampTz } from '../../wal/timestamp.js';
import { FactsAt } from './facts-at.js';
import { type FactsPlace, factsPlaceOf, smallFilesFolder } from './layout.js';
import { formatOf, readPlace, type SegmentPlace } from './read-segment.js';
import { type RolledUpSegment, rolledUpSegments } from './roll-up/stock.js';
import { SegmentTables } from './segment-tables.js';

/** Segments whose rows are read at the same time. */
const CONCURRENCY = 8;

/**
 * Takes stock of facts. Of each segment nothing is read but its row, where no roll-up tells that.
 * @throws WalError `unreadable` where the folder cannot be listed, `no-wal` where there are none; `source-failed`
 */
export async function takeFacts(input: Input, reading: Reading): Promise<FactsStock> {
  const root = await openInput(input, reading);
  if (!isFolder(root)) throw noFacts(root.name);
  const stock = { segments: [] as FactsSegment[], files: [] as SourceFolder[], problems: [] as WalError[] };
  const systems = new Set<bigint>();
  let some: FoundFacts[] = [];
  const take = async (): Promise<void> => {
    for (const one of await Promise.all(some.map((found) => segmentOf(found, reading)))) {
      if (one instanceof WalError) stock.problems.push(one);
      else stock.segments.push(one);
    }
    some = [];
  };
  for await (const found of foldersOf(root, reading, stock.problems)) {
    systems.add(found.place.systemIdentifier);
    if (some.push(found) === CONCURRENCY) await take();
  }
  await take();
  if (stock.segments.length + stock.problems.length === 0) throw noFacts(root.name);
  for (const system of systems) {
    const folder = await findBelow(root, smallFilesFolder(system), reading);
    if (folder !== undefined && isFolder(folder)) stock.files.push(folder);
  }
  return stock;
}

function noFacts(file: string): WalError {
  return new WalError(
    'no-wal',
    message`there are no facts of WAL in ${file}: "walscan facts -o" makes them`,
    {
      file,
    },
  );
}

interface FoundFacts {
  place: FactsPlace;
  folder: SourceFolder;
  rolledUp: RolledUpSegment | undefined;
}

/** The folders of segments' facts, without those of what runs over from one segment into the next. */
async function* foldersOf(
  root: SourceFolder,
  reading: Reading,
  problems: WalError[],
): AsyncGenerator<FoundFacts> {
  const below = async (folder: SourceFolder): Promise<{ name: string; folder: SourceFolder }[]> => {
    try {
      return (await listFolder(folder, reading)).flatMap((entry) => (entry.kind === 'folder' ? [entry] : []));
    } catch (error) {
      problems.push(problemOf(error));
      return [];
    }
  };
  const systems = (await listFolder(root, reading)).flatMap((entry) =>
    entry.kind === 'folder' ? [entry] : [],
  );
  for (const system of systems.filter(({ name }) => name.startsWith('system='))) {
    for (const timeline of await below(system.folder)) {
      if (!timeline.name.startsWith('timeline=')) continue;
      const found: Omit<FoundFacts, 'rolledUp'>[] = [];
      for (const { name, folder } of await below(timeline.folder)) {
        const place = factsPlaceOf(`${system.name}/${timeline.name}/${name}`);
        if (place !== undefined && place.joint !== true) found.push({ place, folder });
      }
      if (found.length === 0) continue;
      const folders = new Map(found.map(({ place, folder }) => [place.name, folder]));
      const rolledUp = await rolledUpSegments(system.folder, found[0].place, folders, reading);
      for (const one of found) yield { ...one, rolledUp: rolledUp.get(one.place.name) };
    }
  }
}

/** @returns why it is of no use, where it is not */
async function segmentOf(found: FoundFacts, reading: Reading): Promise<FactsSegment | WalError> {
  const { place, folder, rolledUp } = found;
  if (rolledUp !== undefined) return segmentOfRollUp(place, folder, rolledUp, reading);
  const tables = new SegmentTables(folder, reading);
  try {
    const row = await readPlace(tables);
    const { name, timeline, start_lsn: start, partial, reset, begins_timeline: beginsTimeline } = row;
    const format = formatOf(row);
    const isOfPlace =
      name === place.name &&
      timeline === place.timeline &&
      format.systemIdentifier === place.systemIdentifier;
    if (!isOfPlace)
      return tables.contradiction('segments', message`its folder is that of another segment than ${name}`);
    const header = { ...format, info: 0, timeline, pageAddress: start, remainingLength: 0 };
    return {
      ...{ name, timeline, start, partial, reset, beginsTimeline, header },
      source: new NoWal(folder.name, name, start),
      facts: new FolderFacts(folder, { timeline, start, format }, reading),
    };
  } catch (error) {
    return problemOf(error);
  }
}

/** A segment that is rolled up is as its neighbours are. */
function segmentOfRollUp(
  { name, timeline }: FactsPlace,
  folder: SourceFolder,
  { start, format, rollUp }: RolledUpSegment,
  reading: Reading,
): FactsSegment {
  return {
    ...{ name, timeline, start, partial: false, reset: false, beginsTimeline: false },
    header: { ...format, info: 0, timeline, pageAddress: start, remainingLength: 0 },
    source: new NoWal(folder.name, name, start),
    facts: new FolderFacts(folder, { timeline, start, format }, reading, rollUp),
  };
}

/** A class, since there may be hundreds of thousands. */
class FolderFacts implements SegmentFacts {
  constructor(
    readonly folder: SourceFolder,
    private readonly place: SegmentPlace,
    private readonly reading: Reading,
    readonly rollUp?: RollUp,
  ) {}

  async firstEnd(before: Lsn): Promise<TimestampTz | undefined> {
    const facts = await this.open();
    const { rows, columns } = await facts.columns('transactions', ['lsn', 'outcome', 'time']);
    for (let row = 0; row < rows && (columns.lsn[row] as Lsn) < before; row++) {
      const outcome = columns.outcome[row];
      if (outcome === 'commit' || outcome === 'abort') return columns.time[row] as TimestampTz;
    }
    return undefined;
  }

  async firstRunning(before: Lsn): Promise<Running | undefined> {
    const facts = await this.open();
    const found = (await facts.rows('checkpoints')).find(({ kind }) => kind === 'running');
    if (found === undefined || found.lsn >= before) return undefined;
    return { oldestXid: found.oldest_xid, nextXid: found.next_xid };
  }

  async timelineStart(): Promise<TimelineStart | undefined> {
    const { content } = await this.open();
    const { timelineStarts } = content.state.archive;
    return timelineStarts.find(({ timeline }) => timeline === this.place.timeline);
  }

  private open(): Promise<FactsAt> {
    return FactsAt.open(this.folder, this.place, this.reading);
  }
}

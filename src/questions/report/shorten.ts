import type { ArchiveJson } from '../archive/json.js';
import type { IncidentsJson } from '../incidents/json.js';
import type { IncidentsResult } from '../incidents/run.js';

/** That of a list not all is there. */
export interface LeftOutJson {
  /** Such as `archive.problems`. */
  list: string;
  /** So many more there are. */
  count: number;
}

/** So many of each list are in a report: what nobody looks through makes it too large to be sent. */
const MOST = 250;
/** Incidents are what it is for. */
const MOST_INCIDENTS = 500;

/** Cuts lists, and keeps how much they have lost. */
export class Shortened {
  readonly leftOut: LeftOutJson[] = [];

  /** The beginning of a list. */
  cut<T>(list: string, all: readonly T[], most = MOST): T[] {
    this.add(list, all.length - most);
    return all.slice(0, most);
  }

  /** The end of one whose newest come last. */
  cutOld<T>(list: string, all: readonly T[], most = MOST): T[] {
    this.add(list, all.length - most);
    return all.slice(-most);
  }

  private add(list: string, count: number): void {
    if (count <= 0) return;
    const known = this.leftOut.find((one) => one.list === list);
    if (known === undefined) this.leftOut.push({ list, count });
    else known.count += count;
  }
}

/** The newest incidents: the others are older ones that were left out. */
export function withNewest(result: IncidentsResult): IncidentsResult {
  const { incidents, older } = result;
  const newest = incidents.slice(0, MOST_INCIDENTS);
  return { ...result, incidents: newest, older: older + incidents.length - newest.length };
}

export function shortIncidents(incidents: IncidentsJson, short: Shortened): IncidentsJson {
  return { ...incidents, problems: short.cut('incidents.problems', incidents.problems) };
}

/** The newest timelines and backups, and of all other lists the beginning. */
export function shortArchive(archive: ArchiveJson, short: Shortened): ArchiveJson {
  const kept = short.cutOld('archive.wal', archive.wal);
  const most = Math.ceil(MOST / Math.max(1, kept.length));
  return {
    ...archive,
    wal: kept.map((one) => ({
      ...one,
      runs: short.cut('archive.wal.runs', one.runs, most),
      missing: short.cut('archive.wal.missing', one.missing, most),
      expired: short.cut('archive.wal.expired', one.expired, most),
    })),
    backups: short.cutOld('archive.backups', archive.backups).map((backup) => ({
      ...backup,
      files: short.cut('archive.backups.files', backup.files, 10),
      missing: short.cut('archive.backups.missing', backup.missing, 10),
    })),
    foreign: short.cut('archive.foreign', archive.foreign),
    duplicates: short.cut('archive.duplicates', archive.duplicates).map(({ segment, files }) => {
      return { segment, files: short.cut('archive.duplicates.files', files, 10) };
    }),
    partial: short.cut('archive.partial', archive.partial),
    notArchived: short.cut('archive.notArchived', archive.notArchived),
    unused: short.cut('archive.unused', archive.unused),
    problems: short.cut('archive.problems', archive.problems),
  };
}

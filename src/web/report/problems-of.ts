import type { Problem, ReportJson } from '../../index.js';

/** The problems of all three parts, each once. */
export function problemsOf({ archive, incidents, wal }: ReportJson): Problem[] {
  const all = [...archive.problems, ...incidents.problems, ...wal.problems];
  return [
    ...new Map(all.map((one) => [JSON.stringify([one.code, one.message, one.lsn, one.file]), one])).values(),
  ];
}

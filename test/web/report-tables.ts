import type { ReportJson } from '../../src/index.js';

type Volume = { records: number; recordBytes: number; imageBytes: number };

const number = (value: number): string => value.toLocaleString('en-US');
const numbers = (...values: number[]): string[] => values.map(number);

/** `2026-11-22T10:13:39.123456Z` as an American reads it. */
function time(iso: string | null): string {
  if (iso === null) return '';
  const [, year, month, day, clock] = /^(\d+)-(\d\d)-(\d\d)T(\d\d:\d\d:\d\d)/.exec(iso)!;
  return `${month}/${day}/${year}, ${clock} UTC`;
}

const volume = ({ records, recordBytes, imageBytes }: Volume): string[] =>
  numbers(records, recordBytes, imageBytes);
const bytes = ({ recordBytes, imageBytes }: Volume): number => recordBytes + imageBytes;

/** Rows with their volume and their share of it all. */
function shared(rows: readonly [string[], Volume][]): string[][] {
  const total = rows.reduce((sum, [, one]) => sum + bytes(one), 0);
  const share = (one: Volume): string =>
    (bytes(one) / total).toLocaleString('en-US', { style: 'percent', maximumFractionDigits: 1 });
  return rows.map(([cells, one]) => [...cells, ...volume(one), share(one)]);
}

/** A row for what has no row of its own, if it is anything. */
const rest = (cells: string[], one: Volume): [string[], Volume][] => (one.records > 0 ? [[cells, one]] : []);

/** `1,403 rows deleted, 1 row updated` */
export function rowsIn({ deleted, updated }: { deleted: number; updated: number }): string {
  const parts = [
    [deleted, 'deleted'],
    [updated, 'updated'],
  ] as const;
  return parts
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${number(count)} ${count === 1 ? 'row' : 'rows'} ${what}`)
    .join(', ');
}

/** `Timeline 1: 0/05000000, 11/22/2026, 10:13:39 UTC (to the end)` */
const reachText = ({ timelines }: ReportJson['wal']['reach'][number]): string =>
  timelines
    .map(
      ({ timeline, lsn, time: at, complete }) =>
        `Timeline ${timeline}: ${at === null ? lsn : `${lsn}, ${time(at)}`} (${complete ? 'to the end' : 'up to a gap'})`,
    )
    .join('; ');

/** What a report's tables have to say in American English, by their headings. */
export function tablesIn({ archive, wal }: ReportJson): Record<string, string[][]> {
  const { relations, transactions, overTime } = wal;
  const stretch =
    (what: string) => (one: { timeline: number; first: string; last: string; count: number }) => [
      number(one.timeline),
      what,
      number(one.count),
      one.first,
      one.last,
      '',
      '',
      '',
      '',
      '',
      '',
    ];
  const forks = archive.wal.filter(({ parent }) => parent !== null);
  const events = [
    ...wal.restorePoints.map((one) => [
      time(one.time),
      `Restore points: ${one.name}`,
      one.lsn,
      number(one.timeline),
    ]),
    ...wal.clockSteps.map((one) => [
      time(one.to),
      `Clock went back: from ${time(one.from)} to ${time(one.to)}`,
      one.lsn,
      number(one.timeline),
    ]),
  ];
  return {
    'By resource manager': wal.rmgrs.map((one) => [one.rmgr, ...volume(one)]),
    ...(overTime !== null && { 'By time': stepRows(overTime) }),
    ...(events.length > 0 && { 'Restore points and steps of the clock': events }),
    Segments: [
      ...archive.wal.flatMap(({ timeline, runs, missing, expired }) => [
        ...runs.map((run) => [
          number(timeline),
          'present',
          number(run.count),
          ...[run.first, run.last, run.startLsn, run.endLsn],
          ...[run.records, run.commits].map((one) => (one === null ? '' : number(one))),
          ...[time(run.firstCommitTime), time(run.lastCommitTime)],
        ]),
        ...missing.map(stretch('missing')),
        ...expired.map(stretch('expired')),
      ]),
      ...archive.foreign.map(stretch('of another timeline')),
    ],
    ...(forks.length > 0 && {
      Forks: forks.map((one) => [
        ...numbers(one.timeline, one.parent ?? 0),
        one.switchLsn ?? '',
        one.reason ?? '',
      ]),
    }),
    'Base backups': [
      ...archive.backups.map((one) => [
        one.name ?? one.label ?? '',
        one.state,
        one.timeline === null ? '' : number(one.timeline),
        one.startLsn ?? '',
        one.endLsn ?? '',
        time(one.stopTime),
        reachText(wal.reach.find(({ backup }) => backup === (one.name ?? one.label))!),
      ]),
      ...wal.reach
        .filter(({ startLsn }) => archive.backups.every((one) => one.startLsn !== startLsn))
        .map((one) => {
          const { backup, timeline, startLsn } = one;
          return [backup, 'given to the report', number(timeline), startLsn, '', '', reachText(one)];
        }),
    ],
    'By relation': shared([
      ...relations.largest.map(({ relation, name, owner, ...one }): [string[], Volume] => {
        const [own, of] = [name, owner].map(
          (known) => known && [known.database, known.schema, known.name].filter(Boolean).join('.'),
        );
        return [[of === null ? (own ?? relation) : `${own} (of ${of})`, relation], one];
      }),
      ...rest([`Other relations: ${relations.others.relations}`, ''], relations.others),
      ...rest(['Records without blocks', ''], relations.none),
    ]),
    'By transaction': shared([
      ...transactions.largest.map(({ xid, timeline, state, lsn, time: at, ...one }): [string[], Volume] => [
        [String(xid), number(timeline), state === 'open' ? 'not ended' : state, lsn ?? '', time(at)],
        one,
      ]),
      ...rest(
        [`Other transactions: ${transactions.others.transactions}`, '', '', '', ''],
        transactions.others,
      ),
      ...rest(['Records of no transaction', '', '', '', ''], transactions.none),
    ]),
    'By kind of record': shared(
      wal.rmgrs
        .flatMap(({ rmgr, kinds }) =>
          kinds.map(({ kind, ...one }): [string[], Volume] => [[`${rmgr} ${kind}`], one]),
        )
        .sort(([, a], [, b]) => bytes(b) - bytes(a)),
    ),
    Checkpoints: wal.checkpoints.map((one) => [
      time(one.time),
      one.kind.replaceAll('-', ' '),
      number(one.timeline),
      one.lsn,
      one.redoLsn,
      ...volume(one.after),
    ]),
  };
}

function stepRows(overTime: NonNullable<ReportJson['wal']['overTime']>): string[][] {
  const { start, stepSeconds, records, commits, aborts, checkpoints, imageBytes } = overTime;
  return records.flatMap((count, i) => {
    if (count === 0) return [];
    const from = new Date(Date.parse(start) + i * stepSeconds * 1000).toISOString();
    const values = [count, commits[i], aborts[i], checkpoints[i], imageBytes[i]];
    return [[time(from), ...numbers(...values, ...overTime.bytes.map(({ values }) => values[i]))]];
  });
}

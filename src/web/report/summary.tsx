import type { ComponentChildren } from 'preact';
import type { IncidentJson, ReportJson } from '../../index.js';
import { printable } from '../../text/printable.js';
import { formatLsn } from '../../wal/lsn.js';
import { segmentFileNameOf } from '../../wal/segment-name.js';
import { useSettings } from '../settings.js';
import { backupsOf } from './backups.js';
import { Command, IncidentRows } from './incidents.js';
import { kindOf, subjectOf } from './names.js';
import { problemsOf } from './problems-of.js';
import { allMissing } from './segments.js';

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** What to know at once: when the last incident was, whether the archive has holes, what else is wrong. */
export function Summary(props: {
  report: ReportJson;
  isPart: boolean;
  onShow: (incident: IncidentJson) => void;
}) {
  const { report, isPart, onShow } = props;
  const { t } = useSettings();
  return (
    <section aria-labelledby="summary">
      <h2 id="summary">{t('report.summary.heading')}</h2>
      <div class="tiles">
        <LastIncident report={report} onShow={onShow} />
        <Holes report={report} />
        <ProblemCount report={report} />
      </div>
      <Facts report={report} isPart={isPart} />
    </section>
  );
}

/** @param props.state by a mark, a word and a colour */
function Tile(props: {
  state: 'good' | 'bad' | 'warn';
  label: string;
  verdict: string;
  children?: ComponentChildren;
}) {
  return (
    <div class={`tile ${props.state}`}>
      <h3>{props.label}</h3>
      <p class="verdict">
        <span aria-hidden="true">{{ good: '✓', bad: '✕', warn: '!' }[props.state]}</span> {props.verdict}
      </p>
      {props.children}
    </div>
  );
}

function LastIncident({ report, onShow }: { report: ReportJson; onShow: (incident: IncidentJson) => void }) {
  const { t, format } = useSettings();
  const { incidents, older } = report.incidents;
  const [last] = incidents;
  const label = t('report.summary.lastIncident');
  if (last === undefined) {
    return (
      <Tile state="good" label={label} verdict={t('report.summary.noIncident')}>
        <p>{t('report.summary.noIncidentText')}</p>
      </Tile>
    );
  }
  return (
    <Tile state="bad" label={label} verdict={format.time(last.time)}>
      <p>
        <strong>{t(`report.incidents.kinds.${kindOf(last)}`)}</strong> <bdi>{subjectOf(last)}</bdi>
        <IncidentRows incident={last} before=" · " /> · {t('common.transaction')} {last.xid}
      </p>
      <dl class="commands">
        <Command name={t('report.incidents.find')} command={last.command} />
      </dl>
      <p class="tile-foot">
        <button type="button" onClick={() => onShow(last)}>
          {t('report.summary.showIncident')}
        </button>{' '}
        <a href="#incidents">
          {t('report.summary.incidentsInAll', { number: format.number(incidents.length + older) })}
        </a>
      </p>
    </Tile>
  );
}

const SHOWN_HOLES = 3;

function Holes({ report: { archive } }: { report: ReportJson }) {
  const { t, format } = useSettings();
  const missing = allMissing(archive);
  const label = t('report.summary.archive');
  if (missing.length === 0) {
    return (
      <Tile state="good" label={label} verdict={t('report.summary.complete')}>
        <p>{t('report.summary.completeText')}</p>
      </Tile>
    );
  }
  const count = sum(missing.map((one) => one.count));
  const name = (timeline: number, lsn: bigint) => segmentFileNameOf(timeline, lsn, archive.segmentSize);
  return (
    <Tile
      state="bad"
      label={label}
      verdict={t('report.summary.missing', { count, number: format.number(count) })}
    >
      <ul>
        {missing.slice(0, SHOWN_HOLES).map((one) => (
          <li key={formatLsn(one.from)}>
            <code>{name(one.timeline, one.from)}</code>
            {one.count > 1 && (
              <>
                {' … '}
                <code>{name(one.timeline, one.to - 1n)}</code> ({format.number(one.count)})
              </>
            )}
          </li>
        ))}
        {missing.length > SHOWN_HOLES && <li>…</li>}
      </ul>
      <p class="tile-foot">
        <a href="#timelines">{t('report.timelines.heading')}</a>
      </p>
    </Tile>
  );
}

function ProblemCount({ report }: { report: ReportJson }) {
  const { t, format } = useSettings();
  const problems = problemsOf(report);
  const count = problems.length;
  const label = t('report.summary.problems');
  if (count === 0) return <Tile state="good" label={label} verdict={t('report.summary.noProblems')} />;
  return (
    <Tile
      state="warn"
      label={label}
      verdict={t('report.summary.problems', { count, number: format.number(count) })}
    >
      <p class="message">
        <bdi lang="en">{printable(problems[0].message)}</bdi>
      </p>
      <p class="tile-foot">
        <a href="#problems">{t('report.summary.seeProblems')}</a>
      </p>
    </Tile>
  );
}

type Fact = [name: string, value: ComponentChildren, exact?: string];

function Facts({ report, isPart }: { report: ReportJson; isPart: boolean }) {
  const { archive, wal } = report;
  const { t, format } = useSettings();
  const times = archive.wal
    .flatMap(({ runs }) => runs.flatMap((run) => [run.firstCommitTime, run.lastCommitTime]))
    .filter((time) => time !== null)
    .sort();
  const recordBytes = sum(wal.rmgrs.map((one) => one.recordBytes));
  const imageBytes = sum(wal.rmgrs.map((one) => one.imageBytes));
  const { since, until } = wal;
  const bounds = {
    since: since === null ? '' : format.time(since),
    until: until === null ? '' : format.time(until),
  };
  const cluster: Fact[] = [
    [t('report.summary.cluster', { version: '' }).trim(), String(wal.postgres)],
    [t('report.summary.systemIdentifier'), <code>{wal.systemIdentifier}</code>],
    [t('common.timelines'), wal.timelines.join(', ')],
    [
      t('report.summary.range'),
      <code>
        {wal.startLsn ?? '–'} … {wal.endLsn ?? '–'}
      </code>,
    ],
  ];
  const facts: Fact[] = isPart ? [] : cluster;
  if (times.length > 0) {
    const [first, last] = [times[0], times.at(-1)!];
    facts.push([
      t('report.summary.span'),
      `${format.time(first)} – ${format.time(last)}`,
      `${first} – ${last}`,
    ]);
  }
  if (since !== null || until !== null) {
    const key = since === null ? 'boundsUntil' : until === null ? 'boundsSince' : 'boundsBoth';
    facts.push([t('report.summary.bounds'), t(`report.summary.${key}`, bounds)]);
  }
  for (const [key, end] of Object.entries(wal.nearest ?? {})) {
    const name = t(key === 'before' ? 'report.summary.nearestBefore' : 'report.summary.nearestAfter');
    facts.push(end ? [name, `${format.time(end.time)} (${end.lsn})`, end.time] : [name, '–']);
  }
  facts.push(
    [t('report.summary.segments'), format.number(wal.segments)],
    [
      t('report.summary.volume'),
      `${format.number(sum(wal.rmgrs.map((one) => one.records)))} · ${format.bytes(recordBytes + imageBytes)}`,
      `${format.number(recordBytes + imageBytes)} B`,
    ],
    [
      t('report.summary.images'),
      t('report.summary.imagesShare', {
        size: format.bytes(imageBytes),
        share: format.percent(wal.images.share),
      }),
      `${format.number(imageBytes)} B`,
    ],
  );
  if (wal.overTime !== null) {
    const { commits, aborts } = wal.overTime;
    facts.push([
      t('report.summary.commits'),
      `${format.number(sum(commits))}, ${format.number(sum(aborts))}`,
    ]);
  }
  facts.push([t('report.summary.backups'), format.number(backupsOf(report).length)]);
  return (
    <dl class="facts">
      {facts.map(([name, value, exact]) => (
        <div key={name} title={exact}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

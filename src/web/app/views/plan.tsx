import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { PlanJson } from '../../../index.js';
import { printable } from '../../../text/printable.js';
import type { PlanQuery } from '../../engine/api.js';
import { useSettings } from '../../settings.js';
import { Code } from '../parts/copy.js';
import { counted } from '../parts/counted.js';
import { Field, LSN_PATTERN, RELATION_PATTERN, valuesOf } from '../parts/field.js';
import { Outcome } from '../parts/outcome.js';
import { Problems } from '../parts/problems.js';
import { TableForm } from '../parts/table-picker.js';
import { SettingsCode, TextAnswer } from '../parts/text-answer.js';
import { exactTime, TIME_PATTERN } from '../parts/times.js';
import { go, type Params, useRoute } from '../route.js';
import { useAnswer, useSession } from '../session.js';
import { RecordLink } from './find-commit.js';

/** Whether a moment can be reached by recovery, and how. */
export function PlanView() {
  const { t } = useSettings();
  const { opened } = useSession();
  const { params } = useRoute();
  const query = queryOf(params);
  const asked = useAnswer(query && `plan ${JSON.stringify(query)}`, (engine, onProgress) =>
    engine.plan(query!, onProgress),
  );
  return (
    <section aria-labelledby="plan-title">
      <h1 id="plan-title">{t('page.views.plan')}</h1>
      <p>{t('page.plan.intro')}</p>
      {opened.backups.length === 0 && <p class="notice">{t('page.plan.noBackup')}</p>}
      <TargetForm key={JSON.stringify(params)} params={params} />
      <Outcome
        asked={asked}
        said={({ json }) => t(json.reachable ? 'page.plan.reachable' : 'page.plan.unreachable')}
      >
        {({ json, text }) => (
          <>
            <Plan plan={json} />
            <TextAnswer text={text} isOpen />
          </>
        )}
      </Outcome>
    </section>
  );
}

const TARGETS = ['rel', 'lsn', 'time', 'xid', 'name', 'latest'] as const;
type TargetName = (typeof TARGETS)[number];

/** How to write one. */
const FIELDS = {
  rel: { hint: '16386', pattern: RELATION_PATTERN, title: 'page.forms.relation' },
  lsn: { hint: '0/03000060', pattern: LSN_PATTERN, title: 'page.forms.lsn' },
  time: { hint: '2026-11-22 10:13:48.5', pattern: TIME_PATTERN, title: 'page.forms.time' },
  xid: { hint: '742', pattern: '\\d{1,10}', title: 'page.forms.number' },
  name: { hint: 'before_migration', pattern: '.+', title: 'page.forms.name' },
} as const;

const targetOf = (params: Params): TargetName =>
  params.table === undefined ? (TARGETS.find((name) => params[name] !== undefined) ?? 'rel') : 'rel';

function TargetForm({ params }: { params: Params }) {
  const { t } = useSettings();
  const { opened } = useSession();
  const [target, setTarget] = useState(targetOf(params));
  const field = target === 'latest' ? undefined : FIELDS[target];
  return (
    <>
      <form
        class="card"
        onSubmit={(event) => {
          event.preventDefault();
          go('plan', {
            ...valuesOf(event),
            target: undefined,
            latest: target === 'latest' ? '1' : undefined,
          });
        }}
      >
        <fieldset class="choices">
          <legend>{t('page.plan.target')}</legend>
          {TARGETS.map((name) => (
            <label key={name}>
              <input
                type="radio"
                name="target"
                value={name}
                checked={name === target}
                onChange={() => setTarget(name)}
              />
              {t(`page.plan.targets.${name}`)}
            </label>
          ))}
        </fieldset>
        <div class="fields">
          {field && (
            <Field
              key={target}
              name={target}
              label={t(`page.plan.targets.${target}`)}
              value={params[target]}
              hint={field.hint}
              pattern={field.pattern}
              title={t(field.title)}
              isRequired
            />
          )}
          {['lsn', 'time', 'xid'].includes(target) && (
            <label class="check">
              <input
                type="checkbox"
                name="exclusive"
                value="1"
                defaultChecked={params.exclusive !== undefined}
              />
              {t('page.plan.exclusive')}
            </label>
          )}
        </div>
        <button type="submit" class="main">
          {t('page.plan.plan')}
        </button>
      </form>
      {target === 'rel' && opened.backups.length > 0 && (
        <TableForm
          view="plan"
          label={t('page.plan.planTable')}
          database={params.database}
          table={params.table}
        />
      )}
    </>
  );
}

/** What a link asks for; undefined where it names no target. */
function queryOf(params: Params): PlanQuery | undefined {
  const { rel, lsn, time, xid, name, latest, exclusive, database, table } = params;
  const inclusive = exclusive === undefined;
  if (database !== undefined && table !== undefined) {
    return { target: { kind: 'before-delete', table: { database, table } } };
  }
  if (rel !== undefined) return { target: { kind: 'before-delete', relation: rel } };
  if (lsn !== undefined) return { target: { kind: 'lsn', lsn, inclusive } };
  if (time !== undefined) return { target: { kind: 'time', time, inclusive } };
  if (xid !== undefined) return { target: { kind: 'xid', xid: Number(xid), inclusive } };
  if (name !== undefined) return { target: { kind: 'name', name } };
  return latest === undefined ? undefined : { target: { kind: 'latest' } };
}

function Plan({ plan }: { plan: PlanJson }) {
  const { t, format, zone } = useSettings();
  const { reachable, obstacle, stopsAt, lastKept, firstLost, timeline, backup, settings, tool } = plan;
  const commit = (point: PlanJson['lastKept']) =>
    point === null ? (
      t('common.none')
    ) : (
      <>
        {exactTime(point.time, zone)} · {t('page.transaction', { xid: point.xid })} ·{' '}
        <RecordLink lsn={point.lsn} timeline={timeline} />
      </>
    );
  return (
    <article class="card">
      <h2 class={reachable ? 'yes' : 'no'}>
        {t(reachable ? 'page.plan.reachable' : 'page.plan.unreachable')}
      </h2>
      {obstacle && (
        <div class="notice bad" lang="en">
          <p>{printable(obstacle.problem)}.</p>
          <p>{printable(obstacle.server)}.</p>
          <p>{printable(obstacle.advice)}.</p>
          {obstacle.missing.length > 0 && <p class="mono">{obstacle.missing.map(printable).join(', ')}</p>}
        </div>
      )}
      <dl class="facts">
        <Fact name={t('page.plan.backup')}>
          {printable(backup.name ?? backup.label ?? '')} <span class="mono">{backup.startLsn}</span>
        </Fact>
        <Fact name={t('common.timeline')}>{timeline}</Fact>
        {stopsAt && (
          <Fact name={t(`page.plan.stops.${stopsAt.position}`)}>
            <RecordLink lsn={stopsAt.lsn} timeline={timeline} />
            {stopsAt.time && ` · ${exactTime(stopsAt.time, zone)}`}
          </Fact>
        )}
        <Fact name={t('page.plan.lastKept')}>{commit(lastKept)}</Fact>
        <Fact name={t('page.plan.firstLost')}>{commit(firstLost)}</Fact>
        <Fact name={t('page.plan.segments')}>{format.number(plan.segments.length)}</Fact>
      </dl>
      {plan.committedAfter > 0 && (
        <p>{t('page.plan.committedAfter', counted(plan.committedAfter, format))}</p>
      )}
      {settings && (
        <>
          <h3>{t('page.plan.settings')}</h3>
          {isToFillIn(settings['restore_command'] ?? '') && <p>{t('page.plan.fillIn')}</p>}
          <SettingsCode settings={settings} label={t('page.plan.settings')} />
        </>
      )}
      {tool && (
        <>
          <h3>{tool.name}</h3>
          <Code text={tool.restore} shown={printable(tool.restore)} label={tool.name} />
        </>
      )}
      <Problems problems={plan.problems} />
    </article>
  );
}

/** A command that names a place which the page does not know. */
const isToFillIn = (command: string): boolean => /\/path\/to\/|<[\w-]+>/.test(command);

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

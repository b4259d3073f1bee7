import type { ComponentChildren } from 'preact';
import type { CommitJson, RecoveryTargetJson, RelationJson } from '../../../index.js';
import { printable } from '../../../text/printable.js';
import { useSettings } from '../../settings.js';
import { Code } from '../parts/copy.js';
import { counted } from '../parts/counted.js';
import { Field, RELATION_PATTERN, valuesOf } from '../parts/field.js';
import { Outcome } from '../parts/outcome.js';
import { Problems } from '../parts/problems.js';
import { TableForm } from '../parts/table-picker.js';
import { SettingsCode, TextAnswer } from '../parts/text-answer.js';
import { exactTime } from '../parts/times.js';
import { go, href, useRoute } from '../route.js';
import { useAnswer, useSession } from '../session.js';

/** The commits that matter for a table, and where to recover to. */
export function FindCommitView() {
  const { t, format } = useSettings();
  const { opened } = useSession();
  const { rel, database, table } = useRoute().params;
  const hasTable = database !== undefined && table !== undefined;
  const key = hasTable ? `find-commit ${JSON.stringify([database, table])}` : rel && `find-commit ${rel}`;
  const asked = useAnswer(key, (engine, onProgress) =>
    engine.findCommit(hasTable ? { table: { database, table } } : { relation: rel }, onProgress),
  );
  return (
    <section aria-labelledby="find-commit-title">
      <h1 id="find-commit-title">{t('page.views.find-commit')}</h1>
      <p>{t('page.findCommit.intro')}</p>
      <form
        key={rel}
        class="line-form"
        onSubmit={(event) => {
          event.preventDefault();
          go('find-commit', { rel: valuesOf(event).rel });
        }}
      >
        <Field
          name="rel"
          label={t('page.findCommit.relation')}
          value={rel}
          hint="16386"
          pattern={RELATION_PATTERN}
          title={t('page.forms.relation')}
          isRequired
        />
        <button type="submit" class="main">
          {t('page.findCommit.find')}
        </button>
      </form>
      {opened.backups.length > 0 && (
        <TableForm
          view="find-commit"
          label={t('page.findCommit.findTable')}
          database={database}
          table={table}
        />
      )}
      <Outcome
        asked={asked}
        said={({ json }) => t('page.findCommit.said', counted(json.relations.length, format))}
      >
        {({ json, text }) => (
          <>
            <Problems problems={json.problems} />
            {json.relations.length === 0 && <p class="notice">{t('page.findCommit.nothing')}</p>}
            {json.relations.map((relation) => (
              <Relation key={`${relation.timeline} ${relation.relation}`} relation={relation} />
            ))}
            <TextAnswer text={text} />
          </>
        )}
      </Outcome>
    </section>
  );
}

function Relation({ relation: answer }: { relation: RelationJson }) {
  const { t, format } = useSettings();
  const { opened } = useSession();
  const { timeline, relation, name, lastInsert, lastDelete, removed, databaseDropped } = answer;
  const { recoveryTarget, otherTarget, undoCommand, transactionCounts: counts } = answer;
  const states = (['committed', 'aborted', 'prepared', 'in-progress'] as const)
    .filter((state) => counts[state] > 0)
    .map((state) => t(`page.findCommit.states.${state}`, counted(counts[state], format)));
  return (
    <article class="card">
      <h2>
        <span class="mono">
          {name === null ? relation : printable(`${name.database}.${name.schema}.${name.name}`)}
        </span>{' '}
        <span class="muted">
          {name !== null && `${relation} · `}
          {t('report.timelines.row', { timeline })}
        </span>
      </h2>
      <div class="events">
        <Event
          title={t('page.findCommit.lastInsert')}
          tone="good"
          commit={lastInsert?.commit}
          timeline={timeline}
        >
          {lastInsert && (
            <>
              <RecordLink lsn={lastInsert.lsn} timeline={timeline} /> ·{' '}
              {t('page.rowsOf', counted(lastInsert.rows, format))}
            </>
          )}
        </Event>
        <Event
          title={t('page.findCommit.lastDelete')}
          tone="bad"
          commit={lastDelete?.commit}
          timeline={timeline}
        >
          {lastDelete && (
            <>
              {t('page.rowsOf', counted(lastDelete.rows, format))} ·{' '}
              <RecordLink lsn={lastDelete.firstLsn} timeline={timeline} /> –{' '}
              <RecordLink lsn={lastDelete.lsn} timeline={timeline} />
            </>
          )}
        </Event>
        {removed && (
          <Event title={t('page.findCommit.removed')} tone="bad" commit={removed.commit} timeline={timeline}>
            {t(`page.incidents.kinds.${removed.kind}`)}
            {removed.newRelation && (
              <>
                {' → '}
                <a href={href('find-commit', { rel: removed.newRelation })}>{removed.newRelation}</a>
              </>
            )}
          </Event>
        )}
        {databaseDropped && (
          <Event
            title={t('page.incidents.kinds.drop-database')}
            tone="bad"
            commit={databaseDropped.commit}
            timeline={timeline}
          >
            {t('report.incidents.stopLsn', { lsn: databaseDropped.stopLsn })}
          </Event>
        )}
      </div>
      <p>
        {t('page.findCommit.transactions')} {states.length === 0 ? t('common.none') : states.join(', ')}.{' '}
        <a href={href('records', { timeline: String(timeline), rel: relation })}>
          {t('page.findCommit.allRecords')}
        </a>
      </p>
      {recoveryTarget && opened.backups.length > 0 && (
        <p>
          <a href={href('plan', { lsn: recoveryTarget.lsn.recovery_target_lsn, exclusive: '1' })}>
            {t('page.planBefore')}
          </a>
        </p>
      )}
      {recoveryTarget && <Target target={recoveryTarget} title={t('page.findCommit.target')} />}
      {otherTarget && <Target target={otherTarget} title={t('page.findCommit.otherTarget')} />}
      {undoCommand !== null && (
        <details>
          <summary>{t('report.incidents.undo')}</summary>
          <Code text={undoCommand} shown={printable(undoCommand)} label={t('report.incidents.undo')} />
        </details>
      )}
    </article>
  );
}

function Event({
  title,
  tone,
  commit,
  timeline,
  children,
}: {
  title: string;
  tone: 'good' | 'bad';
  commit: CommitJson | undefined;
  timeline: number;
  children: ComponentChildren;
}) {
  const { t, zone } = useSettings();
  return (
    <section class={`event ${commit === undefined ? '' : tone}`}>
      <h3>{title}</h3>
      {commit === undefined ? (
        <p class="muted">{t('common.none')}</p>
      ) : (
        <>
          <p>{children}</p>
          <p>
            {t('page.findCommit.committed')} <strong>{exactTime(commit.time, zone)}</strong>
          </p>
          <p>
            <a href={href('records', { timeline: String(timeline), xid: String(commit.xid) })}>
              {t('page.transaction', { xid: commit.xid })}
            </a>{' '}
            · <RecordLink lsn={commit.lsn} timeline={timeline} />
          </p>
        </>
      )}
    </section>
  );
}

export function RecordLink({ lsn, timeline }: { lsn: string; timeline: number }) {
  return (
    <a class="mono" href={href('records', { timeline: String(timeline), record: lsn })}>
      {lsn}
    </a>
  );
}

function Target({ target, title }: { target: RecoveryTargetJson; title: string }) {
  const { t } = useSettings();
  return (
    <section class="target">
      <h3>{title}</h3>
      <p>{t('page.findCommit.oneOf')}</p>
      <div class="targets">
        {([target.lsn, target.xid, target.time] as const).map(
          (settings) =>
            settings && <SettingsCode key={Object.keys(settings)[0]} settings={settings} label={title} />,
        )}
      </div>
      {target.timeReason !== undefined && (
        <p class="muted" lang="en">
          {printable(target.timeReason)}
        </p>
      )}
    </section>
  );
}

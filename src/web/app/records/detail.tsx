import { useEffect, useRef, useState } from 'preact/hooks';
import { printable } from '../../../text/printable.js';
import type { RecordDetail } from '../../engine/api.js';
import { useSettings } from '../../settings.js';
import { announce } from '../parts/announce.js';
import { Code, Copy } from '../parts/copy.js';
import { Failure } from '../parts/outcome.js';
import { shortened } from '../parts/shortened.js';
import { goInstead, href, type Params } from '../route.js';
import { type CallState, useSession } from '../session.js';
import { BytesAndFields } from './bytes.js';
import { JsonTree } from './json-tree.js';

/** So much of a line is said to screen readers, and shown; it is copied as a whole. */
const MOST_SAID = 500;
const MOST_SHOWN = 10_000;

const RUNNING = { kind: 'running', progress: undefined } as const;

/** One record: what it says, and its bytes. */
export function RecordDetailPanel({
  timeline,
  lsn,
  params,
  close,
}: {
  timeline: number;
  lsn: string;
  params: Params;
  close: () => void;
}) {
  const { t } = useSettings();
  const { state, isLoading, again } = useRecord(timeline, lsn);
  const found = state.kind === 'done' ? state.value.record.lsn : lsn;
  // a link may name an LSN within a record before
  useEffect(() => {
    if (!isLoading && found !== lsn) goInstead('records', { ...params, record: found });
  }, [found, lsn, isLoading]);
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus({ preventScroll: true }), []);
  return (
    <section class="card detail" aria-labelledby="record-title" aria-busy={isLoading}>
      <div class="detail-head">
        <h2 id="record-title" tabIndex={-1} ref={title}>
          <span class="mono">{printable(found)}</span>{' '}
          {state.kind === 'done' && `${state.value.record.rmgr} ${state.value.record.kind ?? ''}`}
        </h2>
        <button type="button" class="quiet" onClick={close}>
          {t('page.close')}
        </button>
      </div>
      {state.kind === 'done' && <Detail detail={state.value} params={params} />}
      {state.kind === 'running' && <p>{t('page.working')}</p>}
      {(state.kind === 'failed' || state.kind === 'died') && <Failure state={state} again={again} />}
    </section>
  );
}

/** The record before stays until the next one is there, and so does what the keyboard is at. */
function useRecord(
  timeline: number,
  lsn: string,
): { state: CallState<RecordDetail>; isLoading: boolean; again: () => void } {
  const { client } = useSession();
  const [tries, setTries] = useState(0);
  const [told, setTold] = useState<{ lsn: string; state: CallState<RecordDetail> }>();
  useEffect(() => {
    let isWanted = true;
    client
      .lookUp((engine) => engine.openRecord(timeline, lsn))
      .then((state) => {
        if (!isWanted) return;
        setTold({ lsn, state });
        if (state.kind === 'done') announce(shortened(printable(state.value.line), MOST_SAID));
      });
    return () => {
      isWanted = false;
    };
  }, [timeline, lsn, tries, client]);
  const isLoading = told?.lsn !== lsn;
  return {
    state: told && (!isLoading || told.state.kind === 'done') ? told.state : RUNNING,
    isLoading,
    again: () => setTries(tries + 1),
  };
}

function Detail({ detail, params }: { detail: RecordDetail; params: Params }) {
  const { t, format } = useSettings();
  const { record, timeline, segment, line, previousLsn, nextLsn } = detail;
  const relations = [...new Set(record.blocks.map(({ relation }) => relation))];
  const link = `${location.href.replace(/#.*/, '')}${href('records', { timeline: String(timeline), record: record.lsn })}`;
  return (
    <>
      <p class="buttons">
        <Step lsn={previousLsn} params={params} label={t('page.records.previous')} />
        <Step lsn={nextLsn} params={params} label={t('page.records.next')} />
        <Copy text={link} label={t('page.records.copyLink')} />
      </p>
      <Code text={line} shown={printable(shortened(line, MOST_SHOWN))} label={t('page.records.line')} />
      <dl class="facts">
        <div>
          <dt>{t('common.transaction')}</dt>
          <dd>
            {record.xid === 0 ? (
              t('common.none')
            ) : (
              <a
                href={href('records', {
                  timeline: String(timeline),
                  xid: String(record.xid),
                  lsn: record.lsn,
                })}
              >
                {record.xid}
              </a>
            )}
          </dd>
        </div>
        {relations.length > 0 && (
          <div>
            <dt>{t('common.relation')}</dt>
            <dd>
              {relations.map((relation) => (
                <a
                  key={relation}
                  href={href('records', { timeline: String(timeline), rel: relation, lsn: record.lsn })}
                >
                  {relation}
                </a>
              ))}
            </dd>
          </div>
        )}
        <div>
          <dt>{t('page.records.length')}</dt>
          <dd>
            {format.number(record.totalLength)} {t('common.bytes')}
          </dd>
        </div>
        <div>
          <dt>{t('page.records.segment')}</dt>
          <dd class="mono">{printable(segment)}</dd>
        </div>
        <div>
          <dt>{t('common.timeline')}</dt>
          <dd>{timeline}</dd>
        </div>
      </dl>
      <h3>{t('page.records.decoded')}</h3>
      <JsonTree value={record} />
      <h3>{t('page.records.bytes')}</h3>
      <BytesAndFields key={record.lsn} bytes={detail.bytes} fields={detail.fields} />
    </>
  );
}

function Step({ lsn, params, label }: { lsn: string | null; params: Params; label: string }) {
  return (
    <button
      type="button"
      // not disabled, which would lose the keyboard
      aria-disabled={lsn === null}
      onClick={() => lsn !== null && goInstead('records', { ...params, lsn: undefined, record: lsn })}
    >
      {label}
    </button>
  );
}

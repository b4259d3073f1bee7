import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { printable } from '../../../text/printable.js';
import type { EngineProgress } from '../../engine/api.js';
import { type Settings, useSettings } from '../../settings.js';
import type { Asked, CallState } from '../session.js';
import { announce } from './announce.js';

/** A question's progress, its error or its answer. */
export function Outcome<T>({
  asked,
  said,
  children,
}: {
  asked: Asked<T>;
  /** The answer in a sentence, for screen readers. */
  said: (value: T) => string;
  children: (value: T) => ComponentChildren;
}) {
  const { state, cancel, again } = asked;
  const { t } = useSettings();
  useSaid(state, said, t('page.working'));
  switch (state.kind) {
    case 'idle':
      return null;
    case 'running':
      return <Working progress={state.progress} cancel={cancel} />;
    case 'done':
      return <>{children(state.value)}</>;
    default:
      return <Failure state={state} again={again} />;
  }
}

function useSaid<T>(state: CallState<T>, said: (value: T) => string, working: string): void {
  const before = useRef<string | undefined>(undefined);
  useEffect(() => {
    if (before.current === state.kind) return;
    before.current = state.kind;
    if (state.kind === 'running') announce(working);
    if (state.kind === 'done') announce(said(state.value));
  }, [state.kind]);
}

/** Said so often while something takes long. */
const SAID_MS = 8000;

export function Working({ progress, cancel }: { progress: EngineProgress | undefined; cancel: () => void }) {
  const settings = useSettings();
  const { t } = settings;
  const text = progressText(progress, settings);
  const latest = useRef(text);
  latest.current = text;
  useEffect(() => {
    const timer = setInterval(() => announce(latest.current), SAID_MS);
    return () => clearInterval(timer);
  }, []);
  const total = progress?.total ?? null;
  const done = total === null || total === 0 ? undefined : Math.min(1, progress!.done / total);
  return (
    <div class="working">
      <p>{text}</p>
      <progress aria-label={t('page.working')} value={done} max={1} />
      <button type="button" onClick={cancel}>
        {t('page.cancel')}
      </button>
    </div>
  );
}

function progressText(progress: EngineProgress | undefined, { t, format }: Settings): string {
  if (progress === undefined) return t('page.working');
  const phase = t(`page.phases.${progress.phase}`);
  const done = format.bytes(progress.done);
  if (progress.total !== null)
    return t('page.progress', { phase, done, total: format.bytes(progress.total) });
  return progress.done === 0 ? phase : t('page.progressOpen', { phase, done });
}

/** Why there is no answer, and how to go on. */
export function Failure({
  state,
  again,
}: {
  state: Extract<CallState<unknown>, { kind: 'failed' | 'cancelled' | 'died' }>;
  again?: () => void;
}) {
  const { t } = useSettings();
  return (
    <div class={`notice ${state.kind === 'cancelled' ? '' : 'bad'}`} role="alert">
      {state.kind === 'cancelled' && <p>{t('page.cancelled')}</p>}
      {state.kind === 'died' && <p>{t('page.died')}</p>}
      {state.kind === 'failed' && (
        <p lang="en">
          {printable(state.error.message)} <code>{state.error.code}</code>
        </p>
      )}
      {again && (
        <button type="button" onClick={again}>
          {t('page.again')}
        </button>
      )}
    </div>
  );
}

import { createContext } from 'preact';
import { useContext, useEffect, useRef, useState } from 'preact/hooks';
import type { EngineProgress, Opened } from '../engine/api.js';
import type { EngineCall, EngineClient, Outcome } from './engine-client.js';

/** The files that are open, and what has been asked about them. */
export interface Session {
  client: EngineClient;
  opened: Opened;
  /** By the question. */
  answers: Map<string, unknown>;
}

export const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  return useContext(SessionContext)!;
}

/** How far a question is. */
export type CallState<T> =
  | { kind: 'idle' }
  | { kind: 'running'; progress: EngineProgress | undefined }
  | Outcome<T>;

export interface Asked<T> {
  state: CallState<T>;
  cancel(): void;
  again(): void;
}

/**
 * Asks the engine, once for each key, and keeps the answer. Whoever goes elsewhere ends the question.
 * @param key what the question is about; undefined where there is none yet
 */
export function useAnswer<T>(key: string | undefined, ask: EngineCall<T>): Asked<T> {
  const { client, answers } = useSession();
  const [tries, setTries] = useState(0);
  const [told, setTold] = useState<{ key: string; state: CallState<T> }>();
  const running = useRef<AbortController | undefined>(undefined);
  useEffect(() => {
    if (key === undefined || answers.has(key)) return;
    const controller = new AbortController();
    running.current = controller;
    let isWanted = true;
    const tell = (state: CallState<T>): void => {
      if (isWanted) setTold({ key, state });
    };
    tell({ kind: 'running', progress: undefined });
    const onProgress = (progress: EngineProgress): void => {
      if (running.current === controller) tell({ kind: 'running', progress });
    };
    client.call(ask, { onProgress, signal: controller.signal }).then((outcome) => {
      if (running.current === controller) running.current = undefined;
      if (outcome.kind === 'done') answers.set(key, outcome.value);
      tell(outcome);
    });
    return () => {
      isWanted = false;
      controller.abort();
    };
  }, [key, tries, client, answers]);
  return {
    state: stateOf(key, answers, told !== undefined && told.key === key ? told.state : undefined),
    cancel: () => running.current?.abort(),
    again: () => setTries(tries + 1),
  };
}

function stateOf<T>(
  key: string | undefined,
  answers: Map<string, unknown>,
  told: CallState<T> | undefined,
): CallState<T> {
  if (key === undefined) return { kind: 'idle' };
  if (answers.has(key)) return { kind: 'done', value: answers.get(key) as T };
  return told ?? { kind: 'running', progress: undefined };
}

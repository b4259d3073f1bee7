import { proxy, wrap } from 'comlink';
import type { Answer, Engine, OnEngineProgress } from './api.js';
// in the page itself, since one that is opened from a file may load no other
import EngineWorker from './worker.js?worker&inline';

const FAILED =
  'the part of the page that reads WAL has ended, most likely for want of memory; open fewer files at a time';

/** Starts the engine in a worker of its own. Where that ends, all calls fail and say so, until files are opened anew. */
export function startEngine(): Engine {
  let current = launch();
  const call = async <T>(ask: (engine: Remote) => Promise<Answer<T>>): Promise<Answer<T>> => {
    const { engine, ended } = current;
    return Promise.race([ask(engine), ended]);
  };
  return {
    open(files, onProgress) {
      if (current.hasEnded()) current = launch();
      return call((engine) => engine.open(files, told(onProgress)));
    },
    report: (query, onProgress) => call((engine) => engine.report(query, told(onProgress))),
    findCommit: (query, onProgress) => call((engine) => engine.findCommit(query, told(onProgress))),
    incidents: (query, onProgress) => call((engine) => engine.incidents(query, told(onProgress))),
    plan: (query, onProgress) => call((engine) => engine.plan(query, told(onProgress))),
    tables: (query, onProgress) => call((engine) => engine.tables(query, told(onProgress))),
    tableRows: (query, onProgress) => call((engine) => engine.tableRows(query, told(onProgress))),
    records: (query, onProgress) => call((engine) => engine.records(query, told(onProgress))),
    recordRows: (list, from, count) => call((engine) => engine.recordRows(list, from, count)),
    indexOf: (list, lsn) => call((engine) => engine.indexOf(list, lsn)),
    openRecord: (timeline, lsn) => call((engine) => engine.openRecord(timeline, lsn)),
    cancel: async () => {
      await Promise.race([current.engine.cancel(), current.ended]);
    },
  };
}

type Remote = ReturnType<typeof wrap<Engine>>;

const told = (onProgress: OnEngineProgress) => proxy(onProgress);

function launch(): { engine: Remote; ended: Promise<Answer<never>>; hasEnded(): boolean } {
  const worker = new EngineWorker();
  let isOver = false;
  const ended = new Promise<Answer<never>>((resolve) => {
    const end = (): void => {
      isOver = true;
      worker.terminate();
      resolve({ kind: 'failed', error: { code: 'worker-failed', message: FAILED } });
    };
    worker.addEventListener('error', end);
    worker.addEventListener('messageerror', end);
  });
  return { engine: wrap<Engine>(worker), ended, hasEnded: () => isOver };
}

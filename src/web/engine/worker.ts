import { expose, transfer } from 'comlink';
import type { Answer, RecordDetail } from './api.js';
import { PageEngine } from './page-engine.js';

/** The engine in a worker: a record's bytes are handed over and not copied. */
class WorkerEngine extends PageEngine {
  override async openRecord(timeline: number, lsn: string): Promise<Answer<RecordDetail>> {
    const answer = await super.openRecord(timeline, lsn);
    return answer.kind === 'done' ? transfer(answer, [answer.value.bytes.buffer]) : answer;
  }
}

expose(new WorkerEngine());

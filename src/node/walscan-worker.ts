import { parentPort } from 'node:worker_threads';
import { performTask, resultMessage, type ScanResult } from '../questions/scan-task.js';
import { emptyRoom } from '../sources/reading.js';
import { fileSource } from './files.js';
import { THREAD_READING } from './reading.js';
import { release, SharedMemory } from './shared-memory.js';
import { localTimeZone } from './timezone.js';
import { awaitTurn } from './turn.js';
import type { WorkerAnswer, WorkerTask, WritesText } from './worker-pool.js';
import { writeAll } from './write-all.js';

const memory = new SharedMemory();
const tools = {
  reading: THREAD_READING,
  room: emptyRoom(),
  zone: localTimeZone(),
  keep: memory.keep,
};
let turn = Promise.resolve();

/** A worker thread: does the tasks that it is given one after the other, in the same memory. */
parentPort?.on('message', (task: WorkerTask) => {
  turn = turn.then(() => answer(task));
});

async function answer({ name, path, writes, ...task }: WorkerTask): Promise<void> {
  const result = await performTask({ ...task, source: fileSource(path, name) }, tools);
  if (writes !== undefined && 'text' in result.part) writeText(result, writes);
  else post({ ...resultMessage(result), kept: memory.takeKept() });
}

/** Tells all but the text, and writes that when its turn has come. */
function writeText({ part, problem }: ScanResult<'dump'>, { turn, descriptor }: WritesText): void {
  const kept = memory.takeKept();
  post({ ...resultMessage({ part: { ...part, text: [] }, problem }), kept: [] });
  awaitTurn(turn);
  try {
    for (const piece of part.text) writeAll(descriptor, piece);
    post({ written: undefined });
  } catch (error) {
    const { code, errno, message } = error as NodeJS.ErrnoException;
    post({ written: { code, errno, message } });
  }
  release(kept);
}

const post = (message: WorkerAnswer): void => parentPort?.postMessage(message);

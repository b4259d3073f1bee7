import { parentPort } from 'node:worker_threads';
import { performTask, resultMessage, type ScanResult } from '../questions/scan-task.js';
import { emptyRoom } from '../sources/reading.js';
import { NoWal } from '../sources/segment-facts.js';
import { fileSource, folderSource } from './files.js';
import { THREAD_READING } from './reading.js';
import { release, SharedMemory } from './shared-memory.js';
import { localTimeZone } from './timezone.js';
import { awaitTurn, type Turn } from './turn.js';
import type { WorkerAnswer, WorkerTask } from './worker-pool.js';
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

/** What a thread holds of a large segment before its turn has come. */
const MOST_HELD = 32 * 1024 * 1024;

async function answer({ name, path, facts: folder, turn, writeTo, ...task }: WorkerTask): Promise<void> {
  let held = 0;
  const source = path === undefined ? NoWal.of(name, task) : fileSource(path, name);
  const facts = folder === undefined ? undefined : folderSource(folder);
  for await (const result of performTask({ ...task, source, facts }, tools)) {
    if (turn !== undefined && writeTo !== undefined && 'text' in result.part) {
      writeText(result as ScanResult<'dump'>, turn, writeTo);
      continue;
    }
    const kept = memory.takeKept();
    post({ ...resultMessage(result), kept });
    for (const { byteLength } of kept) held += byteLength;
    if (turn !== undefined && held > MOST_HELD) awaitTurn(turn);
  }
}

/** Tells all but the text, and writes that when its turn has come. */
function writeText({ part, ...result }: ScanResult<'dump'>, turn: Turn, descriptor: number): void {
  const kept = memory.takeKept();
  post({ ...resultMessage({ ...result, part: { ...part, text: [] } }), kept: [] });
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

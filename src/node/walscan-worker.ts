import { parentPort } from 'node:worker_threads';
import { performTask, resultMessage, type TaskMessage } from '../questions/scan-task.js';
import { emptyRoom } from '../sources/reading.js';
import { fileSource } from './files.js';
import { THREAD_READING } from './reading.js';
import { SharedMemory } from './shared-memory.js';
import { localTimeZone } from './timezone.js';
import type { KeptMessage } from './worker-pool.js';

const memory = new SharedMemory();
const tools = {
  reading: THREAD_READING,
  room: emptyRoom(),
  zone: localTimeZone(),
  keep: memory.keep,
};
let turn = Promise.resolve();

/** A worker thread: does the tasks that it is given one after the other, in the same memory. */
parentPort?.on('message', (task: TaskMessage) => {
  turn = turn.then(() => answer(task));
});

async function answer({ name, path, ...task }: TaskMessage): Promise<void> {
  const result = await performTask({ ...task, source: fileSource(path, name) }, tools);
  const message: KeptMessage = { ...resultMessage(result), kept: memory.takeKept() };
  parentPort?.postMessage(message);
}

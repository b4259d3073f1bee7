import { parentPort } from 'node:worker_threads';
import { performTask, resultMessage, type TaskMessage } from '../questions/scan-task.js';
import { emptyRoom } from '../sources/reading.js';
import { fileSource } from './files.js';
import { THREAD_READING } from './reading.js';
import { SharedText } from './shared-text.js';
import { localTimeZone } from './timezone.js';

const sharedText = new SharedText();
const tools = {
  reading: THREAD_READING,
  room: emptyRoom(),
  zone: localTimeZone(),
  keepText: (text: Uint8Array): Uint8Array => sharedText.copy(text),
};
let turn = Promise.resolve();

/** A worker thread: does the tasks that it is given one after the other, in the same memory. */
parentPort?.on('message', (task: TaskMessage) => {
  turn = turn.then(() => answer(task));
});

async function answer({ name, path, ...task }: TaskMessage): Promise<void> {
  const result = await performTask({ ...task, source: fileSource(path, name) }, tools);
  parentPort?.postMessage(resultMessage(result));
}

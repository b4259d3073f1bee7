import { parentPort } from 'node:worker_threads';
import { performTask, resultMessage, type TaskMessage } from '../questions/segment-task.js';
import { emptyRoom } from '../sources/read.js';
import { fileSource } from '../sources/source.js';
import { SharedText } from './shared-text.js';

const sharedText = new SharedText();
const memory = {
  room: emptyRoom(),
  keepText: (text: Uint8Array): Uint8Array => sharedText.copy(text),
};
let turn = Promise.resolve();

/** A worker thread: does the tasks that it is given one after the other, in the same memory. */
parentPort?.on('message', (task: TaskMessage) => {
  turn = turn.then(() => answer(task));
});

async function answer({ name, path, ...task }: TaskMessage): Promise<void> {
  const result = await performTask({ ...task, source: fileSource(path, name) }, memory);
  parentPort?.postMessage(resultMessage(result));
}

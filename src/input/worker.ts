import { parentPort } from 'node:worker_threads';
import { emptyRoom } from './read.js';
import { performTask, resultMessage, type TaskMessage } from './segment-task.js';
import { SharedText } from './shared-text.js';
import { fileSource } from './source.js';

const room = emptyRoom();
const sharedText = new SharedText();

/** A worker thread: is given one segment after the other, the next when it has answered. */
parentPort?.on('message', async ({ name, path, ...task }: TaskMessage) => {
  const keepText = (text: Uint8Array): Uint8Array => sharedText.copy(text);
  const result = await performTask({ ...task, source: fileSource(path, name) }, { room, keepText });
  parentPort?.postMessage(resultMessage(result));
});

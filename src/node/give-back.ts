import { MessageChannel } from 'node:worker_threads';

const { port1: nowhere, port2 } = new MessageChannel();
port2.close();
nowhere.close();

/**
 * Gives memory back to the system at once: V8 waits for 64 MiB of it, in each thread. What is transferred to a port that
 * is closed is gone (node:worker_threads, `port.postMessage`: a transferred ArrayBuffer can be used no more here).
 */
export function giveBack(memory: ArrayBuffer): void {
  nowhere.postMessage(undefined, [memory]);
}

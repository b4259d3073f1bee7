/** Whether it is a thread's turn to write: a number in memory that threads share. */
export type Turn = Int32Array<SharedArrayBuffer>;

const NOT_YET = 0;
const NOW = 1;

export const newTurn = (): Turn => new Int32Array(new SharedArrayBuffer(4));

export function giveTurn(turn: Turn): void {
  Atomics.store(turn, 0, NOW);
  Atomics.notify(turn, 0);
}

/** Stops this thread, which is not the main one, until its turn has come. */
export function awaitTurn(turn: Turn): void {
  Atomics.wait(turn, 0, NOT_YET);
}

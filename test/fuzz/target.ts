import { WalError } from '../../src/wal/error.js';
import type { Input } from './input.js';
import type { Random } from './random.js';

/** A way into walscan that takes any input. */
export interface Target {
  name: string;
  /** Inputs to begin with: all, or where there are many, some. */
  seeds(random: Random): Input[];
  /**
   * Gives an answer or throws a WalError, whatever the input is. What else it throws is a crash; so is an
   * {@link OracleFailed} where an answer cannot be right.
   */
  run(input: Input): unknown;
  /** What texts are made of. */
  words?: readonly string[];
}

/** An answer that contradicts another one, or itself. */
export class OracleFailed extends Error {}

export function check(isRight: boolean, what: string): void {
  if (!isRight) throw new OracleFailed(what);
}

/** What no message says that was made on purpose. */
const NONSENSE = /\bundefined\b|\[object /;

/** Runs a target. @returns what is wrong: anything thrown that is no WalError, or one that says nothing */
export async function crashOf(target: Target, input: Input): Promise<Error | undefined> {
  try {
    const running = target.run(input);
    if (running instanceof Promise) await running;
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) return new OracleFailed(`thrown: ${String(error)}`);
    if (!(error instanceof WalError)) return error;
    return NONSENSE.test(error.message) ? new OracleFailed(`message: ${error.message}`) : undefined;
  }
}

/** What two crashes have in common that are one: the error without numbers, and where it was thrown. */
export function kindOfCrash({ name, message, stack = '' }: Error): string {
  const [place = ''] = /^ +at .*$/m.exec(stack.slice(stack.indexOf(message) + message.length)) ?? [];
  return `${name}: ${message.slice(0, 200).replaceAll(/0x[\da-f]+|[\dA-F]+\/[\dA-F]+|-?\d+/gi, '#')}\n${place.trim()}`;
}

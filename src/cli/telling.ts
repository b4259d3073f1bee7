import { printable } from '../text/printable.js';
import type { Message } from '../wal/message.js';
import type { Io, Telling } from './io.js';

/** Where no option says otherwise. */
export const USUAL_TELLING: Telling = { notes: true, details: false, progress: 'auto', pager: true };

/** The options that say so. */
export interface TellingOptions {
  quiet?: true;
  verbose?: true;
  progress?: boolean;
  pager?: boolean;
}

/** The same world, with as much told in it as options ask for. */
export function telling(io: Io, { quiet, verbose, progress, pager }: TellingOptions): Io {
  const value: Telling = {
    notes: !quiet,
    details: verbose ?? false,
    progress: quiet ? false : (progress ?? 'auto'),
    pager: pager ?? true,
  };
  return Object.create(io, { telling: { value } });
}

/** Says something of an answer on standard error, unless it is to be quiet. */
export function printNote(note: Message, io: Io): void {
  if (io.telling.notes) print(note, io);
}

/** Says what is done, and how, on standard error where that was asked for. */
export function printDetail(detail: Message, io: Io): void {
  if (io.telling.details) print(detail, io);
}

function print(said: Message, { tongue, writeError }: Io): void {
  writeError(`walscan: ${printable(tongue.textOf(said))}\n`);
}

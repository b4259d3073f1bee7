import { WalError } from '../wal/error.js';
import { several } from '../wal/message.js';
import { TidSet } from './tid-set.js';

/** So many things that are damaged are told one by one, of a relation. */
const MOST_PROBLEMS = 20;

/** A line pointer of a page, or where none is named, the page. */
export interface Place {
  block: number;
  offset?: number;
}

/** What could not be read of the pages of a relation, each place once: the first few with why, the rest counted. */
export class UnreadPlaces {
  private readonly places = new TidSet();
  private count = 0;
  private told: { block: number; problem: WalError }[] = [];
  /** What was told last, be it of matter or not. */
  private last: WalError | undefined;

  get isEmpty(): boolean {
    return this.count === 0;
  }

  /** @param problem makes what is told of the place */
  note({ block, offset = 0 }: Place, problem: () => WalError): void {
    const place = { block, offset };
    if (this.places.has(place)) return;
    this.places.add(place);
    this.count++;
    if (this.told.length >= MOST_PROBLEMS) return;
    this.last = problem();
    this.told.push({ block, problem: this.last });
  }

  /** What was on a block is of no matter any more. */
  forget(block: number): void {
    const gone = this.places.forget(block);
    if (gone === 0) return;
    this.count -= gone;
    this.told = this.told.filter((one) => one.block !== block);
  }

  get problems(): WalError[] {
    const told = this.told.map(({ problem }) => problem);
    const rest = this.count - told.length;
    if (rest === 0 || this.last === undefined) return told;
    const { code, file } = this.last;
    const where = String(file);
    const text =
      told.length === 0
        ? several(rest, '{0} thing in {1} cannot be read', '{0} things in {1} cannot be read', where)
        : several(
            rest,
            '{0} more thing in {1} cannot be read',
            '{0} more things in {1} cannot be read',
            where,
          );
    return [...told, new WalError(code, text, { file })];
  }
}

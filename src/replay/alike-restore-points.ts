import { mostAlike } from '../text/likeness.js';
import { isTransactionEnd, type RecoveryEvent, type StopTarget } from './recovery.js';

/** So many are kept, however many there are. */
const MOST_NAMES = 5;

/** The restore points that a recovery goes by which looks for one, those called most alike. */
export class AlikeRestorePoints {
  /** The most alike first. */
  names: readonly string[] = [];

  constructor(private readonly target: StopTarget) {}

  /** Takes in what comes next. */
  take(event: RecoveryEvent): void {
    const { target } = this;
    if (target.kind !== 'name' || isTransactionEnd(event)) return;
    this.names = mostAlike(target.name, [...this.names, event.name], MOST_NAMES);
  }
}

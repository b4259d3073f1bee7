import { type ErrorCode, WalError } from '../wal/error.js';
import { message } from '../wal/message.js';

/** As many of one code are told one by one: a tar file may have hundreds of thousands of members that are no WAL. */
const MOST_PROBLEMS = 1000;

/** Problems with files. Of more than {@link MOST_PROBLEMS} of one code the rest are counted, and not kept. */
export class ProblemList {
  private readonly told: WalError[] = [];
  private readonly counts = new Map<ErrorCode, number>();

  add(problem: WalError): void {
    const { code } = problem;
    const count = (this.counts.get(code) ?? 0) + 1;
    this.counts.set(code, count);
    if (count <= MOST_PROBLEMS) this.told.push(problem);
  }

  /** All that were kept, in the order in which they came, and how many were not. */
  list(): WalError[] {
    const rest = [...this.counts].filter(([, count]) => count > MOST_PROBLEMS);
    return [
      ...this.told,
      ...rest.map(([code, count]) => {
        const text = message`${count - MOST_PROBLEMS} more files have a problem of this kind (${code}), which are not told one by one`;
        return new WalError(code, text);
      }),
    ];
  }
}

/** Lets go of problems of which a list would not tell: one that it tells stands for each of these. */
export class ProblemsShared {
  private readonly counts = new Map<ErrorCode, number>();
  private readonly last = new Map<ErrorCode, WalError>();

  shared(problem: WalError): WalError {
    const { code } = problem;
    const count = (this.counts.get(code) ?? 0) + 1;
    this.counts.set(code, count);
    if (count <= MOST_PROBLEMS) this.last.set(code, problem);
    return this.last.get(code)!;
  }
}

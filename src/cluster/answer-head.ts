import { lsnJson } from '../text/json.js';
import type { Lsn } from '../wal/lsn.js';

/** What every answer begins with: which WAL it is out of. */
export interface AnswerHead {
  /** PostgreSQL's major version. */
  postgres: number;
  systemIdentifier: bigint;
  /** The timelines that the answer is about. */
  timelines: readonly number[];
  /** Where the WAL begins and ends that the answer is out of; undefined where there is none. */
  startLsn: Lsn | undefined;
  endLsn: Lsn | undefined;
}

/** {@link AnswerHead} in JSON: the system identifier, which needs 64 bits, is text; LSNs such as `0/04000680`. */
export interface HeadJson {
  postgres: number;
  systemIdentifier: string;
  timelines: number[];
  startLsn: string | null;
  endLsn: string | null;
}

export const headJson = (head: AnswerHead): HeadJson => ({
  postgres: head.postgres,
  systemIdentifier: String(head.systemIdentifier),
  timelines: [...head.timelines],
  startLsn: lsnJson(head.startLsn),
  endLsn: lsnJson(head.endLsn),
});

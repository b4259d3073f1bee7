import type { TransactionFate } from '../../follow/transaction-fate.js';
import { type ErrorCode, WalError } from '../../wal/error.js';
import { formatLsn } from '../../wal/lsn.js';
import { type Message, message } from '../../wal/message.js';

/**
 * Why the end of a transaction is not in the WAL, as far as that can be told. Where the rows as they were at some moment
 * are of use, the error's `lsn` is that moment.
 * @param option how it is asked: `--as-of` for what there was after it, else for what the transaction did
 * @param unreached what is to be said where nothing more is known
 */
export function explainUnreached(
  xid: number,
  fate: TransactionFate,
  option: '--deleted-by' | '--as-of' | '--xid',
  unreached: WalError,
): WalError {
  const error = (code: ErrorCode, said: Message, lsn = unreached.lsn): WalError =>
    new WalError(option === '--as-of' ? 'target-not-reached' : code, said, {
      lsn,
      cause: unreached,
    });
  switch (fate.kind) {
    case 'subtransaction':
      return error(
        'target-not-reached',
        message`transaction ${xid} is a subtransaction of ${fate.topXid} and ends with that: ask ${option} ${fate.topXid}`,
      );
    case 'cut': {
      const before = formatLsn(fate.lsn);
      const said =
        fate.by === 'promotion'
          ? message`transaction ${xid} never ended: a promotion cut it off before ${before}, and so it was rolled back and changed nothing`
          : message`transaction ${xid} never ended: a restart, as after a crash, cut it off before ${before}, and so it was rolled back and changed nothing`;
      return error('not-committed', said, fate.lsn);
    }
    case 'prepared':
      return error(
        'target-not-reached',
        message`transaction ${xid} was prepared at ${formatLsn(fate.lsn)}, and the WAL given has neither COMMIT PREPARED nor ROLLBACK PREPARED of it: it has not changed anything yet`,
      );
    case 'running':
      return error(
        'target-not-reached',
        message`transaction ${xid} still ran where the WAL given ends: it began at ${formatLsn(fate.firstLsn)}, and there is no end of it; ${unreached.said}`,
      );
    case 'unseen':
      return error(...unseen(xid, fate));
  }
}

function unseen(
  xid: number,
  { era, nextXid }: Extract<TransactionFate, { kind: 'unseen' }>,
): [ErrorCode, Message] {
  switch (era) {
    case 'before':
      return [
        'target-not-reached',
        message`transaction ${xid} has no record in the WAL given and is older than it: give the WAL of when it ran, and a backup of before that`,
      ];
    case 'within':
      return [
        'nothing-deleted',
        message`transaction ${xid} wrote nothing into the WAL given: it changed no row`,
      ];
    case 'after':
      return [
        'target-not-reached',
        message`transaction ${xid} has no record in the WAL given, at whose end the next transaction to begin is ${String(nextXid)}: it ran later, or never; check the id, or give the WAL that follows`,
      ];
    case 'unknown':
      return [
        'target-not-reached',
        message`transaction ${xid} has no record in the WAL given: it ran before that or later, or never`,
      ];
  }
}

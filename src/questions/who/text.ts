import type { TransactionPoint } from '../../follow/transaction-end.js';
import { printable } from '../../text/printable.js';
import { formatTimestampTz, type TimeZone } from '../../text/timezone.js';
import type { Say } from '../../text/tongue.js';
import type { LoggedStatement } from './sessions.js';
import { type LogsRead, type Suspect, type WhoByTransaction, type WhoDidIt, whoKey } from './who.js';

/** Of a statement so many characters are shown. */
const MOST_SHOWN = 300;
/** So many are shown where the statement of none fits. */
const MOST_OTHERS = 5;

/** What `log_line_prefix` was taken for, where it was guessed. */
export const prefixLines = (logs: LogsRead | undefined, say: Say): string[] =>
  (logs?.guessedPrefixes ?? []).map(
    (prefix) => say`Log lines are taken to begin as log_line_prefix = '${printable(prefix)}' says`,
  );

/** The lines that say who did a transaction, without an indent; none where no log was given. */
export function whoLines(
  who: WhoByTransaction | undefined,
  transaction: TransactionPoint,
  zone: TimeZone,
  say: Say,
): string[] {
  const found = who?.get(whoKey(transaction));
  return found === undefined ? [] : linesOf(found, zone, say);
}

/** The same of one transaction. */
export function linesOf(found: WhoDidIt, zone: TimeZone, say: Say): string[] {
  const { suspects, isCovered } = found;
  const fitting = suspects.filter(({ fits }) => fits || found.sure === 'transaction-id');
  const shown = fitting.length > 0 ? fitting : suspects.slice(0, MOST_OTHERS);
  const more = found.more + suspects.length - shown.length;
  const lines = [headOf(found, shown, say)];
  for (const one of shown) lines.push(`  ${sessionText(one, say)}`, ...statementLines(one, zone, say));
  if (more > 0)
    lines.push(
      `  ${say`transactions of sessions that may have done it as well, by a function or a trigger: ${more}`}`,
    );
  if (!isCovered) lines.push(coverText(found, zone, say));
  return lines;
}

function headOf({ sure, isCovered }: WhoDidIt, shown: readonly Suspect[], say: Say): string {
  if (sure === 'transaction-id') return say`Who: known by the transaction id in the log`;
  if (sure === undefined) {
    return isCovered
      ? say`Who: not known: no statement that the log has around that time fits`
      : say`Who: not known`;
  }
  if (!shown.some(({ fits }) => fits)) {
    return say`Who: by session and time, one of these perhaps, by a function or a trigger`;
  }
  return shown.length === 1
    ? say`Who: by session and time, the only statement that fits in the log`
    : say`Who: by session and time, one of these, whose statements fit`;
}

function coverText({ before, after }: WhoDidIt, zone: TimeZone, say: Say): string {
  if (before !== undefined) {
    return say`The log given does not cover it: its last line before is of ${formatTimestampTz(before, zone)}, and there is none after`;
  }
  return after === undefined
    ? say`The log given does not cover it: no line in it has a time that is known`
    : say`The log given does not cover it: its first line is of ${formatTimestampTz(after, zone)}`;
}

function sessionText({ user, database, client, application, pid, session }: Suspect, say: Say): string {
  const unknown = say`not in the log`;
  const told = (value: string | number | undefined): string =>
    value === undefined ? unknown : printable(String(value));
  const backend = session === undefined ? told(pid) : `${told(pid)} (${printable(session)})`;
  return say`user ${told(user)}, database ${told(database)}, client ${told(client)}, application ${told(application)}, process ${backend}`;
}

function statementLines({ statements, omitted }: Suspect, zone: TimeZone, say: Say): string[] {
  const lines = statements.map((one) => `    ${statementText(one, zone)}`);
  if (omitted > 0) lines.splice(1, 0, `    ${say`statements left out here: ${omitted}`}`);
  return lines.length > 0 ? lines : [`    ${say`its statement is not in the log`}`];
}

/** In one line, whatever its form. */
function statementText({ time, text, isCut, detail }: LoggedStatement, zone: TimeZone): string {
  const whole = text.replace(/\s+/g, ' ').trim();
  const shown = isCut || whole.length > MOST_SHOWN ? `${whole.slice(0, MOST_SHOWN)}…` : whole;
  const more = detail === undefined ? '' : `  -- ${detail.replace(/\s+/g, ' ').slice(0, MOST_SHOWN)}`;
  return `${formatTimestampTz(time, zone)}  ${printable(shown + more)}`;
}

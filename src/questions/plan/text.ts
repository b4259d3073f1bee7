import type { TransactionPoint } from '../../follow/transaction-end.js';
import type { RecoveryStop } from '../../replay/recovery.js';
import { formatRelationName } from '../../replay/relation-names.js';
import { colours } from '../../text/colours.js';
import { printable } from '../../text/printable.js';
import { formatTimestampTz, type TimeZone } from '../../text/timezone.js';
import { toCopy } from '../../text/to-copy.js';
import { ENGLISH, type Say, sayIn, type Tongue } from '../../text/tongue.js';
import { formatLsn } from '../../wal/lsn.js';
import { type Message, message, several } from '../../wal/message.js';
import { withoutEpoch } from '../../wal/xid.js';
import { segmentsSaid } from '../amounts.js';
import { problemText } from '../problem-text.js';
import { TOOL_NAMES } from '../tool-names.js';
import { unloggedText } from '../unlogged.js';
import type { PlannedRecovery } from './ask.js';
import { planFor } from './before-delete.js';
import { leftoverLines } from './leftover-text.js';
import { type ObstacleText, obstacleText, POSITIONS } from './obstacle-text.js';
import type { RecoveryPlan } from './run.js';
import { checkLines, requiredLines, warningLines } from './server-text.js';
import { formatSettings } from './settings.js';
import { pathArgument } from './shell.js';

/** The answer in the order of the questions: can it be done, what comes of it, how. */
export function planText(planned: PlannedRecovery, zone: TimeZone, tongue: Tongue = ENGLISH): string {
  const text = new PlanText(zone, sayIn(tongue));
  return `${text.lines(planned, tongue).join('\n')}\n`;
}

/** Wide enough for the labels of all languages. */
const LABEL_WIDTH = 18;

const row = (label: string, value: string): string => `${label}: `.padEnd(LABEL_WIDTH) + value;

class PlanText {
  constructor(
    private readonly zone: TimeZone,
    private readonly say: Say,
  ) {}

  lines(planned: PlannedRecovery, tongue: Tongue): string[] {
    const { say } = this;
    const obstacle = obstacleText(planned, (time) => formatTimestampTz(time, this.zone), tongue);
    const lines = [
      ...this.head(planned),
      ...this.otherClusters(planned),
      ...this.target(planned),
      ...this.spared(planned),
      ...this.problems(planned),
      ...this.unlogged(planned),
      '',
      ...(obstacle ? this.obstacle(obstacle) : this.reachable(planned)),
      ...this.outcome(planned.plan),
      ...this.segments(planned.plan),
    ];
    if (obstacle !== undefined) return lines;
    return [
      ...lines,
      ...this.files(planned),
      ...leftoverLines(planned, say),
      ...warningLines(planned, say),
      ...this.tool(planned),
      ...this.combine(planned),
      ...this.settings(planned),
      ...requiredLines(planned, say),
      '',
      ...checkLines(planned, say),
    ];
  }

  private head({ backup, storedBackup, plan, format }: PlannedRecovery): string[] {
    const { say } = this;
    const { startLsn, timeline, label } = backup;
    const end = plan.backupEndLsn;
    const range =
      end === undefined ? formatLsn(startLsn) : message`${formatLsn(startLsn)} to ${formatLsn(end)}`;
    const name = label === undefined ? '' : `, "${printable(label)}"`;
    const taken = say`PostgreSQL ${format.version}, ${range}, timeline ${timeline}${name}`;
    const branched =
      plan.timeline === timeline ? '' : `, ${say`recovery goes on to timeline ${plan.timeline}`}`;
    if (storedBackup === undefined) return [row(say`Backup`, taken + branched)];
    const stored = say`${printable(storedBackup.name)} of ${printable(storedBackup.repository)}`;
    return [row(say`Backup`, stored), row(say`Taken`, taken + branched)];
  }

  private otherClusters({ otherClusters }: PlannedRecovery): string[] {
    const { say } = this;
    return otherClusters.map(({ systemIdentifier, segments }) =>
      row(
        say`Left out`,
        say`${segmentsSaid(segments)} of another cluster, of system identifier ${systemIdentifier}`,
      ),
    );
  }

  /** What the server makes of a target that is not what was asked for, letter by letter. */
  private target({ target }: PlannedRecovery): string[] {
    if (target.kind !== 'xid') return [];
    const { say } = this;
    const xid = withoutEpoch(target.xid);
    if (BigInt(xid) === BigInt(target.xid)) return [];
    const text = say`transaction ${xid}: the server does not look at the epoch of ${target.xid}`;
    return [row(say`Target`, text)];
  }

  /** Of a plan before a delete: of which table it is, and what else there is on other timelines. */
  private spared({ spared }: PlannedRecovery): string[] {
    if (spared === undefined) return [];
    const { say } = this;
    const { name, relation, timeline, notOn, others } = spared;
    const lines: string[] = [];
    if (name !== undefined) {
      lines.push(row(say`Table`, `${printable(formatRelationName(name))} (${relation})`));
    }
    if (notOn !== undefined) {
      const text = say`it is the server's default, and has no such commit: this plan is for timeline ${timeline}, as --timeline ${timeline} is`;
      lines.push(row(say`Timeline ${notOn}`, text));
    }
    for (const other of others) {
      const text = say`there the last such commit is another: ${this.commit(other.commit)}; ${planFor(other)} plans for that`;
      lines.push(row(say`Timeline ${other.timeline}`, text));
    }
    return lines;
  }

  private problems({ problems }: PlannedRecovery): string[] {
    if (problems.length === 0) return [];
    const { say } = this;
    return [
      ...problems.map((problem) => colours.yellow(problemText(problem, say))),
      say`There may be a later DELETE, DROP or TRUNCATE than the one that this plan spares.`,
    ];
  }

  private unlogged({ spared }: PlannedRecovery): string[] {
    const warning = spared?.removed && unloggedText(spared.removed, this.say);
    return warning === undefined ? [] : [colours.yellow(warning)];
  }

  private reachable({ target }: PlannedRecovery): string[] {
    const { say } = this;
    return [
      colours.green(
        target.kind === 'latest' ? say`The end of the WAL can be reached.` : say`The target can be reached.`,
      ),
    ];
  }

  private obstacle({ problem, server, advice }: ObstacleText): string[] {
    const { say } = this;
    return [
      colours.red(say`The target cannot be reached.`),
      row(say`Why`, printable(problem)),
      row(say`The server`, printable(server)),
      row(say`What to do`, printable(advice)),
      '',
    ];
  }

  private outcome({ stop, consistentLsn, lastKept, firstLost, committedAfter }: RecoveryPlan): string[] {
    const { say } = this;
    const lines: string[] = [];
    if (stop) lines.push(row(say`Stops`, this.stop(stop)));
    const kept = lastKept ? this.commit(lastKept) : message`none since the backup began`;
    const lost = firstLost ? this.commit(firstLost) : message`none in this WAL`;
    lines.push(
      row(say`Consistent from`, consistentLsn === undefined ? say`never` : formatLsn(consistentLsn)),
      row(say`Last commit kept`, say`${kept}`),
      row(say`First one lost`, say`${lost}`),
    );
    if (committedAfter > 0) {
      const inAll = several(committedAfter, '{0} committed transaction', '{0} committed transactions');
      lines.push(row(say`Lost in all`, say`${inAll}`));
    }
    return lines;
  }

  private stop({ lsn, position, record, xid, time }: RecoveryStop): string {
    const what = record ?? message`a record`;
    const whose = xid === 0 ? what : message`${what} of transaction ${xid}`;
    const at = time === undefined ? '' : `, ${formatTimestampTz(time, this.zone)}`;
    return this.say`${POSITIONS[position]} ${formatLsn(lsn)}, ${whose}${at}`;
  }

  private commit({ xid, lsn, time }: TransactionPoint): Message {
    return message`transaction ${xid}, ${formatTimestampTz(time, this.zone)} (${formatLsn(lsn)})`;
  }

  private segments({ segments }: RecoveryPlan): string[] {
    if (segments.length === 0) return [];
    const { say } = this;
    const listed =
      segments.length <= FEW_SEGMENTS
        ? segments.join(' ')
        : say`${segments.length}, ${segments[0]} to ${segments[segments.length - 1]}`;
    return [row(say`Segments read`, listed)];
  }

  private files({ misnamed, partial }: PlannedRecovery): string[] {
    const { say } = this;
    return [
      ...misnamed.map(({ name, sources }) => row(say`Rename`, say`${printable(sources[0].name)} to ${name}`)),
      ...partial.map(({ name }) =>
        row(say`Partial`, say`of ${name} there is a .partial file only, which will do`),
      ),
    ];
  }

  /** How the tool does it whose backup it is. */
  private tool({ storedBackup, tool }: PlannedRecovery): string[] {
    if (storedBackup === undefined || tool === undefined) return [];
    const { say } = this;
    const name = TOOL_NAMES[storedBackup.tool];
    const hasGaps = /<[\w-]+>/.test(`${tool.restore} ${tool.restoreCommand}`);
    return [
      '',
      hasGaps
        ? say`With ${name}, where what is in angle brackets is for you to fill in:`
        : say`With ${name}:`,
      '',
      `  ${toCopy(printable(tool.restore))}`,
      '',
      say`The server that it makes gets its WAL by this restore_command:`,
      '',
      `  ${toCopy(printable(tool.restoreCommand))}`,
      '',
      tool.leavesTarget
        ? say`It leaves the target to the settings of the server. There either restore_command will do:`
        : say`Without it, restore the backup in any other way, and then:`,
    ];
  }

  private combine({ combines }: PlannedRecovery): string[] {
    if (combines.length === 0) return [];
    const command = `pg_combinebackup ${combines.map(pathArgument).join(' ')} -o <directory>`;
    return [
      '',
      this
        .say`Put the incremental backup together with those that it builds on first (each tablespace also takes -T <old>=<new>):`,
      '',
      `  ${toCopy(printable(command))}`,
    ];
  }

  private settings({ settings, format }: PlannedRecovery): string[] {
    const { say } = this;
    const where =
      format.version < 12
        ? say`Put this into recovery.conf in the restored data folder, in place of what is there, if anything is:`
        : say`Append this to postgresql.auto.conf in the restored data folder, and make an empty file recovery.signal there:`;
    return ['', where, '', ...formatSettings(settings).map((line) => `  ${toCopy(line)}`)];
  }
}

/** More than these are told by the first and the last. */
const FEW_SEGMENTS = 6;

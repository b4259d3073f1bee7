import type { AnswerHead } from '../../cluster/answer-head.js';
import type { Pages } from '../../replay/block-store.js';
import type { Inputs } from '../../sources/input.js';
import { listed } from '../../text/listed.js';
import { UTC } from '../../text/timezone.js';
import { ENGLISH, type Tongue } from '../../text/tongue.js';
import { WalError } from '../../wal/error.js';
import { type Message, message } from '../../wal/message.js';
import { Changes, type ChangesOptions } from '../changes/ask.js';
import type { ChangedTransaction } from '../changes/change.js';
import type { StoredBackupName } from '../given.js';
import type { Platform } from '../platform.js';
import type { WalReach } from '../wal-reach.js';
import { UndoCollector } from './collector.js';
import { type OnConflict, summariesOf, summaryLines, UndoScript } from './script.js';
import type { TableSummary } from './step.js';

/** Which changes are to be taken back: as of `changes`; some transactions, or a time, must be given. */
export interface UndoOptions
  extends Omit<ChangesOptions, 'timezone' | 'removedRows' | 'withLater' | 'system' | 'qualifiedNames'> {
  /** What the script does where a row is not any more what the changes left. Default `stop`: it changes nothing. */
  onConflict?: OnConflict | undefined;
}

/** So many databases are named in a message. */
const MOST_NAMED = 20;

/**
 * SQL that takes changes back: to be gone through once, or closed.
 */
export class Undo {
  private constructor(
    private readonly changes: Changes,
    private readonly collected: UndoCollector,
    private readonly script: UndoScript,
    private readonly pages: Pages,
  ) {}

  /** @internal */
  static async of(inputs: Inputs, options: UndoOptions, platform: Platform): Promise<Undo> {
    const { xids, since, until, start, end } = options;
    if ([xids, since, until, start, end].every((one) => one === undefined)) {
      throw new WalError('usage', message`say what is to be undone: transactions, or since when`);
    }
    const pages = platform.newPages();
    try {
      const forScript = { removedRows: true, definitions: true, qualifiedNames: true, withLater: true };
      const asked = { ...options, timezone: UTC, ...forScript };
      const changes = new Changes(inputs, asked, platform);
      const collected = new UndoCollector(pages.newStore());
      changes.atEnd = (reader) => collected.finish(reader);
      for await (const batch of changes.batches()) for (const change of batch) collected.take(change);
      const { databases } = collected;
      if (databases.size > 1) {
        const names = listed([...databases], MOST_NAMED);
        throw new WalError(
          'usage',
          message`tables of several databases were changed: ${names}; say which one is meant`,
        );
      }
      const script = new UndoScript(collected, changes.head?.postgres ?? 0, options.onConflict ?? 'stop');
      return new Undo(changes, collected, script, pages);
    } catch (error) {
      pages.close();
      throw error;
    }
  }

  /** How many steps there are to take back. */
  get count(): number {
    return this.collected.size;
  }

  /** What is undone, a line for each table. */
  get summary(): readonly Message[] {
    return summaryLines(this.collected.tables);
  }

  /** How many changes cannot be taken back, for their values are not known. */
  get unknown(): number {
    return this.collected.tables.reduce((sum, { summary }) => sum + summary.unknown, 0);
  }

  /** What the transactions took away that the script does not give back, such as columns, a sentence each. */
  get lost(): readonly Message[] {
    return this.collected.lost;
  }

  /** Tables without a key of which nobody knows how many equal rows there are: the script is to be run once only. */
  get isOnceOnly(): boolean {
    return this.collected.isOnceOnly;
  }

  /** The WAL that it was read from. */
  get head(): AnswerHead {
    return this.changes.head!;
  }

  /** In the order in which they committed. */
  get transactions(): readonly ChangedTransaction[] {
    return this.collected.undone;
  }

  get tables(): readonly TableSummary[] {
    return summariesOf(this.collected.tables);
  }

  get storedBackup(): StoredBackupName | undefined {
    return this.changes.storedBackup;
  }

  /** What WAL there is, where there is nothing to undo. */
  get reach(): WalReach | undefined {
    return this.changes.reach;
  }

  get problems(): readonly WalError[] {
    return this.changes.problems;
  }

  /** The script, piece by piece. */
  text(): Iterable<string> {
    return this.textIn(ENGLISH);
  }

  /** The same, with what it begins with for people in a language. @internal */
  textIn(tongue: Tongue): Iterable<string> {
    return this.script.text(tongue);
  }

  /** Frees what the script is made of. */
  close(): void {
    this.pages.close();
  }
}

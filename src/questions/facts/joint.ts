import type { WalFormat } from '../../reader/segment.js';
import { joinSpans, type WalSpan } from '../../reader/span.js';
import type { Lsn } from '../../wal/lsn.js';
import type { WalRecord } from '../../wal/record.js';
import { segmentFileNameOf } from '../../wal/segment-name.js';
import type { FactsQuery } from './collector.js';
import type { FactsPlace } from './layout.js';
import { factsOfRecord } from './scan.js';
import { isSame, type KeptFacts, type KeptSegments } from './segment-facts.js';
import type { FactsStore } from './store.js';

/** A segment's place in the WAL. */
interface At {
  timeline: number;
  start: Lsn;
}

/** What was looked at: it may be replaced meanwhile. */
interface Seen {
  at: At;
  facts: KeptFacts | undefined;
}

/**
 * Keeps the folders of records that run over from one segment to the next ("joints") right. Whoever has put a segment's
 * facts asks for it afterwards, so that of several processes the last one sees all that it takes; and whoever wrote or
 * removed a joint looks whether what it is made of is still the same.
 */
export class Joints {
  /** How many were written, and how many bytes they have. */
  written = 0;
  bytes = 0;

  constructor(
    private readonly store: FactsStore,
    private readonly kept: KeptSegments,
    private readonly format: WalFormat,
  ) {}

  /** Once facts of this segment came to their place: those at both its ends. */
  async settleAround(at: At): Promise<void> {
    for (const owner of await this.ownersAround(at)) await this.settle(owner);
  }

  /**
   * The same where the facts were there already: a process may have been killed before it came to their joints. That of the
   * segment itself is made once more, by which it is known whether the one that is there is damaged.
   */
  async settleLeftover(at: At): Promise<void> {
    for (const owner of await this.ownersAround(at)) {
      if (owner === at || !(await this.isSettled(owner))) await this.settle(owner);
    }
  }

  /** The segment, and that in which the record begins with whose rest this one begins, if there is one. */
  private async ownersAround(at: At): Promise<At[]> {
    const owners = [at];
    for (let last = at; ; ) {
      const left = await this.before(last);
      if (left?.facts === undefined) return owners;
      const { span } = left.facts.state;
      if (span.tail !== undefined) owners.push(left.at);
      if (!isMiddle(span)) return owners;
      last = left.at;
    }
  }

  /** The segment before: where a timeline begins in one, that may be an ancestor's. */
  private async before(at: At): Promise<Seen | undefined> {
    const start = at.start - BigInt(this.format.segmentSize);
    if (start < 0n) return undefined;
    const own = await this.kept.readUsable(this.placeOf(at));
    for (const timeline of new Set([at.timeline, own?.state.header?.timeline ?? at.timeline])) {
      const facts = await this.kept.readUsable(this.placeOf({ timeline, start }));
      if (facts !== undefined) return { at: { timeline, start }, facts };
    }
    return undefined;
  }

  private async isSettled(owner: At): Promise<boolean> {
    const place = this.placeOf(owner);
    const joint = await this.store.look(this.jointOf(owner));
    if (joint === undefined) return false;
    const parts = [place, this.placeOf(this.after(owner))];
    const there = await Promise.all(parts.map((one) => this.store.look(one)));
    return there.every((one) => one !== undefined && one.since <= joint.since);
  }

  private async settle(owner: At): Promise<void> {
    for (;;) {
      const seen: Seen[] = [];
      const record = await this.recordOver(owner, seen);
      if (record === undefined) await this.store.remove(this.jointOf(owner));
      else
        await this.write(owner, record, { records: seen.some(({ facts }) => facts?.tables.has('records')) });
      if (await this.areStill(seen)) return;
    }
  }

  private async areStill(seen: readonly Seen[]): Promise<boolean> {
    for (const { at, facts } of seen) {
      const now = await this.kept.readUsable(this.placeOf(at));
      if (!isSameTable(now?.bytes, facts?.bytes)) return false;
    }
    return true;
  }

  /** The record that begins in a segment and ends after it, where all of it is there. */
  private async recordOver(owner: At, seen: Seen[]): Promise<WalRecord | undefined> {
    const span = (await this.see(owner, seen))?.state.span;
    return span?.tail === undefined ? undefined : this.endOf(span, owner, seen);
  }

  private async endOf(span: WalSpan, last: At, seen: Seen[]): Promise<WalRecord | undefined> {
    const { timeline: own, start } = this.after(last);
    // where the segment is not there, another timeline that began in it has a copy of its beginning
    for (const timeline of [own, ...(await this.timelinesAfter(own))]) {
      const at = { timeline, start };
      const facts = await this.see(at, seen);
      if (facts === undefined || (timeline !== own && facts.state.header?.timeline !== own)) continue;
      const { span: joined, record } = joinSpans(span, facts.state.span);
      if (record !== undefined) return record;
      const goesOn = joined.tail !== undefined && isMiddle(facts.state.span);
      const later = goesOn ? await this.endOf(joined, at, seen) : undefined;
      if (later !== undefined) return later;
    }
    return undefined;
  }

  private async see(at: At, seen: Seen[]): Promise<KeptFacts | undefined> {
    const facts = await this.kept.readUsable(this.placeOf(at));
    seen.push({ at, facts });
    return facts;
  }

  private async write(owner: At, record: WalRecord, query: FactsQuery): Promise<void> {
    const files = factsOfRecord(record, owner.start, query);
    const put = await this.store.put(this.jointOf(owner), files, { replaces: async () => true });
    if (put !== 'made' && put !== 'replaced') return;
    this.written++;
    for (const { bytes } of files) this.bytes += bytes.length;
  }

  private async timelinesAfter(timeline: number): Promise<number[]> {
    const all = await this.store.timelines(this.format.systemIdentifier);
    return all.filter((one) => one > timeline).sort((a, b) => a - b);
  }

  private after({ timeline, start }: At): At {
    return { timeline, start: start + BigInt(this.format.segmentSize) };
  }

  private placeOf({ timeline, start }: At): FactsPlace {
    const { systemIdentifier, segmentSize } = this.format;
    return { systemIdentifier, timeline, name: segmentFileNameOf(timeline, start, segmentSize) };
  }

  private jointOf(owner: At): FactsPlace {
    return { ...this.placeOf(owner), joint: true };
  }
}

const isSameTable = (one: Uint8Array | undefined, other: Uint8Array | undefined): boolean =>
  one === other || (one !== undefined && other !== undefined && isSame(one, other));

/** All of the segment is the middle of a record. */
const isMiddle = ({ firstRecord, tail, heads: [head] }: WalSpan): boolean =>
  firstRecord === undefined && tail === undefined && head?.kind === 'open';

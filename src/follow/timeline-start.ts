import type { Segment } from '../reader/segment.js';
import type { SegmentScan } from '../reader/segment-scan.js';
import { SpanReader } from '../reader/span.js';
import type { RecordData } from '../rmgr/index.js';
import { decode } from '../rmgr/index.js';
import type { Lsn } from '../wal/lsn.js';
import type { WalRecord } from '../wal/record.js';
import { RM_XLOG_ID } from '../wal/rmgr-id.js';

/**
 * The record with which a promoted server begins a timeline: a checkpoint or END_OF_RECOVERY. Only a change of
 * full_page_writes and what gives up a record that was cut off come before it (`StartupXLOG`, xlog.c).
 */
export interface TimelineStart {
  /** The first of these records. */
  from: Lsn;
  lsn: Lsn;
  timeline: number;
  parent: number;
}

/** Looks at one record after the other for those that begin a timeline. Plain data. */
export interface TimelineStarts {
  timelineStarts: TimelineStart[];
  /** Where those of the last records begin that may come before the one that begins a timeline. */
  lead: Lsn | undefined;
}

/** @param data of the record, where it is one of XLOG's */
export function noteTimelineStart(
  starts: TimelineStarts,
  record: WalRecord,
  data: RecordData | undefined,
): void {
  const from = starts.lead ?? record.lsn;
  starts.lead = undefined;
  if (data?.rmgr !== 'XLOG') return;
  switch (data.type) {
    case 'fpw-change':
    case 'overwrite-contrecord':
      starts.lead = from;
      break;
    case 'end-of-recovery':
    case 'checkpoint-shutdown': {
      const { thisTimeLineID: timeline, prevTimeLineID: parent } = data;
      if (timeline !== parent) starts.timelineStarts.push({ from, lsn: record.lsn, timeline, parent });
    }
  }
}

/** Where the timeline of a segment begins in it; undefined where no record there says so. */
export class TimelineStartScan implements SegmentScan<TimelineStart | undefined> {
  private readonly spans = new SpanReader({});
  private readonly starts: TimelineStarts = { timelineStarts: [], lead: undefined };
  private timeline = 0;

  take(window: Segment): void {
    const { starts } = this;
    this.timeline = window.timeline;
    this.spans.read(window, (record) =>
      noteTimelineStart(starts, record, record.rmid === RM_XLOG_ID ? decode(record) : undefined),
    );
  }

  finish(): TimelineStart | undefined {
    return this.starts.timelineStarts.find(({ timeline }) => timeline === this.timeline);
  }
}

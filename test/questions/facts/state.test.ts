import { describe, expect, it } from 'vitest';
import { FactsScan } from '../../../src/questions/facts/scan.js';
import { parseState, type SegmentState, stateJson } from '../../../src/questions/facts/state.js';
import { readTestSegment, segmentPaths } from '../../support/testdata.js';

function stateOf(path: string): SegmentState {
  const scan = new FactsScan({ records: false });
  scan.take(readTestSegment(path));
  const { header, span, sums, pages } = scan.finish();
  const { backupEnds, timelineStarts, lead } = sums.facts;
  const { undecodable, unsettled } = sums;
  return { header, span, undecodable, unsettled, archive: { backupEnds, timelineStarts, lead, ...pages } };
}

/** The same with something else in one place. */
function changed(state: SegmentState, change: (span: SegmentState['span']) => void): string {
  const copy = structuredClone(state);
  change(copy.span);
  return stateJson(copy);
}

describe('the state of a segment', () => {
  const paths = ['15', '18'].flatMap((version) => segmentPaths(`testdata/broad/${version}`));

  it.each(paths)('of %s reads back as it was written', (path) => {
    const state = stateOf(path);
    expect(parseState(stateJson(state), 'x')).toEqual(state);
  });

  const [path] = segmentPaths('testdata/broad/15');
  const tail = {
    segment: { version: 15, start: 0n, startHi: 0, startLo: 0, segmentSize: 1 << 24 },
    offset: 8,
  };

  it('is not made where a record runs over its end of which it has more bytes than fit into text', () => {
    const long = (state: SegmentState): string =>
      changed(state, (span) => {
        span.tail = { ...tail, totalLength: 2 ** 29, bytes: new Uint8Array(450 * 1024 * 1024) };
      });
    expect(() => long(stateOf(path))).toThrow(expect.objectContaining({ code: 'file-too-large' }));
  });

  it.each([
    ['no JSON', () => '{'],
    ['no object', () => 'null'],
    ['an LSN that is text', (state: SegmentState) => changed(state, (span) => (span.start = '0' as never))],
    [
      'a record of a gigabyte of which eight bytes are there, all but one of them missing',
      (state: SegmentState) =>
        changed(state, (span) => (span.tail = { ...tail, totalLength: 2 ** 40, bytes: new Uint8Array(8) })),
    ],
    [
      'a rest that is shorter than it says',
      (state: SegmentState) =>
        changed(state, (span) => {
          const head = { remaining: 2 ** 30, overwrite: false, kind: 'complete' as const, endOffset: 40 };
          span.heads = [{ ...head, segment: tail.segment, bytes: new Uint8Array(8) }];
        }),
    ],
  ])('that is %s is told to be none', (_, make) => {
    expect(() => parseState(make(stateOf(path)), 'x')).toThrow(
      expect.objectContaining({ code: 'bad-facts' }),
    );
  });
});

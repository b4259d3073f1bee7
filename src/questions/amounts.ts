import { type Message, several } from '../wal/message.js';

// numbers of things, for answers in text
export const segmentsSaid = (number: number): Message => several(number, '{0} segment', '{0} segments');
export const rowsSaid = (number: number): Message => several(number, '{0} row', '{0} rows');
export const recordsSaid = (number: number): Message => several(number, '{0} record', '{0} records');
export const problemsSaid = (number: number): Message => several(number, '{0} problem', '{0} problems');
/** Of what a list leaves out. */
export const olderSaid = (number: number): Message =>
  several(number, 'and {0} older one', 'and {0} older ones');

export const timelinesSaid = (timelines: readonly number[]): Message =>
  several(timelines.length, 'timeline {1}', 'timelines {1}', timelines.join(', '));

export const segmentsReadSaid = (number: number, timelines: readonly number[]): Message =>
  several(number, 'Read {0} segment of {1}', 'Read {0} segments of {1}', timelinesSaid(timelines));

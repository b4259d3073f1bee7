import { colours } from './colours.js';

/** Puts what is there to be copied, as a command, into a colour of its own. */
export const toCopy = colours.cyan;

const START = toCopy('\n').split('\n')[0];

/** Whether a line is there to be copied, so that nothing may break it. */
export const isToCopy = (line: string): boolean => line.trimStart().startsWith(START);

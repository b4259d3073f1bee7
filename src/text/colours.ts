import pc from 'picocolors';

const { stdout, env } = process;
const { NO_COLOR: noColour } = env;

/** Colours for standard output: none unless it is a terminal, and none where NO_COLOR is set. */
export const colours = pc.createColors(stdout.isTTY === true && !noColour);

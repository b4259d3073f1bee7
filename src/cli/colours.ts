import pc from 'picocolors';

/** Colours for standard output: none unless it is a terminal, and none where NO_COLOR is set. */
export const colours = pc.createColors(process.stdout.isTTY === true && !process.env['NO_COLOR']);

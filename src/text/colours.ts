import pc from 'picocolors';

/** The colours of a terminal, for texts: whoever prints a text elsewhere takes them away. */
export const colours = pc.createColors(true);

import pc from 'picocolors';

/** The colours of a terminal, for texts: whoever prints a text elsewhere takes them away. */
export const colours = pc.createColors(true);

const COLOUR = new RegExp(`${String.fromCharCode(0x1b)}\\[\\d+m`, 'g');

/** A text as it is printed where there are no colours. */
export const withoutColours = (text: string): string => text.replace(COLOUR, '');

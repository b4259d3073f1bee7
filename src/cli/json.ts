import { printableJson } from '../text/printable.js';

/** A value as the JSON that commands print with `--json`. */
export const jsonText = (value: object): string => `${printableJson(JSON.stringify(value, null, 2))}\n`;
